using ControlPlane.Core.Tests;
using ControlPlane.Files;

namespace ControlPlane.Server.Tests;

/// <summary>
/// Writes what a server is to declare: the small fleet, and the shipped preferences as the only policy.
/// </summary>
internal static class DeclaredTree
{
    /// <summary>Arguments that make a server declare the files.</summary>
    public static IReadOnlyList<string> WriteTo(string directory) => WriteTo(directory, SmallFleet.Files());

    /// <summary>The same with other files of regions.</summary>
    public static IReadOnlyList<string> WriteTo(string directory, IEnumerable<SourceFile> regions)
    {
        const string Preferences = "policies/preferences.yaml";
        var shipped = new SourceFile(Preferences, File.ReadAllText(Path.Combine(Checkout.Root, Preferences)));
        foreach (var file in regions.Append(shipped))
        {
            var path = Path.Combine(directory, file.Path);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!); // a path below the directory has a parent
            File.WriteAllText(path, file.Text);
        }

        return ["--regions", Path.Combine(directory, "regions"), "--policies", Path.Combine(directory, "policies")];
    }
}
