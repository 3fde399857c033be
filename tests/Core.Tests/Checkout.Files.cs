using ControlPlane.Files;

namespace ControlPlane.Core.Tests;

/// <summary>The declared files of the checkout.</summary>
internal static partial class Checkout
{
    /// <summary>Reads declared files below a folder, with paths relative to the checkout.</summary>
    public static IReadOnlyList<SourceFile> Read(string folder) =>
    [
        .. Directory.EnumerateFiles(Path.Combine(Root, folder), "*.yaml", SearchOption.AllDirectories)
            .Select(path => new SourceFile(Path.GetRelativePath(Root, path).Replace('\\', '/'), File.ReadAllText(path)))
            .OrderBy(file => file.Path, StringComparer.Ordinal),
    ];
}
