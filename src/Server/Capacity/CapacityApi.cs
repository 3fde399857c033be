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
            return Task.FromResult(Told(state.World.Fleet, reports, cancellation));
        },
        cancellation);

    /// <summary>Plays one scenario after the other, as long as somebody waits for it and it is not too much.</summary>
    internal static IResult Told(Fleet fleet, IEnumerable<SurvivalReport> reports, CancellationToken cancellation)
    {
        var (answers, workloads) = (new List<ScenarioAnswer>(), 0);
        foreach (var report in reports)
        {
            answers.Add(CapacityWriter.Of(fleet, report));
            workloads += report.Workloads.Count;
            if (answers.Count > 1 && workloads > CapacityOperations.MostWorkloads)
                return new ProblemAnswer([ProblemCatalog.TooMany.At("?scenario",
                    $"{answers.Count} of the scenarios displace {workloads} workloads, and an answer on many has at "
                    + $"most {CapacityOperations.MostWorkloads}; ask for one scenario after the other")]);
            cancellation.ThrowIfCancellationRequested();
        }

        return Results.Ok(new SurvivalAnswer(answers));
    }

    internal static Checked<ScenarioList> Asked(string text, Fleet fleet, DateTimeOffset asOf)
    {
        if (ScenarioText.ListOf(text, fleet, asOf) is { } listed)
        {
            var many = listed.Take(CapacityOperations.MostScenarios + 1).ToSeq();
            return many.Count <= CapacityOperations.MostScenarios
                ? Checked<ScenarioList>.Valid(new(many, true))
                : Checked<ScenarioList>.Invalid([ProblemCatalog.TooMany.At("?scenario",
                    $"'{text}' is more than {CapacityOperations.MostScenarios} scenarios in this fleet; ask for less "
                    + "at once, or for one after the other")]);
        }

        var parsed = ScenarioText.Parse(text, fleet, asOf);
        return parsed.IsValid
            ? Checked<ScenarioList>.Valid(new([parsed.Value], AreMany: false))
            : Checked<ScenarioList>.Invalid(parsed.Problems.Select(problem => problem with { Path = "?scenario" }));
    }

    internal sealed record ScenarioList(Seq<Scenario> Scenarios, bool AreMany);
}
