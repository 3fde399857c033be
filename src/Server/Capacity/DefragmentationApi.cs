using System.ComponentModel;
using System.Globalization;
using ControlPlane.Capacity;
using ControlPlane.Server.Hosting;
using ControlPlane.Server.Identity;
using ControlPlane.Server.Ledger;
using ControlPlane.Workloads;

namespace ControlPlane.Server.Capacity;

/// <summary>Plans moves that would free whole nodes, over HTTP; it carries none of them out.</summary>
internal sealed class DefragmentationApi(StateTurns states)
{
    private const int MostMoves = 10_000;

    private static readonly ApiOperation plan = new(
        "planDefragmentation", "Capacity", "Plan moves that would free whole nodes")
    {
        Needs = Permission.CapacityRead,
        IsOfWholeFleet = true,
        Description =
            "Work of one unit goes to nodes of its own pool that are in use already; what frees the most accelerators "
            + "for each move comes first. What policies, a hold or a gang keep in place stays. Nothing changes.",
        Query =
        [
            new("moves", $"Most moves; {Consolidation.MovedPercent} % of the placements when left out.")
            {
                Whole = (1, MostMoves),
            },
        ],
        Answers = [new(StatusCodes.Status200OK, typeof(DefragmentationAnswer), "the nodes that would be emptied")],
        Problems = [ProblemCatalog.OutOfRange, ProblemCatalog.StoreUnavailable],
    };

    public void Map(IEndpointRouteBuilder routes) =>
        routes.MapRead("/v1/reports/defragmentation", PlanAsync).Declared(plan);

    private Task<IResult> PlanAsync(HttpRequest request, CancellationToken cancellation) => states.OnStateAsync(
        (state, now) =>
        {
            // The edge has checked that it is a number within bounds.
            var most = request.Query["moves"].FirstOrDefault() is { } asked
                ? int.Parse(asked, CultureInfo.InvariantCulture)
                : Math.Clamp(state.World.Placements.Count * Consolidation.MovedPercent / 100, 1, MostMoves);
            return Task.FromResult(Results.Ok(Of(Consolidation.Plan(state.World, state.Law, (most, now)), most)));
        },
        cancellation);

    private static DefragmentationAnswer Of(ConsolidationPlan plan, int most) => new()
    {
        Position = plan.Position,
        AsOf = plan.AsOf,
        MostMoves = most,
        Moves = plan.Moves,
        AcceleratorsOnFreeNodesBefore = plan.WholeNodesBefore,
        AcceleratorsOnFreeNodesAfter = plan.WholeNodesAfter,
        Steps =
        [
            .. plan.Steps.Select(step => new EmptiedNodeAnswer(
                step.Node.Pool.Value, step.Node.ToString(), step.Accelerators, Math.Round(step.GainPerMove, 3),
                [.. step.Moves.Select(Of)])),
        ],
    };

    private static UnitMoveAnswer Of(UnitMove move) => new(
        move.Placement.Id.Value, move.Placement.Request.Tenant.Value, move.Placement.Request.Workload,
        Of(move.From), Of(move.To));

    private static NodePlaceAnswer Of(UnitBinding unit) => new(
        unit.Node.ToString(), [.. Enumerable.Range(0, 64).Where(device => ((unit.Devices >> device) & 1) == 1)]);
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
}

/// <summary>Shows a node that would be emptied, and what that frees for each move.</summary>
internal sealed record EmptiedNodeAnswer(
    string NodePool, string Node, int Accelerators, decimal GainPerMove, IReadOnlyList<UnitMoveAnswer> Moves);

/// <summary>Shows where a placement would go.</summary>
internal sealed record UnitMoveAnswer(
    Guid Placement, string Tenant, string Workload, NodePlaceAnswer From, NodePlaceAnswer To);

/// <summary>Shows a node and accelerators of it.</summary>
internal sealed record NodePlaceAnswer(string Node, IReadOnlyList<int> Devices);
