using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using ControlPlane.Capacity;
using ControlPlane.Failover;
using ControlPlane.Server.Failover;
using ControlPlane.Server.Hosting;
using ControlPlane.Server.Identity;

namespace ControlPlane.Server.Capacity;

/// <summary>Declares the operations by which whole nodes become free.</summary>
internal static class DefragmentationOperations
{
    public const int MostBodyBytes = 64 * 1024;

    public static ApiOperation Plan { get; } = new(
        "planDefragmentation", "Capacity", "Plan moves that would free whole nodes")
    {
        Needs = Permission.CapacityRead,
        IsOfWholeFleet = true,
        Description =
            "Work of one unit goes to nodes of its own pool that are in use already; what frees the most accelerators "
            + "for each move comes first. What policies, a hold or a gang keep in place stays. Nothing changes; the "
            + "digest of the plan is what is approved.",
        Query =
        [
            new("moves", $"Most moves; {Consolidation.MovedPercent} % of the placements when left out.")
            {
                Whole = (1, DefragmentSaga.MostMoves),
            },
        ],
        Answers = [new(StatusCodes.Status200OK, typeof(DefragmentationAnswer), "the nodes that would be emptied")],
        Problems = [ProblemCatalog.OutOfRange, ProblemCatalog.StoreUnavailable],
    };

    public static ApiOperation Apply { get; } = new(
        "applyDefragmentation", "Sites and moves", "Free whole nodes as an approved plan says")
    {
        Needs = Permission.MovesWrite,
        IsOfWholeFleet = true,
        Description =
            "The plan is made again; when it differs from what was approved in anything, nothing happens. Each move is "
            + "looked at once more when its turn comes: it is undone when the law does not let it go there any more, "
            + "or when its node would not become free.",
        Body = new ApiBody(typeof(ApprovedDefragmentationBody), MostBodyBytes,
        [
            new("one", "carry out what was looked at",
                """{ "moves": 40, "because": "room for a gang", "approve": "9f86d081884c7d65" }"""),
        ]),
        Answers = [new(StatusCodes.Status200OK, typeof(PlanAnswer), "the plan, which is under way")],
        Problems =
        [
            .. SitesOperations.OfBodies, ProblemCatalog.OutOfRange, ProblemCatalog.OperatorResidency,
            ProblemCatalog.AgentBudget, ProblemCatalog.PlanVoid,
        ],
    };
}

/// <summary>Names a plan to free whole nodes that was approved.</summary>
internal sealed record ApprovedDefragmentationBody
{
    [Description("Most moves, as the plan was asked for; 2 % of the placements when left out.")]
    [Range(1, DefragmentSaga.MostMoves)]
    public int? Moves { get; init; }

    [MinLength(1), MaxLength(500)]
    public required string Because { get; init; }

    [Description("Digest of the plan that was looked at.")]
    public required string Approve { get; init; }
}

/// <summary>Shows moves that would free whole nodes.</summary>
internal sealed record DefragmentationAnswer
{
    public required long Position { get; init; }
    public required DateTimeOffset AsOf { get; init; }

    [Description("Moves that were allowed.")]
    public required int MostMoves { get; init; }

    [Description("Moves that are planned.")]
    public required int Moves { get; init; }

    [Description("Accelerators on nodes that nothing runs on, as it is.")]
    public required long AcceleratorsOnFreeNodesBefore { get; init; }

    [Description("The same when everything planned is done.")]
    public required long AcceleratorsOnFreeNodesAfter { get; init; }

    [Description("Best first.")]
    public required IReadOnlyList<EmptiedNodeAnswer> Steps { get; init; }

    [Description("What is approved when the plan is to be carried out.")]
    public required string Digest { get; init; }
}

/// <summary>Shows a node that would be emptied, and what that frees for each move.</summary>
internal sealed record EmptiedNodeAnswer(
    string NodePool, string Node, int Accelerators, decimal GainPerMove, IReadOnlyList<UnitMoveAnswer> Moves);

/// <summary>Shows where a placement would go.</summary>
internal sealed record UnitMoveAnswer(
    Guid Placement, string Tenant, string Workload, NodePlaceAnswer From, NodePlaceAnswer To);

/// <summary>Shows a node and accelerators of it.</summary>
internal sealed record NodePlaceAnswer(string Node, IReadOnlyList<int> Devices);
