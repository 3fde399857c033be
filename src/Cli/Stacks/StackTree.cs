using ControlPlane.Cli.Terminal;
using ControlPlane.Files;
using ControlPlane.Regions;
using ControlPlane.Regions.Stacks;

namespace ControlPlane.Cli.Stacks;

/// <summary>The checkout that a command works on: region files, stack files, and the programs built from it.</summary>
internal sealed class StackTree
{
    private const string ProgramPath = "stacks/bin/Release/net10.0/control-plane-stacks.dll";
    private const string PackPath = "policies/pack/bin/Release/net10.0/control-plane-policies.dll";

    private StackTree(string root, Fleet fleet) => (Root, Fleet) = (root, fleet);

    public string Root { get; }

    public Fleet Fleet { get; }

    /// <summary>The folder that the stack program runs in, as under the engine.</summary>
    public string ProgramFolder => Path.Combine(Root, "stacks");

    public string PackProgram => Built(PackPath, "policies/pack");

    public string StackProgram => Built(ProgramPath, "stacks");

    /// <summary>Reads the nearest tree above a folder.</summary>
    public static StackTree Read(string start)
    {
        for (var folder = new DirectoryInfo(start); folder is not null; folder = folder.Parent)
        {
            if (!Directory.Exists(Path.Combine(folder.FullName, "regions", "catalog"))) continue;
            var files = TreeReader.Read(folder.FullName, "regions");
            if (!files.IsValid) throw new CommandFailure(files.Problems);
            var fleet = RegionFiles.Parse(files.Value.Files);
            if (!fleet.IsValid) throw new CommandFailure(fleet.Problems);
            return new StackTree(folder.FullName, fleet.Value);
        }

        throw CommandFailure.Input("file-unreadable", $"no folder regions/catalog is in or above {start}");
    }

    /// <summary>A region that has a stack.</summary>
    public FleetRegion Region(string name)
    {
        if (Fleet.FindRegion(new RegionId(name)) is not { } region)
        {
            var hint = NearestName.Hint(name, [.. Fleet.Regions.Select(item => item.Id.Value)]);
            throw CommandFailure.Input("region-unknown", $"\"{name}\" is no declared region{hint}");
        }

        if (RegionPlanner.HasStack(region)) return region;
        throw CommandFailure.Input(
            "region-unknown", $"{name} has no stack: no cluster of it is a Kubernetes cluster that stands");
    }

    private string Built(string path, string project)
    {
        var full = Path.Combine(Root, path);
        if (File.Exists(full)) return full;
        throw new CommandFailure(ExitCode.InvalidInput, "file-unreadable", $"{path} is not built")
        {
            Hint = $"run: dotnet build {project} -c Release",
        };
    }
}
