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

    /// <summary>Approval that lies beside the policies; null when there is none.</summary>
    public PolicySignature? Signature { get; init; }

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
        var signature = Path.Combine(root, PolicySignature.FilePath);
        var tree = Of(regions.Value.Files, policies.Value.Files);
        return File.Exists(signature) ? tree.SignedBy(InputFile.Read(signature).Text) : tree;
    }

    /// <summary>The tree with the approval that a file holds.</summary>
    public ReviewTree SignedBy(string text)
    {
        var signature = PolicySignature.Parse(text);
        return signature.IsValid
            ? this with { Signature = signature.Value }
            : throw new CommandFailure(signature.Problems);
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
