namespace ControlPlane.Core.Tests.Tidy;

/// <summary>A text file of the checkout, by its path.</summary>
internal static class TextFile
{
    private static readonly string[] Built = ["bin", "obj", "node_modules", "packages"];

    private static readonly string[] Extensions =
        [".cs", ".csproj", ".props", ".sh", ".md", ".yaml", ".yml", ".json", ".sql", ".txt", ".ts", ".css", ".razor"];

    /// <summary>Paths of the text files below a folder, without what a build makes; sorted.</summary>
    public static IReadOnlyList<string> Below(string folder)
    {
        var root = Path.Combine(Checkout.Root, folder);
        return Directory.Exists(root) ? [.. Walk(root).Order(StringComparer.Ordinal)] : [];
    }

    /// <summary>Every text file of the product.</summary>
    public static IReadOnlyList<string> All { get; } =
    [
        .. new[] { "src", "tests", "stacks", "policies", "regions", "docs", ".ci" }.SelectMany(Below),
        .. Directory.EnumerateFiles(Checkout.Root)
            .Select(path => Path.GetFileName(path)!)
            .Where(name => IsText(name) || name is "run" or "test" or "cplane")
            .Order(StringComparer.Ordinal),
    ];

    public static string[] Lines(string path) => File.ReadAllLines(Path.Combine(Checkout.Root, path));

    public static string Read(string path) => File.ReadAllText(Path.Combine(Checkout.Root, path));

    private static IEnumerable<string> Walk(string folder)
    {
        foreach (var file in Directory.EnumerateFiles(folder).Where(IsText))
            yield return Path.GetRelativePath(Checkout.Root, file).Replace('\\', '/');
        foreach (var child in Directory.EnumerateDirectories(folder))
        {
            if (Built.Contains(Path.GetFileName(child)) || new DirectoryInfo(child).LinkTarget is not null) continue;
            foreach (var file in Walk(child)) yield return file;
        }
    }

    private static bool IsText(string path) => Extensions.Contains(Path.GetExtension(path), StringComparer.Ordinal);
}
