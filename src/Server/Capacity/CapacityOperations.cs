using ControlPlane.Capacity;
using ControlPlane.Server.Hosting;
using ControlPlane.Server.Identity;

namespace ControlPlane.Server.Capacity;

/// <summary>Declares the operations on capacity reports.</summary>
internal static class CapacityOperations
{
    private const string Tag = "Capacity";

    private static readonly Seq<string> Views = Enum.GetNames<CapacityView>()
        .Select(name => name.ToLowerInvariant())
        .ToSeq();

    private static readonly Seq<string> Units = Enum.GetNames<CapacityUnit>()
        .Select(name => name.ToLowerInvariant())
        .ToSeq();

    /// <summary>Hours for which a refused request counts as waiting, unless somebody says otherwise.</summary>
    public const int UsualWaitingHours = 24;

    /// <summary>Seconds for which the look of an agent is good, unless somebody says otherwise.</summary>
    public const int UsualStaleSeconds = 120;

    /// <summary>Scenarios that one question may ask for.</summary>
    public const int MostScenarios = 5_000;

    /// <summary>Displaced workloads in an answer on several scenarios; one by itself shows all it displaces.</summary>
    public const int MostWorkloads = 200_000;

    // Before the operations, since they are part of them.
    /// <summary>Of the text of a scenario.</summary>
    public static Seq<ProblemKind> OfScenarios { get; } =
    [
        ProblemCatalog.ValueUnknown, ProblemCatalog.OutOfRange, ProblemCatalog.RegionUnknown,
        ProblemCatalog.SiteUnknown, ProblemCatalog.ProviderUnknown, ProblemCatalog.EntityUnknown,
        ProblemCatalog.CountryUnknown,
    ];

    private static QueryParameter WaitingHours { get; } = new(
        "waiting_hours", "Hours for which a request that was refused for want of room counts as waiting.")
    {
        Whole = (0, 720),
        Default = UsualWaitingHours,
    };

    public static ApiOperation Capacity { get; } = new(
        "reportCapacity", Tag, "Report what is installed, sold, held, free and stranded")
    {
        Needs = Permission.CapacityRead,
        IsOfWholeFleet = true,
        Description =
            "Usable is what some workload that runs or waits may lawfully use of what is free, with the power there "
                + "is; "
            + "the rest of free is stranded, by its first cause.",
        Query =
        [
            new("by", "What the rows stand for; regions when left out.") { Choices = Views }, WaitingHours,
            new("unit", "What is counted: accelerators when left out, dense TFLOP/s at a precision (bf16, fp8, fp4; "
                + "models without a published figure count as nothing), or facility megawatts at full use.")
            {
                Choices = Units,
            },
            new("stale_seconds", "Seconds after the last look of a site's agent from which what is free there does "
                + "not count as usable.")
            {
                Whole = (1, 86_400),
                Default = UsualStaleSeconds,
            },
        ],
        Answers = [new(StatusCodes.Status200OK, typeof(CapacityAnswer), "rows by name and model, and their sum")],
        Problems = [ProblemCatalog.ValueUnknown, ProblemCatalog.OutOfRange, ProblemCatalog.StoreUnavailable],
    };

    public static ApiOperation Board { get; } = new("reportBoard", Tag, "Report to a board as a page to print")
    {
        Needs = Permission.CapacityRead,
        IsOfWholeFleet = true,
        Description =
            "What is left by jurisdiction in accelerators and megawatts, until when, and what survives: one HTML page "
            + "with charts that needs nothing else, taken from one state.",
        Query = [WaitingHours],
        Answers = [new(StatusCodes.Status200OK, typeof(BoardAnswer), "the page and the state it is of")],
        Problems = [ProblemCatalog.OutOfRange, ProblemCatalog.StoreUnavailable],
    };

    public static ApiOperation Survival { get; } = new(
        "reportSurvival", Tag, "Report what would become of workloads if something were lost")
    {
        Needs = Permission.CapacityRead,
        IsOfWholeFleet = true,
        Description =
            "All displaced work is planned at once, by priority, within the law, and taken node by node on a copy. "
            + "Nothing changes. Without a scenario each region is lost in turn, and each provider leaves. Many at once "
            + $"are at most {MostScenarios} scenarios, which displace at most {MostWorkloads} workloads together; they "
            + "are played through as long as the client waits.",
        Query =
        [
            new("scenario",
                "Many at once: usual (each region, each provider), pairs (every two regions), sales (each operator to "
                + "each country that reaches for data), transfers (each basis ends), delays (power that is still to "
                + $"come, half a year late), all. Or one of: {string.Join("; ", ScenarioText.Forms)}. "
                + "Left out: usual."),
        ],
        Answers = [new(StatusCodes.Status200OK, typeof(SurvivalAnswer), "one report for each scenario")],
        Problems = [.. OfScenarios, ProblemCatalog.TooMany, ProblemCatalog.StoreUnavailable],
    };

    /// <summary>The unit of a name that was checked at the edge.</summary>
    public static CapacityUnit UnitOf(string name) => (CapacityUnit)Units.ToList().IndexOf(name);

    /// <summary>The view of a name that was checked at the edge.</summary>
    public static CapacityView ViewOf(string name) => (CapacityView)Views.ToList().IndexOf(name);
}
