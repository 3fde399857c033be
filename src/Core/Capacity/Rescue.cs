using ControlPlane.Capacity.Gravity;
using ControlPlane.Placements;
using ControlPlane.Policies;
using ControlPlane.Regions;
using ControlPlane.Workloads;

namespace ControlPlane.Capacity;

/// <summary>
/// Finds places for displaced units on a world of its own: a joint plan over all of them first, then node by node, then
/// whatever the plan could not keep goes where there is still room.
/// </summary>
internal sealed class Rescue(World after, Law law, Scenario scenario, DateTimeOffset asOf)
{
    /// <summary>Cost of a second that data takes to a place, and the most that it counts for.</summary>
    private const long CostOfSecond = 1_000;

    private const long MostSeconds = 1_000_000;

    private readonly DataReach reach = new(law, scenario, DataTerms.Usual, asOf);
    private readonly Dictionary<DecisionId, SortedDictionary<NodePoolId, int>> targets = [];
    private readonly Dictionary<DemandClass, List<FleetPool>> openTo = [];

    /// <summary>Whether any policy caps power or what a tenant may use, so that looking is worth it.</summary>
    private readonly bool hasCaps = law.Policies.Policies
        .SelectMany(policy => policy.Rules)
        .Any(rule => rule is PowerCapRule or QuotaRule or CohortQuotaRule);

    public World After => after;

    public DateTimeOffset AsOf => asOf;

    /// <summary>Places all it can; returns the gap of the plan to its bound, 0 to 1.</summary>
    public double Place(List<Displaced> displaced)
    {
        var gap = 0.0;
        foreach (var needsAccelerator in (bool[])[true, false])
        {
            var part = displaced.FindAll(item => item.Request.Unit.NeedsAccelerator == needsAccelerator);
            var plan = RescuePlan.For(this, part);
            gap = Math.Max(gap, plan.GapToBound);
            foreach (var (item, pool, units) in plan.Shares) Bind(item, pool, units);
            foreach (var item in part) FillUp(item);
        }

        return gap;
    }

    public Seq<SurvivalTarget> TargetsOf(DecisionId id) => targets.TryGetValue(id, out var pools)
        ? pools.Select(pool => new SurvivalTarget(pool.Key, pool.Value)).ToSeq()
        : [];

    /// <summary>Pools that law and hardware open to a request in what is left of the fleet, cheapest first.</summary>
    public List<FleetPool> OpenTo(PlacementRequest request)
    {
        var demand = DemandClass.Of(request);
        if (openTo.TryGetValue(demand, out var known)) return known;
        var lawful = Lawful(request);
        var open = lawful.FindAll(pool => Capability.Suffices(pool, request.Unit))
            .OrderBy(pool => CostAt(pool, request)).ThenBy(pool => pool.Index).ToList();
        openTo.Add(demand, open);
        return open;
    }

    /// <summary>Weighted cost of one unit in a pool; where its data is near goes before everything else.</summary>
    public long CostAt(FleetPool pool, PlacementRequest request) =>
        Score.Of(after, pool, request, law.Policies.Preferences).Cost + CostOfData(pool, request);

    /// <summary>Whether the data of a request is left, and gets to where it goes.</summary>
    public bool HasData(PlacementRequest request, Seq<SurvivalTarget> to) => request.Datasets.Count == 0
        || (reach.IsLeft(request) && to.All(target => TimeTo(target, request) is not null));

    /// <summary>Until its data is at the last of the targets, as far as it gets there.</summary>
    public TimeSpan DataTime(PlacementRequest request, Seq<SurvivalTarget> to) => request.Datasets.Count == 0
        ? TimeSpan.Zero
        : to.Select(target => TimeTo(target, request) ?? TimeSpan.Zero).DefaultIfEmpty(TimeSpan.Zero).Max();

