using ControlPlane.Cli.Files;
using ControlPlane.Cli.Terminal;
using ControlPlane.Files;
using ControlPlane.Policies;
using ControlPlane.Regions;
using ControlPlane.Reviews;

namespace ControlPlane.Cli.Policies;

/// <summary>A tree of regions and policies that is sound, ready to be reviewed.</summary>
internal sealed record ReviewTree
{
    public required Seq<SourceFile> RegionFiles { get; init; }

    public required Seq<SourceFile> PolicyFiles { get; init; }

    public required Fleet Fleet { get; init; }

    public required PolicySet Policies { get; init; }

    /// <summary>Where the policies stand.</summary>
    public PolicyPlaces Places => field ??= PolicyPlaces.Of(PolicyFiles);

    /// <summary>Reads the tree below a folder. What makes it unsound ends the command.</summary>
    public static ReviewTree Read(string root)
    {
        var regions = TreeReader.Read(root, CheckScope.Regions);
        var policies = TreeReader.Read(root, CheckScope.Policies);
        var problems = regions.Problems.Concat(policies.Problems).ToSeq();
        if (problems.Count > 0) throw new CommandFailure(problems);
        return Of(regions.Value.Files, policies.Value.Files);
    }

    /// <summary>Makes a tree of files that were read already.</summary>
    public static ReviewTree Of(Seq<SourceFile> regionFiles, Seq<SourceFile> policyFiles)
    {
        var fleet = ControlPlane.Regions.RegionFiles.Parse(regionFiles);
        var policies = ControlPlane.Policies.PolicyFiles.Parse(policyFiles, fleet.IsValid ? fleet.Value : null);
        var problems = fleet.Problems.Concat(policies.Problems).ToSeq();
        return problems.Count > 0 ? throw new CommandFailure(problems) : new ReviewTree
        {
            RegionFiles = regionFiles, PolicyFiles = policyFiles, Fleet = fleet.Value, Policies = policies.Value,
        };
    }
}
