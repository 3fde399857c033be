using Microsoft.CodeAnalysis;

namespace ControlPlane.Core.Tests.Tidy;

/// <summary>The assemblies that samples and sources are compiled against: those of this process but our own.</summary>
internal static class PlatformAssemblies
{
    public static IReadOnlyList<MetadataReference> References { get; } =
    [
        .. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!)
            .Split(Path.PathSeparator)
            .Where(path => !Path.GetFileName(path).StartsWith("ControlPlane.", StringComparison.Ordinal))
            .Select(path => MetadataReference.CreateFromFile(path)),
    ];
}
