using System.Security.Cryptography;

namespace ControlPlane.Sdk.Tests.Conformance;

/// <summary>
/// Finds the official npm packages that the test script installs, and says so where they are not there.
/// </summary>
internal static class OfficialPackages
{
    public static string Folder => Path.Combine(Repository, "tests", "Sdk.Tests", "npm");

    public static string Repository => Core.Tests.Checkout.Root;

    /// <summary>The node_modules folder; null when nothing was installed.</summary>
    public static string? Modules { get; } = FindModules();

    private static string? FindModules()
    {
        var given = Environment.GetEnvironmentVariable("CPLANE_CONFORMANCE_MODULES");
        var cache = Environment.GetEnvironmentVariable("XDG_CACHE_HOME") is { Length: > 0 } home
            ? home
            : Path.Combine(Environment.GetEnvironmentVariable("HOME") ?? "/", ".cache");
        var digest = Convert.ToHexStringLower(
            SHA256.HashData(File.ReadAllBytes(Path.Combine(Folder, "package-lock.json"))))[..16];
        var modules = string.IsNullOrEmpty(given)
            ? Path.Combine(cache, "control-plane", $"conformance-{digest}", "node_modules")
            : given;
        return Directory.Exists(Path.Combine(modules, "@pulumi", "pulumi")) ? modules : null;
    }
}

/// <summary>Marks a test with several cases that needs the official npm packages.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class OfficialTheoryAttribute : TheoryAttribute
{
    public OfficialTheoryAttribute() => Skip = new OfficialFactAttribute().Skip;
}

/// <summary>Marks a test that needs the official npm packages.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class OfficialFactAttribute : FactAttribute
{
    public OfficialFactAttribute()
    {
        if (OfficialPackages.Modules is null)
            Skip = "the official Pulumi packages are not installed: ./test installs them where npm and its registry "
                + "are there";
    }
}