    /// <summary>Facility power that contract and policies leave a request at a site, in milliwatts.</summary>
    public long PowerLeft(FleetSite site, PlacementRequest request) => hasCaps
        ? CapsOn(request, sku: null).PowerLeft(site).Milliwatts
        : PowerFigures.Of(after, site, asOf).FreeMilliwatts;

    /// <summary>Units that the quotas of a pool's region leave a request's tenant.</summary>
    public long QuotaLeft(FleetPool pool, PlacementRequest request) =>
        hasCaps ? CapsOn(request, pool.Sku).Of(pool.Region).Units : long.MaxValue;

    /// <summary>Why a request finds no place at all.</summary>
    public SurvivalOutcome WhyNowhere(PlacementRequest request) =>
        OpenTo(request).Count > 0 ? SurvivalOutcome.NoRoom
            : Lawful(request).Count > 0 ? SurvivalOutcome.NoCapableHardware
            : SurvivalOutcome.NoLawfulPlace;

    private TimeSpan? TimeTo(SurvivalTarget target, PlacementRequest request) =>
        reach.TimeTo(after.Fleet.FindPool(target.Pool)!.Site, request); // a target is a pool of the fleet

    private long CostOfData(FleetPool pool, PlacementRequest request)
    {
        if (request.Datasets.Count == 0) return 0;
        var seconds = reach.TimeTo(pool.Site, request) is { } time
            ? Math.Min(MostSeconds, (long)time.TotalSeconds)
            : 2 * MostSeconds;
        return seconds * CostOfSecond;
    }

    // What moves was counted by quotas over all regions where it was, so only those of a region can be in its way.
    private Caps CapsOn(PlacementRequest request, Sku? sku) =>
        new(new Question(after, law, request, asOf), sku) { WithReserves = false };

    private List<FleetPool> Lawful(PlacementRequest request)
    {
        var lawful = law.LawfulPools(LawSubject.Of(request), asOf);
        return after.Fleet.Pools
            .Where(pool => lawful.Contains(pool.Index) && !scenario.Loses(pool) && Placer.IsActive(pool.Site))
            .ToList();
    }

    private void FillUp(Displaced item)
    {
        foreach (var pool in OpenTo(item.Request))
        {
            var left = item.Moving.Count - TargetsOf(item.Placement.Id).Sum(target => target.Units);
            if (left == 0) return;
            Bind(item, pool, left);
        }
    }

    /// <summary>Binds as many of the units as nodes and power have room for; of a gang all or none.</summary>
    private void Bind(Displaced item, FleetPool pool, int units)
    {
        var need = item.Request.Unit;
        var request = item.Request with { Units = units };
        var milliwatts = pool.UnitMilliwatts(need.AcceleratorMilli, need.CpuMilli);
        var powered = milliwatts == 0
            ? units
            : (int)Math.Min(units, PowerLeft(pool.Site, item.Request) / milliwatts);
        powered = (int)Math.Min(powered, QuotaLeft(pool, request));
        var room = item.Request.Kind == WorkloadKind.Gang
            ? NodeChoice.GangDomain(after, pool, request) is null ? 0 : units
            : NodeChoice.Room(after, pool, (0, pool.Nodes), request);
        var here = Math.Min(room, powered);
        if (here == 0 || (item.Request.Kind == WorkloadKind.Gang && here < units)) return;
        var bindings = new List<UnitBinding>(here);
        NodeChoice.Bind(after, pool, (request with { Units = here }, here), bindings);
        Grow(item.Placement, bindings);
        if (!targets.TryGetValue(item.Placement.Id, out var pools)) targets.Add(item.Placement.Id, pools = []);
        pools[pool.Id] = pools.GetValueOrDefault(pool.Id) + here;
    }

    private void Grow(Placement placement, List<UnitBinding> more)
    {
        var units = more;
        if (after.Find(placement.Id) is { } known)
        {
            after.Remove(placement.Id);
            units = [.. known.Units, .. more];
        }

        after.Add(placement with { Units = units.OrderBy(unit => unit.Node).ThenBy(unit => unit.Devices).ToSeq() });
    }
}
