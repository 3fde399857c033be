using ControlPlane.Policies;
using ControlPlane.Regions;
using ControlPlane.Workloads;

namespace ControlPlane.Capacity;

/// <summary>
/// Asks whether what runs now would survive a scenario: all displaced work is planned at once, by priority, and every
/// place is then taken node by node on a copy, so that what is promised would really fit. Nothing changes.
/// </summary>
public static class Survival
{
    public static SurvivalReport Assess(World world, PolicySet policies, Scenario scenario, DateTimeOffset asOf)
    {
        var (report, purchases) = Play(world, [], (policies, scenario), asOf);
        return report with { Purchases = purchases.For(report.Workloads) };
    }

    /// <summary>
    /// The same as if some more were placed, for a decision, which does not ask what would have to be bought.
    /// </summary>
    internal static SurvivalReport AssessRoom(
        World world, IEnumerable<Placement> more, (PolicySet Policies, Scenario Scenario) asked, DateTimeOffset asOf) =>
        Play(world, more, asked, asOf).Report;

    private static (SurvivalReport Report, Purchases Purchases) Play(
        World world, IEnumerable<Placement> more, (PolicySet Policies, Scenario Scenario) asked, DateTimeOffset asOf)
    {
        var (policies, scenario) = asked;
        var fleet = scenario.Change(world.Fleet);
        var after = EmptyOf(world, fleet, asOf);
        var law = new Law(fleet, policies);
        var displaced = Displacement.Split(world.Placements.Concat(more), after, law, (scenario, asOf));
        var room = new RescueRoom(after, law, scenario, asOf);
        var together = new RescueTogether(room, displaced);
        var rescue = new Rescue(room);
        rescue.Place(displaced, together);
        var targets = rescue.Targets();
        var workloads = Moving(displaced, together)
            .Select(item => Survive((room, together), item, targets.GetValueOrDefault(item.Placement.Id, [])))
            .ToSeq();
        var report = new SurvivalReport
        {
            Scenario = scenario.Name,
            AsOf = asOf,
            Position = world.Position,
            Workloads = workloads,
            Shortages = ShortagesOf(world.Fleet, workloads),
            Purchases = [],
            GapToBound = rescue.GapToBound,
        };
        return (report, new Purchases(room, together));
    }

    /// <summary>
    /// What each region's and each provider's loss would do, as far as it does anything: a loss that touches nothing
    /// that runs is survived and left out.
    /// </summary>
    public static IEnumerable<SurvivalReport> Usual(World world, PolicySet policies, DateTimeOffset asOf) =>
        Each(world, policies, Scenario.Usual(world.Fleet), asOf).Where(report => report.Workloads.Count > 0);

    /// <summary>
    /// What each scenario would do by itself. A loss that touches nothing that runs displaces nothing, and is not
    /// played through.
    /// </summary>
    public static IEnumerable<SurvivalReport> Each(
        World world, PolicySet policies, Seq<Scenario> scenarios, DateTimeOffset asOf)
    {
        var used = world.Placements.SelectMany(placement => placement.Units).Select(unit => unit.Node.Pool).Distinct()
            .Select(pool => world.Fleet.FindPool(pool)!) // a placement is always in a pool that is there
            .ToList();
        foreach (var scenario in scenarios)
        {
            yield return scenario is RegionsLost or SiteLost or ProviderLeaves && !used.Exists(scenario.Loses)
                ? Nothing(world, scenario, asOf)
                : Assess(world, policies, scenario, asOf);
        }
    }

    private static SurvivalReport Nothing(World world, Scenario scenario, DateTimeOffset asOf) => new()
    {
        Scenario = scenario.Name, AsOf = asOf, Position = world.Position, Workloads = [], Shortages = [],
        Purchases = [], GapToBound = 0,
    };

    /// <summary>
    /// A world without work: what operators hold against sites and nodes stays, and so does what is reserved.
    /// </summary>
    internal static World EmptyOf(World world, Fleet fleet, DateTimeOffset asOf)
    {
        var empty = new World { Reservations = world.Reservations };
        empty.Declare(fleet, asOf);
        foreach (var condition in world.Sites.Conditions) empty.Set(condition);
        foreach (var condition in world.ClosedNodes.Conditions) empty.Set(condition.Node, condition);
        return empty;
    }

    /// <summary>Everything that moves, higher priority first.</summary>
    private static IEnumerable<Displaced> Moving(List<Displaced> displaced, RescueTogether together)
    {
        if (together.Along.Count == 0) return displaced;
        var whole = together.Along.ToDictionary(item => item.Placement.Id);
        return displaced.Where(item => !whole.ContainsKey(item.Placement.Id)).Concat(whole.Values)
            .OrderByDescending(item => item.Request.Priority).ThenBy(item => item.Placement.Id.Value);
    }

    private static WorkloadSurvival Survive(
        (RescueRoom Room, RescueTogether Together) by, Displaced item, Seq<SurvivalTarget> targets)
    {
        var recovered = targets.Sum(target => target.Units);
        var why = recovered == 0 ? by.Together.WhyStays(item.Placement.Id) : null;
        var outcome = recovered == item.Moving.Count ? SurvivalOutcome.Recovers
            : recovered > 0 || item.Staying.Count > 0 ? SurvivalOutcome.Degraded
            : by.Room.WhyNowhere(item.Request) is var alone && alone == SurvivalOutcome.NoRoom && why is not null
                ? SurvivalOutcome.NotTogether
            : alone;
        return new WorkloadSurvival(
            item.Placement, item.Moving.Count, recovered,
            item.Moving.Select(unit => unit.Node.Pool).Distinct().Order().ToSeq(), targets, outcome, item.IsUnlawful)
        {
            HasData = by.Room.HasData(item.Request, targets),
            DataTime = by.Room.DataTime(item.Request, targets),
            Group = by.Together.GroupOf(item.Placement.Id),
            GoesAlong = item.GoesAlong,
            Because = why?.Because,
        };
    }

    /// <summary>What is missing stands under the model that the work runs on today.</summary>
    private static Seq<Shortage> ShortagesOf(Fleet fleet, Seq<WorkloadSurvival> workloads)
    {
        var sums = new Dictionary<SkuId, Shortage>();
        Shortage? plain = null;
        foreach (var workload in workloads.Where(workload => workload.Recovered < workload.Displaced))
        {
            var need = workload.Placement.Request.Unit;
            var pool = fleet.FindPool(workload.From[0])!;
            var units = workload.Displaced - workload.Recovered;
            var sku = need.NeedsAccelerator ? pool.Sku!.Id : (SkuId?)null;
            var part = new Shortage(
                sku, units, (long)units * need.AcceleratorMilli,
                units * pool.UnitMilliwatts(need.AcceleratorMilli, need.CpuMilli));
            if (sku is { } id) sums[id] = Sum(sums.GetValueOrDefault(id), part);
            else plain = Sum(plain, part);
        }

        return sums.Values.OrderBy(shortage => shortage.Sku).Concat(plain is null ? [] : [plain]).ToSeq();
    }

    private static Shortage Sum(Shortage? one, Shortage other) => one is null ? other : other with
    {
        Units = one.Units + other.Units,
        AcceleratorMilli = one.AcceleratorMilli + other.AcceleratorMilli,
        FacilityMilliwatts = one.FacilityMilliwatts + other.FacilityMilliwatts,
    };
}
