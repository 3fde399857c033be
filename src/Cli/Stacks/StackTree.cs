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

    private readonly Checked<Fleet> declared;

    private StackTree(string root, Seq<SourceFile> files, Checked<Fleet> declared) =>
        (Root, Files, this.declared) = (root, files, declared);

    /// <summary>The region files as they were read.</summary>
    public Seq<SourceFile> Files { get; }

    public string Root { get; }

    /// <summary>Whether the region files can be used at all.</summary>
    public bool IsSound => declared.IsValid;

    /// <summary>The declared regions; ends the command with all that is wrong where they cannot be used.</summary>
    public Fleet Fleet => declared.IsValid ? declared.Value : throw new CommandFailure(declared.Problems);

    /// <summary>The folder that the stack program runs in, as under the engine.</summary>
    public string ProgramFolder => Path.Combine(Root, "stacks");

    public string PackProgram => Built(PackPath, "policies");

    public string StackProgram => Built(ProgramPath, "stacks");

    /// <summary>Reads the nearest tree above a folder.</summary>
    public static StackTree Read(string start)
    {
        for (var folder = new DirectoryInfo(start); folder is not null; folder = folder.Parent)
        {
            if (!Directory.Exists(Path.Combine(folder.FullName, "regions", "catalog"))) continue;
            var files = TreeReader.Read(folder.FullName, "regions");
            return files.IsValid
                ? new StackTree(folder.FullName, files.Value.Files, RegionFiles.Parse(files.Value.Files))
                : new StackTree(folder.FullName, [], Checked<Fleet>.Invalid(files.Problems));
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
