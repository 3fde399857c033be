using ControlPlane.Files;
using ControlPlane.Regions;

namespace ControlPlane.Pack;

/// <summary>Finds and reads the declared regions that a stack is judged against.</summary>
internal static class RegionTree
{
    private const string Folder = "regions";

    /// <summary>The regions of the nearest tree above one of the folders; refuses to judge without them.</summary>
    public static Fleet Read(IEnumerable<string> starts)
    {
        var tried = starts.Where(start => start.Length > 0).Distinct(StringComparer.Ordinal).ToList();
        var root = tried.Select(Above).OfType<string>().FirstOrDefault()
            ?? throw Refusal.CannotJudge($"no folder regions/catalog is in or above {string.Join(" or ", tried)}");
        var files = TreeReader.Read(root, Folder);
        if (!files.IsValid) throw Refusal.Of(files.Problems, "");
        var fleet = RegionFiles.Parse(files.Value.Files);
        return fleet.IsValid ? fleet.Value : throw Refusal.Of(fleet.Problems, "");
    }

    private static string? Above(string start)
    {
        for (var folder = new DirectoryInfo(start); folder is not null; folder = folder.Parent)
        {
            if (Directory.Exists(Path.Combine(folder.FullName, Folder, "catalog"))) return folder.FullName;
        }

        return null;
    }
}
