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
    public static SurvivalReport Assess(World world, PolicySet policies, Scenario scenario, DateTimeOffset asOf) =>
        Assess(world, [], (policies, scenario), asOf);

    /// <summary>The same as if some more were placed.</summary>
    internal static SurvivalReport Assess(
        World world, IEnumerable<Placement> more, (PolicySet Policies, Scenario Scenario) asked, DateTimeOffset asOf)
    {
        var (policies, scenario) = asked;
        var fleet = scenario.Change(world.Fleet);
        var after = new World();
        after.Declare(fleet, asOf);
        var law = new Law(fleet, policies);
        var displaced = Displacement.Split(world.Placements.Concat(more), after, law, (scenario, asOf));
        var rescue = new Rescue(after, law, scenario, asOf);
        var gap = rescue.Place(displaced);
        var workloads = displaced.Select(item => Survive(rescue, item)).ToSeq();
        return new SurvivalReport
        {
            Scenario = scenario.Name,
            AsOf = asOf,
            Position = world.Position,
            Workloads = workloads,
            Shortages = ShortagesOf(world.Fleet, workloads),
            Purchases = Purchases.For(rescue, workloads),
            GapToBound = gap,
        };
    }

    /// <summary>
    /// What each region's and each provider's loss would do, as far as it does anything: a loss that touches nothing
    /// that runs is survived and left out.
    /// </summary>
    public static IEnumerable<SurvivalReport> Usual(World world, PolicySet policies, DateTimeOffset asOf)
    {
        var used = world.Placements.SelectMany(placement => placement.Units).Select(unit => unit.Node.Pool).Distinct()
            .Select(pool => world.Fleet.FindPool(pool)!) // a placement is always in a pool that is there
            .ToList();
        return Scenario.Usual(world.Fleet).Where(scenario => used.Exists(scenario.Loses))
            .Select(scenario => Assess(world, policies, scenario, asOf));
    }

    private static WorkloadSurvival Survive(Rescue rescue, Displaced item)
    {
        var targets = rescue.TargetsOf(item.Placement.Id);
        var recovered = targets.Sum(target => target.Units);
        var outcome = recovered == item.Moving.Count ? SurvivalOutcome.Recovers
            : recovered > 0 || item.Staying.Count > 0 ? SurvivalOutcome.Degraded
            : rescue.WhyNowhere(item.Request);
        return new WorkloadSurvival(
            item.Placement, item.Moving.Count, recovered,
            item.Moving.Select(unit => unit.Node.Pool).Distinct().Order().ToSeq(), targets, outcome, item.IsUnlawful)
        {
            HasData = rescue.HasData(item.Request, targets),
            DataTime = rescue.DataTime(item.Request, targets),
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
