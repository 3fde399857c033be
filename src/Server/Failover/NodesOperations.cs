using System.ComponentModel;
using ControlPlane.Server.Hosting;
using ControlPlane.Server.Identity;

namespace ControlPlane.Server.Failover;

/// <summary>Declares the operations on nodes.</summary>
internal static class NodesOperations
{
    public const int MostBodyBytes = 64 * 1024;

    private const string Tag = "Sites and moves";

    public static ApiOperation List { get; } = new("listNodeConditions", Tag, "Show nodes that are kept from work")
    {
        Needs = Permission.SitesRead,
        Description = "Nodes that are in use as declared are left out.",
        Answers = [new(StatusCodes.Status200OK, typeof(NodeConditions), "ordered by name")],
        Problems = [ProblemCatalog.StoreUnavailable],
    };

    public static ApiOperation Cordon { get; } = Verb("cordonNode", "Keep new work away from a node");

    public static ApiOperation Uncordon { get; } = Verb("uncordonNode", "Put a node in use again");

    public static ApiOperation Drain { get; } = Verb(
        "drainNode", "Keep new work away from a node, move what is on it, and take it out of use");

    private static ApiOperation Verb(string id, string summary) => new(id, Tag, summary)
    {
        Needs = Permission.SitesOperate,
        Description = "Repeating it changes nothing more. Who said it and why is recorded.",
        PathId = PathIdForm.Name,
        Body = new ApiBody(typeof(StatementBody), MostBodyBytes,
            [new("repair", "for a repair", """{ "because": "a fan is broken" }""")]),
        Answers = [new(StatusCodes.Status200OK, typeof(NodeConditionAnswer), "the node as it is then")],
        Problems = [.. ApiProblems.OfIds, .. SitesOperations.OfBodies],
    };
}

/// <summary>Nodes that are kept from work.</summary>
internal sealed record NodeConditions(IReadOnlyList<NodeConditionAnswer> Nodes);

/// <summary>How one node is.</summary>
internal sealed record NodeConditionAnswer
{
    public required string Node { get; init; }
    public required string NodePool { get; init; }
    public required string? Site { get; init; }

    [Description("in-use, cordoned, draining, or out: drained, and nothing is on it any more.")]
    public required string Duty { get; init; }

    public DateTimeOffset? Since { get; init; }
    public string? Statement { get; init; }
    public required int Placements { get; init; }
    public required int Moving { get; init; }
}
