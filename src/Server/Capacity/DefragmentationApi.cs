using System.Globalization;
using ControlPlane.Capacity;
using ControlPlane.Failover;
using ControlPlane.Ledger;
using ControlPlane.Server.Failover;
using ControlPlane.Server.Hosting;
using ControlPlane.Server.Identity;
using ControlPlane.Server.Ledger;
using ControlPlane.Server.Placements;
using ControlPlane.Workloads;

namespace ControlPlane.Server.Capacity;

/// <summary>Plans moves that would free whole nodes, and has a plan that was approved carried out, over HTTP.</summary>
internal sealed class DefragmentationApi(StateTurns states, DecisionLoop loop)
{
    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapRead("/v1/reports/defragmentation", PlanAsync).Declared(DefragmentationOperations.Plan);
        routes.MapPost("/v1/plans:defragment", ApplyAsync).Declared(DefragmentationOperations.Apply);
    }

    private Task<IResult> PlanAsync(HttpRequest request, CancellationToken cancellation) => states.OnStateAsync(
        (state, now) =>
        {
            // The edge has checked that it is a number within bounds.
            var most = MostOf(state, request.Query["moves"].FirstOrDefault() is { } asked
                ? long.Parse(asked, CultureInfo.InvariantCulture)
                : null);
            var found = Consolidation.Plan(state.World, state.Law, (most, now));
            var digest = PlanDigest.Of(DefragmentPlan.Of(found, state, Guid.Empty));
            return Task.FromResult(Results.Ok(Of(found, most, digest)));
        },
        cancellation);

    private async Task<IResult> ApplyAsync(HttpRequest request, CancellationToken cancellation)
    {
        var (fields, problem) =
            await RequestBody.ReadFieldsAsync(request, DefragmentationOperations.MostBodyBytes, cancellation);
        if (problem is not null) return problem;
        var moves = fields!.Whole("moves", required: false, 1, DefragmentSaga.MostMoves); // no problem: it is there
        var because = SitesApi.Because(fields, required: true);
        var approved = fields.Text("approve", required: true)?.Text;
        fields.Finish();
        if (fields.Wrong.Any) return new ProblemAnswer(fields.Wrong.Problems);
        if (OperatorReach.Problem(
            request.Caller(), loop.Fleet.Regions, new FleetAt(loop.Fleet, DateTimeOffset.UtcNow)) is { } kept)
            return new ProblemAnswer([kept]);
        var plan = await states.OnStateAsync(
            (state, now) => Task.FromResult(DefragmentPlan.Of(
                Consolidation.Plan(state.World, state.Law, (MostOf(state, moves), now)), state,
                Guid.CreateVersion7(now))),
            cancellation);
        var digest = PlanDigest.Of(plan);
        if (digest != approved) return Void($"the plan would be {digest} now; make it again and look at it");
        if (plan.Moves.Count == 0) return Void("there is nothing to move");
        plan = plan with { Because = $"{request.Caller()}: {because}" };
        return await loop.SubmitAsync(new LandPlan(plan, digest), cancellation) switch
        {
            EvacuationPlanned planned => Results.Ok(SitesWriter.Of(planned, loop.Fleet)),
            PlanOutdated outdated => Void($"{outdated.Because}; make it again and look at it"),
            var other => AnswerResults.ProblemOf(other),
        };
    }

    private static int MostOf(LedgerState state, long? asked) => (int)(asked
        ?? Math.Clamp(state.World.Placements.Count * Consolidation.MovedPercent / 100, 1, DefragmentSaga.MostMoves));

    private static ProblemAnswer Void(string detail) => ProblemAnswer.Of(ProblemCatalog.PlanVoid, detail);

    private static DefragmentationAnswer Of(ConsolidationPlan plan, int most, string digest) => new()
    {
        Digest = digest,
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
