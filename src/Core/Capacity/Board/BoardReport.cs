using ControlPlane.Policies;
using ControlPlane.Regions;
using ControlPlane.Workloads;

namespace ControlPlane.Capacity.Board;

/// <summary>
/// Everything a board is shown about capacity, taken from one state: what there is, what is left, until when, and what
/// survives.
/// </summary>
public sealed record BoardReport
{
    /// <summary>Scenarios that are shown one by one; the rest is counted.</summary>
    private const int MostScenarios = 18;

    public required DateTimeOffset AsOf { get; init; }

    public required long Position { get; init; }

    public required string PolicyDigest { get; init; }

    public required CapacityReport ByJurisdiction { get; init; }

    public required CapacityReport BySku { get; init; }

    public required CapacityReport ByRegion { get; init; }

    /// <summary>Names of jurisdictions, regions and models for people.</summary>
    public required Seq<(string Id, string Name)> Names { get; init; }

    /// <summary>Scenarios that displace something: not survived first, then those that lose most.</summary>
    public required Seq<SurvivalReport> Scenarios { get; init; }

    /// <summary>Scenarios that were assessed, and those of them in which everything recovers.</summary>
    public required (int Assessed, int Survived) Survival { get; init; }

    /// <summary>Contracted megawatts by jurisdiction from each day on which some of them change.</summary>
    public required Seq<BoardGrowth> Growth { get; init; }

    /// <summary>What has to be ordered first, then what runs out first, then what is fullest.</summary>
    public required Seq<Outlook> Outlooks { get; init; }

    /// <summary>Requests that were refused for want of room and still wait.</summary>
    public required Seq<PlacementRequest> Waiting { get; init; }

    /// <summary>Reports on a state; nothing changes.</summary>
    public static BoardReport Of(
        World world, Law law, (Seq<PlacementRequest> Waiting, Seq<Outlook> Outlooks) known, DateTimeOffset asOf)
    {
        var fleet = world.Fleet;
        var all = Scenario.Usual(fleet).Count;
        var assessed = Capacity.Survival.Usual(world, law.Policies, asOf).ToList();
        var touched = assessed
            .OrderBy(report => report.Survives)
            .ThenByDescending(report => report.Shortages.Sum(shortage => shortage.AcceleratorMilli))
            .ThenByDescending(report => report.Workloads.Sum(item => (long)item.Displaced))
            .ThenBy(report => report.Scenario, StringComparer.Ordinal);
        return new BoardReport
        {
            AsOf = asOf,
            Position = world.Position,
            PolicyDigest = law.Policies.Digest,
            ByJurisdiction = Report(CapacityView.Jurisdiction),
            BySku = Report(CapacityView.Sku),
            ByRegion = Report(CapacityView.Region),
            Names = fleet.Catalog.Jurisdictions.Select(item => (item.Id.Value, item.Name))
                .Concat(fleet.Regions.Select(item => (item.Id.Value, item.Spec.Name)))
                .Concat(fleet.Skus.Select(item => (item.Id.Value, item.Model))).ToSeq(),
            Scenarios = touched.Take(MostScenarios).ToSeq(),
            Survival = (all, all - assessed.Count(report => !report.Survives)),
            Growth = BoardGrowth.Of(fleet, asOf),
            Outlooks = known.Outlooks.OrderBy(item => item.OrderBy ?? DateTimeOffset.MaxValue)
                .ThenByDescending(item => item.OrderAmount)
                .ThenBy(item => item.RunsOut ?? DateTimeOffset.MaxValue)
                .ThenByDescending(item => item.Past.Values[^1] / Math.Max(item.LimitAt(asOf), 1e-9))
                .ThenBy(item => item.Region).ThenBy(item => item.Sku?.Value, StringComparer.Ordinal).ToSeq(),
            Waiting = known.Waiting,
        };

        CapacityReport Report(CapacityView view) => CapacityReport.Of(world, law, known.Waiting, (view, asOf));
    }

    /// <summary>Name of a jurisdiction, region or model for people; its id when it has none.</summary>
    public string NameOf(string id) => Names.FirstOrDefault(item => item.Id == id).Name ?? id;

    /// <summary>Region and model of an outlook, or its power.</summary>
    public string NameOf(Outlook outlook) => $"{NameOf(outlook.Region.Value)}, "
        + (outlook.Sku is { } sku ? NameOf(sku.Value) : "power");

    /// <summary>What is lost in a scenario.</summary>
    public string NameOfLoss(string scenario) => scenario.Split(' ') switch
    {
        ["region-lost", var region] => $"{NameOf(region)} is lost",
        ["provider-leaves", var provider] => $"provider {provider} leaves",
        _ => scenario,
    };
}

/// <summary>Contracted megawatts by jurisdiction from a day on.</summary>
public sealed record BoardGrowth(DateOnly From, Seq<(string Jurisdiction, decimal Megawatts)> Parts)
{
    private const int MostYears = 5;

    /// <summary>From today on, for every day in the coming years on which a contract grows.</summary>
    internal static Seq<BoardGrowth> Of(Fleet fleet, DateTimeOffset asOf)
    {
        var today = DateOnly.FromDateTime(asOf.UtcDateTime);
        var days = fleet.Sites.SelectMany(site => site.Spec.Power.Phases).Select(phase => phase.From)
            .Where(day => day > today && day <= today.AddYears(MostYears))
            .Append(today).Distinct().Order();
        return days.Select(day => new BoardGrowth(day, At(fleet, day))).ToSeq();
    }

    private static Seq<(string, decimal)> At(Fleet fleet, DateOnly day) => fleet.Sites
        .GroupBy(site => site.Region.Spec.Jurisdiction.Value, StringComparer.Ordinal)
        .OrderBy(group => group.Key, StringComparer.Ordinal)
        .Select(group => (group.Key, group.Sum(site => MegawattsAt(site, day))))
        .ToSeq();

    private static decimal MegawattsAt(FleetSite site, DateOnly day) =>
        site.FacilityMilliwattsAt(new DateTimeOffset(day.ToDateTime(TimeOnly.MinValue), TimeSpan.Zero)) / 1e9m;
}
