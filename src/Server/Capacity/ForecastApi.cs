using System.Globalization;
using ControlPlane.Capacity;
using ControlPlane.Ledger;
using ControlPlane.Server.Hosting;
using ControlPlane.Server.Ledger;

namespace ControlPlane.Server.Capacity;

/// <summary>Reports until when capacity lasts, and how well that would have been foreseen, over HTTP.</summary>
internal sealed class ForecastApi(StateTurns states, UsageStore usage, TimeProvider time)
{
    /// <summary>Forecasts of a backtest.</summary>
    private const int MostForecasts = 20;

    /// <summary>What stands for power where a model is asked for.</summary>
    private const string PowerName = "power";

    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapRead("/v1/reports/forecast", ForecastAsync).Declared(UsageOperations.Forecast);
        routes.MapRead("/v1/reports/backtest", BacktestAsync).Declared(UsageOperations.Backtest);
    }

    /// <summary>Outlooks on a state from the past that is known.</summary>
    public async Task<Seq<Outlook>> PlanAsync(
        LedgerState state, (OutlookQuestion Question, DateTimeOffset AsOf) at, CancellationToken cancellation)
    {
        var past = UsageRows.Series(await usage.DaysAsync(at.AsOf, cancellation), TimeSpan.FromDays(1));
        return OutlookPlanner.Plan(state.World, state.Law, past, at);
    }

    private Task<IResult> ForecastAsync(HttpRequest request, CancellationToken cancellation)
    {
        var usual = OutlookQuestion.Usual;
        var question = new OutlookQuestion(
            Whole(request, "days", usual.Days),
            TimeSpan.FromDays(Whole(request, "lead_days", (int)usual.AcceleratorLeadTime.TotalDays)),
            TimeSpan.FromDays(Whole(request, "power_lead_days", (int)usual.PowerLeadTime.TotalDays)));
        var (region, sku) = (request.Query["region"].FirstOrDefault(), request.Query["sku"].FirstOrDefault());
        return states.OnStateAsync(
            async (state, now) =>
            {
                var unknown = UsageApi.Unknown(state.World.Fleet, region, sku, PowerName).ToSeq();
                if (unknown.Count > 0) return new ProblemAnswer(unknown);
                var outlooks = await PlanAsync(state, (question, now), cancellation);
                return Results.Ok(new ForecastAnswer(now, state.Position,
                [
                    .. outlooks
                        .Where(item => region is null || item.Region.Value == region)
                        .Where(item => sku is null || (item.Sku?.Value ?? PowerName) == sku)
                        .Select(item => AnswerOf(item, now)),
                ]));
            },
            cancellation);
    }

    private async Task<IResult> BacktestAsync(HttpRequest request, CancellationToken cancellation)
    {
        var days = Whole(request, "days", 14);
        var past = UsageRows.Series(await usage.DaysAsync(time.GetUtcNow(), cancellation), TimeSpan.FromDays(1));
        return Results.Ok(new BacktestAnswer([.. past.Select(series => AnswerOf(series, days))]));
    }

    private static BacktestRowAnswer AnswerOf(RegionUsage usage, int days)
    {
        var run = Backtest.Run(usage.Past, days, MostForecasts);
        return new BacktestRowAnswer
        {
            Region = usage.Region.Value,
            Sku = usage.Sku?.Value,
            Forecasts = run?.Forecasts ?? 0,
            Error = Rounded(run?.Error ?? 0),
            LastValueError = Rounded(run?.LastValueError ?? 0),
            SeasonalNaiveError = Rounded(run?.SeasonalNaiveError ?? 0),
            Coverage = run?.Coverage is { } met ? Rounded(met) : null,
            Stated = Rounded(run?.Stated ?? 0),
            Interval = run is null ? null : Names.Of(run.Interval),
            Windows = Math.Round(run?.Windows ?? 0, 1),
        };
    }

    private static OutlookAnswer AnswerOf(Outlook outlook, DateTimeOffset now) => new()
    {
        Region = outlook.Region.Value,
        Sku = outlook.Sku?.Value,
        Unit = outlook.Sku is null ? "megawatts" : "accelerators",
        Used = Rounded(outlook.Past.Values[^1]),
        Limit = Rounded(outlook.LimitAt(now)),
        Reserved = Rounded(outlook.Reserved),
        HistorySteps = outlook.Forecast is HistoryTooShort { HaveSteps: var known } ? known : outlook.Past.Values.Count,
        HistoryNeeded = outlook.Forecast is HistoryTooShort mute ? mute.NeedSteps : null,
        Since = outlook.Forecast.Since,
        RunsOutP50 = outlook.Exhaustion.P50,
        RunsOutP90 = outlook.Exhaustion.P90,
        OrderBy = outlook.OrderBy,
        OrderAmount = outlook.OrderBy is null ? null : Rounded(outlook.OrderAmount),
        StatedUntil = outlook.StatedUntil,
        IsLate = outlook.IsLate(now),
        LawfulOverflow = Rounded(outlook.LawfulOverflow),
        Points = outlook.Forecast is ForecastMade made
            ? [.. made.Points.Select(point => new ForecastPointAnswer(
                point.At, Rounded(point.P10), Rounded(point.P50), Rounded(point.P90),
                Rounded(outlook.LimitAt(point.At))))]
            : [],
    };

    private static double Rounded(double value) => Math.Round(value, 4);

    private static double? Rounded(double? value) => value is { } known ? Rounded(known) : null;

    // Checked at the edge.
    private static int Whole(HttpRequest request, string name, int usual) =>
        request.Query[name].FirstOrDefault() is { } text ? int.Parse(text, CultureInfo.InvariantCulture) : usual;
}
