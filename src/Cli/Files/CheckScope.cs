using ControlPlane.Cli.Terminal;

namespace ControlPlane.Cli.Files;

/// <summary>
/// Which part of which tree a path asks to check. A tree is a folder that holds <c>regions</c> and <c>policies</c>; the
/// files of a tree refer to each other, so the whole tree is always read, and only what is told depends on the path.
/// </summary>
/// <param name="Root">Folder that holds the tree.</param>
/// <param name="Part">Path below the root that was asked for; empty for all of it.</param>
internal sealed record CheckScope(string Root, string Part)
{
    public const string Regions = "regions";
    public const string Policies = "policies";

    public static CheckScope Of(string path)
    {
        if (path.Length == 0) throw CommandFailure.Usage("a path is empty");
        var full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
        if (!Directory.Exists(full) && !File.Exists(full))
            throw CommandFailure.Input("file-unreadable", $"cannot read {path}: there is no such file or folder");
        if (Directory.Exists(Path.Combine(full, Regions)) || Directory.Exists(Path.Combine(full, Policies)))
            return new CheckScope(full, "");
        for (var folder = full; folder is not null; folder = Path.GetDirectoryName(folder))
        {
            if (Path.GetFileName(folder) is not (Regions or Policies) || !Directory.Exists(folder)) continue;
            var root = Path.GetDirectoryName(folder)!;
            return new CheckScope(root, Path.GetRelativePath(root, full).Replace(Path.DirectorySeparatorChar, '/'));
        }

        throw CommandFailure.Input(
            "file-unexpected", $"{path} is neither in a folder named regions or policies nor holds one");
    }

    /// <summary>Whether a file of the tree was asked for.</summary>
    public bool Covers(string file) =>
        Part.Length == 0 || file == Part || file.StartsWith(Part + "/", StringComparison.Ordinal);

    /// <summary>Whether anything in a top folder of the tree was asked for.</summary>
    public bool Touches(string folder) =>
        Part.Length == 0 || Part == folder || Part.StartsWith(folder + "/", StringComparison.Ordinal);
}
