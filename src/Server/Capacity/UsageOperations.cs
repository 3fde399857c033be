using System.ComponentModel;
using ControlPlane.Capacity;
using ControlPlane.Server.Hosting;
using ControlPlane.Server.Identity;
using ControlPlane.Server.Placements;

namespace ControlPlane.Server.Capacity;

/// <summary>Declares the operations on past use and on what follows from it.</summary>
internal static class UsageOperations
{
    /// <summary>Rows of one import; more are sent in several.</summary>
    public const int MostRows = 10_000;

    private const string Tag = "Capacity";

    private static readonly OutlookQuestion usual = OutlookQuestion.Usual;

    public static ApiOperation List { get; } = new("listUsage", Tag, "List what was in use at each hour")
    {
        Needs = Permission.CapacityRead,
        Description = "Hours are kept for 90 days; what is older stands as means of whole days, for five years.",
        Query =
        [
            new("region", "Only this region.") { IsName = true }, new("sku", "Only this model.") { IsName = true },
            QueryParameter.PageSize, QueryParameter.PageToken,
        ],
        Answers = [new(StatusCodes.Status200OK, typeof(UsagePage), "one page, ordered by region, model and time")],
        Problems = [.. ApiProblems.OfListings, ProblemCatalog.RegionUnknown, ProblemCatalog.AcceleratorUnknown],
    };

    public static ApiOperation Import { get; } = new("importUsage", Tag, "Take in past use that was measured elsewhere")
    {
        Needs = Permission.SitesOperate,
        Description =
            "An hour that was imported before is replaced; an hour that this system measured itself stays. Nothing is "
            + "taken in when any row has a problem.",
        Body = new(typeof(UsageImportBody), RequestLimits.BatchBodyBytes,
        [
            new("an-hour", "32 accelerators and half a megawatt", """
                { "rows": [
                  { "hour": "2026-03-01T10:00:00Z", "region": "de-one", "sku": "h100", "usedMilli": 32000 },
                  { "hour": "2026-03-01T10:00:00Z", "region": "de-one", "usedMilli": 500000000 }
                ] }
                """),
        ]),
        Answers = [new(StatusCodes.Status200OK, typeof(UsageImportAnswer), "how many rows count now")],
        Problems =
        [
            .. ApiProblems.OfBodies, ProblemCatalog.OutOfRange, ProblemCatalog.TooMany,
            ProblemCatalog.TimeFormat, ProblemCatalog.RegionUnknown, ProblemCatalog.AcceleratorUnknown,
            .. ApiProblems.OfChanges,
        ],
    };

    public static ApiOperation Forecast { get; } = new("reportForecast", Tag, "Report until when capacity lasts")
    {
        Needs = Permission.CapacityRead,
        IsOfWholeFleet = true,
        Description =
            "Goes on from past use of every region and model, and of every region's power, and holds it against what "
            + "there will be. A series that is too short says so, and since when where use jumped lately. With a tenth "
            + "of a chance use is above p90; p10 and p90 are stated only as far ahead as the past has cases to tell "
            + "them from.",
        Query =
        [
            new("region", "Only this region.") { IsName = true }, new("sku", "Only this model; power: only power.")
            {
                IsName = true,
            },
            new("days", "Days to look ahead.") { Whole = (1, 730), Default = usual.Days },
            new("lead_days", "Days from an order of accelerators until they work.")
            {
                Whole = (0, 3_650), Default = (long)usual.AcceleratorLeadTime.TotalDays,
            },
            new("power_lead_days", "Days from an order of power until it is there.")
            {
                Whole = (0, 3_650), Default = (long)usual.PowerLeadTime.TotalDays,
            },
        ],
        Answers = [new(StatusCodes.Status200OK, typeof(ForecastAnswer), "one outlook for each series")],
        Problems =
        [
            ProblemCatalog.OutOfRange, ProblemCatalog.NameFormat, ProblemCatalog.RegionUnknown,
            ProblemCatalog.AcceleratorUnknown, ProblemCatalog.StoreUnavailable,
        ],
    };

    public static ApiOperation Backtest { get; } = new(
        "reportBacktest", Tag, "Report how forecasts would have done in the past")
    {
        Needs = Permission.CapacityRead,
        IsOfWholeFleet = true,
        Query = [new("days", "Days that each forecast looks ahead.") { Whole = (1, 365), Default = 14 }],
        Answers =
        [
            new(StatusCodes.Status200OK, typeof(BacktestAnswer),
                "errors and coverage of each series, beside the last value and the last season repeated"),
        ],
        Problems = [ProblemCatalog.OutOfRange, ProblemCatalog.StoreUnavailable],
    };
}

