using System.Globalization;
using ControlPlane.Capacity;
using ControlPlane.Capacity.Board;
using ControlPlane.Files;
using ControlPlane.Regions;
using ControlPlane.Server.Hosting;
using ControlPlane.Server.Ledger;
using ControlPlane.Workloads;

namespace ControlPlane.Server.Capacity;

/// <summary>Reports what is left and what would survive, over HTTP.</summary>
internal sealed class CapacityApi(
    StateTurns states, WaitingStore waiting, LookStore looks, ForecastApi forecasts)
{
    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapRead("/v1/reports/capacity", CapacityAsync).Declared(CapacityOperations.Capacity);
        routes.MapRead("/v1/reports/board", BoardAsync).Declared(CapacityOperations.Board);
        routes.MapRead("/v1/reports/survival", SurvivalAsync).Declared(CapacityOperations.Survival);
    }

    private Task<IResult> CapacityAsync(HttpRequest request, CancellationToken cancellation)
    {
        var view = CapacityOperations.ViewOf(request.Query["by"].FirstOrDefault("region")!);
        return states.OnStateAsync(
            async (state, now) =>
            {
                var waits = await WaitingAsync(request, now, cancellation);
                var stale = await looks.StaleAsync(
                    request.Query["stale_seconds"].FirstOrDefault() is { } text
                        ? int.Parse(text, CultureInfo.InvariantCulture) // checked at the edge
                        : CapacityOperations.UsualStaleSeconds,
                    cancellation);
                var question = new CapacityQuestion(state.World, state.Law, waits, stale)
                {
                    Unit = CapacityOperations.UnitOf(request.Query["unit"].FirstOrDefault("accelerators")!), // checked
                };
                return Results.Ok(CapacityWriter.Of(CapacityReport.Of(question, (view, now))));
            },
            cancellation);
    }

    private Task<IResult> BoardAsync(HttpRequest request, CancellationToken cancellation) => states.OnStateAsync(
        async (state, now) =>
        {
            var waits = await WaitingAsync(request, now, cancellation);
            var outlooks = await forecasts.PlanAsync(state, (OutlookQuestion.Usual, now), cancellation);
            var report = BoardReport.Of(state.World, state.Law, (waits, outlooks), now);
            return Results.Ok(new BoardAnswer(report.AsOf, report.Position, BoardHtml.Write(report)));
        },
        cancellation);

    private Task<Seq<PlacementRequest>> WaitingAsync(
        HttpRequest request, DateTimeOffset now, CancellationToken cancellation)
    {
        var hours = request.Query["waiting_hours"].FirstOrDefault() is { } text
            ? int.Parse(text, CultureInfo.InvariantCulture) // checked at the edge
            : CapacityOperations.UsualWaitingHours;
        return waiting.ReadAsync(now.AddHours(-hours), cancellation);
    }

    private Task<IResult> SurvivalAsync(HttpRequest request, CancellationToken cancellation) => states.OnStateAsync(
        (state, now) =>
        {
            var asked = Asked(request.Query["scenario"].FirstOrDefault("usual")!, state.World.Fleet, now);
            if (!asked.IsValid) return Task.FromResult<IResult>(new ProblemAnswer(asked.Problems));
            var (scenarios, areMany) = (asked.Value.Scenarios, asked.Value.AreMany);
            var reports = areMany
                ? Survival.Each(state.World, state.Law.Policies, scenarios, now)
                : [Survival.Assess(state.World, state.Law.Policies, scenarios[0], now)];
            return Task.FromResult(Results.Ok(
                new SurvivalAnswer([.. reports.Select(report => CapacityWriter.Of(state.World.Fleet, report))])));
        },
        cancellation);

    private static Checked<ScenarioList> Asked(string text, Fleet fleet, DateTimeOffset asOf)
    {
        if (ScenarioText.ListOf(text, fleet, asOf) is { } many) return Checked<ScenarioList>.Valid(new(many, true));
        var parsed = ScenarioText.Parse(text, fleet, asOf);
        return parsed.IsValid
            ? Checked<ScenarioList>.Valid(new([parsed.Value], AreMany: false))
            : Checked<ScenarioList>.Invalid(parsed.Problems.Select(problem => problem with { Path = "?scenario" }));
    }

    private sealed record ScenarioList(Seq<Scenario> Scenarios, bool AreMany);
}
