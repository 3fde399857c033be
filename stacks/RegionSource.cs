using ControlPlane.Files;
using ControlPlane.Regions;
using ControlPlane.Regions.Stacks;
using Pulumi;

namespace ControlPlane.Stacks;

/// <summary>Reads what the stack is to declare: the region it is named after, and its settings.</summary>
internal static class RegionSource
{
    private const string Folder = "regions";

    /// <summary>Plans the region; ends the program with everything that is wrong when it cannot.</summary>
    public static RegionPlan Plan(string stack, Config config, DateTimeOffset asOf)
    {
        var files = TreeReader.Read(Root(), Folder);
        var fleet = RegionFiles.Parse(Valid(files).Files);
        var text = new SourceFile($"stacks/config/Pulumi.{stack}.yaml", config.Require("platform"));
        return Valid(RegionPlanner.Plan(Valid(fleet), new RegionId(stack), Valid(StackSettings.Parse(text)), asOf));
    }

    private static T Valid<T>(Checked<T> item) where T : class => item.IsValid
        ? item.Value
        : throw new RunException(string.Join('\n', item.Problems));

    // The engine runs the program in its own folder, which lies in the tree with the region files.
    private static string Root()
    {
        for (var folder = new DirectoryInfo(Environment.CurrentDirectory); folder is not null; folder = folder.Parent)
        {
            if (Directory.Exists(Path.Combine(folder.FullName, Folder, "catalog"))) return folder.FullName;
        }

        throw new RunException($"no folder {Folder}/catalog is in or above {Environment.CurrentDirectory}");
    }
}
