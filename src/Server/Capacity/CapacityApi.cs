using ControlPlane.Capacity;
using ControlPlane.Files;
using ControlPlane.Ledger;
using ControlPlane.Regions;
using ControlPlane.Server.Hosting;
using ControlPlane.Server.Ledger;

namespace ControlPlane.Server.Capacity;

/// <summary>
/// Reports what is left and what would survive, over HTTP. Reports are made on a state of their own, loaded from the
/// ledger, so that the decision loop never waits for one.
/// </summary>
internal sealed class CapacityApi(LedgerStore store, TimeProvider time) : IDisposable
{
    /// <summary>Reports at once; each holds a whole state in memory.</summary>
    private const int ReportsAtOnce = 2;

    private readonly SemaphoreSlim turns = new(ReportsAtOnce);

    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapRead("/v1/reports/capacity", CapacityAsync).Declared(CapacityOperations.Capacity);
        routes.MapRead("/v1/reports/survival", SurvivalAsync).Declared(CapacityOperations.Survival);
    }

    public void Dispose() => turns.Dispose();

    private Task<IResult> CapacityAsync(HttpRequest request, CancellationToken cancellation)
    {
        var view = CapacityOperations.ViewOf(request.Query["by"].FirstOrDefault("region")!);
        return ReportAsync(
            (state, now) => Results.Ok(CapacityWriter.Of(CapacityReport.Of(state.World, state.Law, [], (view, now)))),
            cancellation);
    }

    private Task<IResult> SurvivalAsync(HttpRequest request, CancellationToken cancellation) => ReportAsync(
        (state, now) =>
        {
            var asked = Asked(request.Query["scenario"].FirstOrDefault("usual")!, state.World.Fleet, now);
            if (!asked.IsValid) return new ProblemAnswer(asked.Problems);
            var reports = asked.Value.Scenarios.Select(scenario =>
                Survival.Assess(state.World, state.Law.Policies, scenario, now));
            return Results.Ok(
                new SurvivalAnswer([.. reports.Select(report => CapacityWriter.Of(state.World.Fleet, report))]));
        },
        cancellation);

    /// <summary>Waits for a turn, loads the newest state and reports on it.</summary>
    private async Task<IResult> ReportAsync(
        Func<LedgerState, DateTimeOffset, IResult> report, CancellationToken cancellation)
    {
        await turns.WaitAsync(cancellation);
        try
        {
            var state = await store.LoadAsync(cancellation);
            return report(state, time.GetUtcNow());
        }
        finally
        {
            turns.Release();
        }
    }

    private static Checked<ScenarioList> Asked(string text, Fleet fleet, DateTimeOffset asOf)
    {
        if (text == "usual") return Checked<ScenarioList>.Valid(new(Scenario.Usual(fleet)));
        if (text == "pairs") return Checked<ScenarioList>.Valid(new(Scenario.Pairs(fleet)));
        var parsed = ScenarioText.Parse(text, fleet, asOf);
        return parsed.IsValid
            ? Checked<ScenarioList>.Valid(new([parsed.Value]))
            : Checked<ScenarioList>.Invalid(parsed.Problems.Select(problem => problem with { Path = "?scenario" }));
    }

    private sealed record ScenarioList(Seq<Scenario> Scenarios);
}