/// <summary>Shows a page of past use.</summary>
internal sealed record UsagePage(IReadOnlyList<UsageAnswer> Usage, string? NextPageToken);

/// <summary>Shows what was in use: accelerators of a model, or megawatts where there is no model.</summary>
internal sealed record UsageAnswer(
    string Region, string? Sku, DateTimeOffset Hour,
        [property: Description("Hours of which it is the mean.")] int StepHours,
    decimal? Accelerators, decimal? Megawatts);

/// <summary>Shows the form of past use that is taken in.</summary>
internal sealed record UsageImportBody(IReadOnlyList<UsageImportRow> Rows);

/// <summary>Shows the form of one row that is taken in.</summary>
internal sealed record UsageImportRow(
    [property: Description("A full hour.")] DateTimeOffset Hour, string Region,
    [property: Description("Left out for facility power.")] string? Sku,
    [property: Description("Thousandths of accelerators; milliwatts of facility power.")] long UsedMilli);

/// <summary>Shows what an import did.</summary>
internal sealed record UsageImportAnswer(
    int Taken, [property: Description("Hours that this system had measured itself.")] int Kept);

/// <summary>Shows until when capacity lasts.</summary>
internal sealed record ForecastAnswer(
    DateTimeOffset AsOf, long Position, IReadOnlyList<OutlookAnswer> Outlooks);

/// <summary>Shows one outlook.</summary>
internal sealed record OutlookAnswer
{
    public required string Region { get; init; }

    [Description("Left out for facility power.")]
    public string? Sku { get; init; }

    [AllowedText("accelerators", "megawatts")]
    public required string Unit { get; init; }

    public required double Used { get; init; }

    [Description("What ordinary work may use.")]
    public required double Limit { get; init; }

    [Description("Installed beside that, and kept by reserves.")]
    public required double Reserved { get; init; }

    [Description("Values of the past, and those that a forecast needs when they are too few.")]
    public required int HistorySteps { get; init; }

    public int? HistoryNeeded { get; init; }

    [Description("Since when use has been at its level, where it went there from quite another one; what was before "
        + "is not gone on from. Left out when it never did.")]
    public DateTimeOffset? Since { get; init; }

    [Description("When use comes to what there is at even odds; left out when not within the forecast.")]
    public DateTimeOffset? RunsOutP50 { get; init; }

    [Description("The same with one chance in ten.")]
    public DateTimeOffset? RunsOutP90 { get; init; }

    [Description("Last instant at which an order comes in time for the day on which this and the overflow are full: "
        + "with one chance in ten where that is stated as far ahead as an order takes, else at even odds.")]
    public DateTimeOffset? OrderBy { get; init; }

    [Description("The most by which expected use exceeds both within the forecast: whole nodes of accelerators, or "
        + "megawatts.")]
    public double? OrderAmount { get; init; }

    [Description("Last instant with p10 and p90; left out when the past is too short for any.")]
    public DateTimeOffset? StatedUntil { get; init; }

    public required bool IsLate { get; init; }

    [Description("Free in other models or regions, lawful for everybody who uses this today and able to run it.")]
    public required double LawfulOverflow { get; init; }

    public required IReadOnlyList<ForecastPointAnswer> Points { get; init; }
}

/// <summary>Shows what is expected at an instant.</summary>
internal sealed record ForecastPointAnswer(DateTimeOffset At, double? P10, double P50, double? P90, double Limit);

/// <summary>Shows how forecasts would have done.</summary>
internal sealed record BacktestAnswer(IReadOnlyList<BacktestRowAnswer> Series);

/// <summary>Shows how forecasts of one series would have done.</summary>
internal sealed record BacktestRowAnswer
{
    public required string Region { get; init; }

    public string? Sku { get; init; }

    [Description("0 when the series is too short for one.")]
    public required int Forecasts { get; init; }

    public required double Error { get; init; }
    public required double LastValueError { get; init; }
    public required double SeasonalNaiveError { get; init; }

    [Description("Share of values within the interval, of those that have one; 0.8 is stated. Left out when none has.")]
    public double? Coverage { get; init; }

    [Description("Share of values for which an interval was stated; the past was too short for the others.")]
    public required double Stated { get; init; }

    [Description("Whether the share is within five points of what is stated; left out when the series is too short.")]
    [AllowedText("asStated", "tooNarrow", "tooWide", "notStated")]
    public string? Interval { get; init; }

    [Description("Windows of the test that do not overlap; with few, chance alone moves the share.")]
    public required double Windows { get; init; }
}
