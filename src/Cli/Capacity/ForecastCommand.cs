using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using ControlPlane.Capacity;
using ControlPlane.Cli.Files;
using ControlPlane.Cli.Terminal;

namespace ControlPlane.Cli.Capacity;

/// <summary>Tells until when capacity lasts, and how well that would have been foreseen.</summary>
internal static class ForecastCommand
{
    private const int LargestFileBytes = 256 << 20;

    private static readonly Listing Outlooks = new("outlooks", "v1/reports/forecast", "region",
    [
        Column.Of("region", "region"), new Column("what", What), Column.Number("used", "used"),
        Column.Number("usable", "limit"), Column.Number("reserved", "reserved").Wide(),
        new Column("runsOut", item => Day(item, "runsOutP50")),
        new Column("oneInTen", item => Day(item, "runsOutP90")), new Column("orderBy", OrderBy),
        Column.Number("order", "orderAmount"), Column.Number("overflow", "lawfulOverflow"), new Column("until", Until),
        new Column("stated", item => Day(item, "statedUntil")), Column.Number("history", "historySteps").Wide(),
    ]);

    private static readonly Listing Tests = new("series", "v1/reports/backtest", "region",
    [
        Column.Of("region", "region"), new Column("what", What), Column.Number("forecasts", "forecasts"),
        Column.Number("error", "error"), Column.Number("lastValue", "lastValueError"),
        Column.Number("lastSeason", "seasonalNaiveError"), Column.Number("coverage", "coverage"),
        Column.Number("stated", "stated"), Column.Of("interval", "interval"), Column.Number("windows", "windows"),
        new Column("beats", Beats),
    ]);

    public static Command Build(GlobalOptions global)
    {
        var (region, sku) = (new Option<string?>("--region") { Description = "Only this region" },
            new Option<string?>("--sku") { Description = "Only this accelerator model; power: only power" });
        var days = Whole("--days", "Days to look ahead", 180);
        var lead = Whole("--lead-days", "Days from an order of accelerators until they work", 112);
        var powerLead = Whole("--power-lead-days", "Days from an order of power until it is there", 364);
        var command = new Command("forecast", "Tell until when accelerators and power last")
        {
            region, sku, days, lead, powerLead, Backtest(global),
        };
        global.Let(command, async (run, cancellation) =>
        {
            var query = $"days={run.Get(days)}&lead_days={run.Get(lead)}&power_lead_days={run.Get(powerLead)}";
            if (run.Get(region) is { } name) query += $"&region={Uri.EscapeDataString(name)}";
            if (run.Get(sku) is { } model) query += $"&sku={Uri.EscapeDataString(model)}";
            var answer = await run.Server.GetAsync($"v1/reports/forecast?{query}", cancellation);
            if (!DataText.Print(run.Screen, run.Format, answer))
                Outlooks.Print(run.Screen, run.Format, answer.Items("outlooks"));
            if (!answer.Items("outlooks").Any()) Screen.Note("there is no past use yet; cplane usage import takes "
                + "some in");
            return ExitCode.Ok;
        });
        return command;
    }

    private static Command Backtest(GlobalOptions global)
    {
        var days = Whole("--days", "Days that each forecast looks ahead", 14);
        var file = new Option<string?>("--file")
        {
            Description = $"Past use to test on instead of the server's: CSV with {UsageText.Header}",
            HelpName = "FILE.csv",
        };
        var command = new Command("backtest", "Tell how forecasts would have done, beside the last value and the "
            + "last season")
        {
            days, file,
        };
        global.Let(command, async (run, cancellation) =>
        {
            var answer = run.Get(file) is { } path
                ? OfFile(path, run.Get(days))
                : await run.Server.GetAsync($"v1/reports/backtest?days={run.Get(days)}", cancellation);
            if (!DataText.Print(run.Screen, run.Format, answer))
                Tests.Print(run.Screen, run.Format, answer.Items("series"));
            return ExitCode.Ok;
        });
        return command;
    }

    private static JsonElement OfFile(string path, int days)
    {
        const int mostForecasts = 20;
        var source = InputFile.Read(path, LargestFileBytes);
        var parsed = UsageText.Parse(source.Text);
        if (!parsed.IsValid)
            throw new CommandFailure(parsed.Problems.Select(problem => problem with { File = source.Path }).ToSeq());
        var series = UsageRows.Days(parsed.Value.Rows).Select(usage =>
        {
            var run = ControlPlane.Capacity.Backtest.Run(usage.Past, days, mostForecasts);
            return new
            {
                region = usage.Region.Value,
                sku = usage.Sku?.Value,
                forecasts = run?.Forecasts ?? 0,
                error = Math.Round(run?.Error ?? 0, 4),
                lastValueError = Math.Round(run?.LastValueError ?? 0, 4),
                seasonalNaiveError = Math.Round(run?.SeasonalNaiveError ?? 0, 4),
                coverage = run?.Coverage is { } met ? Math.Round(met, 4) : (double?)null,
                stated = Math.Round(run?.Stated ?? 0, 4),
                interval = run is null ? null : JsonNamingPolicy.CamelCase.ConvertName($"{run.Interval}"),
                windows = Math.Round(run?.Windows ?? 0, 1),
            };
        });
        return JsonSerializer.SerializeToElement(new { series });
    }

    private static Option<int> Whole(string name, string description, int usual) =>
        new(name) { Description = description, DefaultValueFactory = _ => usual, HelpName = "N" };

    private static string What(JsonElement item) => item.Has("sku") ? item.Text("sku") : "power, MW";

    private static string Day(JsonElement item, string field) =>
        item.Text(field) is { Length: > 0 } text
            ? DateTimeOffset.Parse(text, CultureInfo.InvariantCulture).ToString("yyyy-MM-dd",
                CultureInfo.InvariantCulture)
            : "";

    private static string OrderBy(JsonElement item) => item.Flag("isLate") ? "NOW" : Day(item, "orderBy");

    private static string Until(JsonElement item) => item.Has("historyNeeded")
        ? $"too short: {item.Text("historySteps")} of {item.Text("historyNeeded")} days"
            + (item.Has("since") ? $" since {Day(item, "since")}" : "")
        : item.Items("points").Select(point => Day(point, "at")).LastOrDefault("");

    private static string Beats(JsonElement item)
    {
        if (item.Whole("forecasts") == 0) return "too short";
        var (own, last, season) = (
            item.Decimal("error"), item.Decimal("lastValueError"), item.Decimal("seasonalNaiveError"));
        return (own <= last, own <= season) switch
        {
            (true, true) => "both",
            (true, false) => "last value only",
            (false, true) => "last season only",
            _ => "neither",
        };
    }
}
