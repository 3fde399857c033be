using ControlPlane.Regions;
using ControlPlane.Workloads;

namespace ControlPlane.Capacity;

/// <summary>
/// Says what would have to be bought so that units without a place find one: more nodes of the kind that is there, in
/// the cheapest pool that law, hardware, quotas and power caps open to them; for what is bound to others, at one site.
/// </summary>
internal sealed class Purchases(RescueRoom room, RescueTogether together)
{
    private readonly SortedDictionary<int, Order> orders = [];
    private readonly Dictionary<(TenantId, RegionId), long> unitsOrdered = [];
    private readonly Dictionary<SiteId, long> drawn = [];
    private readonly Dictionary<SiteId, long> contracts = [];
    private readonly Dictionary<DecisionId, SiteId?> siteOf = [];

    public Seq<Purchase> For(Seq<WorkloadSurvival> workloads)
    {
        foreach (var workload in workloads.Where(workload => workload.Recovered < workload.Displaced))
            Add(workload.Placement, workload.Displaced - workload.Recovered);
        return orders.Values.Select(order => new Purchase(
            order.Pool.Id, order.Pool.Site.Id, order.Nodes(), order.Milliwatts, order.MissingMilliwatts)).ToSeq();
    }

    private void Add(Placement placement, int units)
    {
        var request = placement.Request;
        var (group, site) = (together.GroupOf(placement.Id), (SiteId?)null);
        if (group.Count > 1 && (site = SiteOf(group)) is null) return;
        var open = room.OpenTo(request).FindAll(pool => site is null || pool.Site.Id == site);
        if (together.Find(placement.Id) is { Request.Spread: { } spread } && group.Count == 0)
            AddSpread((request, spread), units, open);
        else if (Best(open, request, units) is { } best
            && (best.Most == units || (request.Kind != WorkloadKind.Gang && group.Count == 0))) // as many as nodes help
            Buy(best.Pool, request, best.Most);
    }

    /// <summary>The pool in which nodes help most of the units, the cheapest of equals; null when in none.</summary>
    private (FleetPool Pool, int Most)? Best(List<FleetPool> open, PlacementRequest request, int units)
    {
        (FleetPool Pool, int Most)? best = null;
        foreach (var pool in open)
        {
            var most = Most(pool, request, units);
            if (most > (best?.Most ?? 0)) best = (pool, most);
            if (most == units) break;
        }

        return best;
    }

    /// <summary>Evenly over as few places of one model as it may be spread over; nothing when there are too few.
    /// </summary>
    private void AddSpread((PlacementRequest Request, SpreadNeed Spread) of, int units, List<FleetPool> open)
    {
        var (request, spread) = of;
        var each = (units + spread.MinDomains - 1) / spread.MinDomains;
        var places = open.Where(pool => Most(pool, request, each) == each)
            .GroupBy(pool => request.Unit.NeedsAccelerator ? pool.SkuIndex : -1)
            .Select(pools => pools
                .DistinctBy(pool => spread.Over == SpreadDomain.Site ? pool.Site.Index : pool.Region.Index)
                .Take(spread.MinDomains).ToList())
            .FirstOrDefault(pools => pools.Count == spread.MinDomains) ?? [];
        foreach (var pool in places) Buy(pool, request, each);
    }

    private void Buy(FleetPool pool, PlacementRequest request, int units)
    {
        if (!orders.TryGetValue(pool.Index, out var order)) orders.Add(pool.Index, order = new Order(pool));
        var contract = ContractOf(pool.Site);
        var milliwatts = Draw(pool, request, units);
        drawn[pool.Site.Id] = drawn.GetValueOrDefault(pool.Site.Id) + milliwatts;
        contracts[pool.Site.Id] = Math.Max(contract, ContractFor(pool, request, units: 0) ?? contract);
        order.Add(request, units, ContractOf(pool.Site) - contract);
        var key = (request.Tenant, pool.Region.Id);
        unitsOrdered[key] = unitsOrdered.GetValueOrDefault(key) + units;
    }

    /// <summary>Of so many units, those for which nodes and a contract are all that is missing.</summary>
    private int Most(FleetPool pool, PlacementRequest request, int units)
    {
        if (request.Kind == WorkloadKind.Gang && NodesFor(pool, request, units) > pool.Spec.NodesPerFabricDomain)
            return 0;
        var ordered = unitsOrdered.GetValueOrDefault((request.Tenant, pool.Region.Id));
        var most = (int)Math.Clamp(
            room.UnitsLeft(pool, request with { Units = units + (int)ordered }) - ordered, 0, units);
        if (most == 0 || ContractFor(pool, request, most) is not null) return most;
        // What a policy caps for some units it caps for more.
        var (fits, over) = (0, most);
        while (over - fits > 1)
        {
            var middle = fits + ((over - fits) / 2);
            if (ContractFor(pool, request, middle) is null) over = middle;
            else fits = middle;
        }

        return fits;
    }

    /// <summary>What a site's contract would have to be; null when policies cap it whatever the contract.</summary>
    private long? ContractFor(FleetPool pool, PlacementRequest request, int units) => room.ContractFor(
        pool.Site, request, drawn.GetValueOrDefault(pool.Site.Id) + Draw(pool, request, units));

    private long ContractOf(FleetSite site) =>
        contracts.GetValueOrDefault(site.Id, site.FacilityMilliwattsAt(room.AsOf));

    /// <summary>A site at which all that leaves of a group would be near what it needs; null when none is.</summary>
    private SiteId? SiteOf(Seq<DecisionId> group)
    {
        if (siteOf.TryGetValue(group[0], out var known)) return known;
        var leavers = group.Select(together.Find).OfType<Displaced>().ToList();
        var sites = leavers.ConvertAll(item => room.OpenTo(item.Request).Select(pool => pool.Site).Distinct().ToList());
        var site = sites[0].FirstOrDefault(site =>
            sites.TrueForAll(open => open.Contains(site)) && AreNear(group, leavers, site));
        siteOf.Add(group[0], site?.Id);
        return site?.Id;
    }

    /// <summary>Whether what stays of a group would still be near what of it goes to a site.</summary>
    private bool AreNear(Seq<DecisionId> group, List<Displaced> leavers, FleetSite site) => group
        .Where(id => leavers.TrueForAll(item => item.Placement.Id != id))
        .Select(id => room.After.Find(id)!) // what stays is there
        .All(stays => leavers.TrueForAll(goes =>
            ScopeOf(stays.Request, goes.Request) is not { } scope
            || stays.Units.Select(unit => room.After.Fleet.FindPool(unit.Node.Pool)!.Site).All(other =>
                scope == DependencyScope.Site ? other == site : other.Region == site.Region)));

    /// <summary>How near one of two has to be to the other; null when neither needs the other.</summary>
    private static DependencyScope? ScopeOf(PlacementRequest one, PlacementRequest other)
    {
        var scopes = one.DependsOn.Where(need => need.Workload == other.Workload)
            .Concat(other.DependsOn.Where(need => need.Workload == one.Workload))
            .Select(need => need.Within)
            .ToList();
        return scopes.Count == 0 ? null : scopes.Contains(DependencyScope.Site) ? DependencyScope.Site
            : DependencyScope.Region;
    }

    private static long Draw(FleetPool pool, PlacementRequest request, int units) =>
        units * pool.UnitMilliwatts(request.Unit.AcceleratorMilli, request.Unit.CpuMilli);

    private static int NodesFor(FleetPool pool, PlacementRequest request, int units)
    {
        var packing = new NodePacking(pool.Spec);
        packing.Add(request.Unit, units);
        return packing.Nodes();
    }

    private sealed class Order(FleetPool pool)
    {
        private readonly NodePacking packing = new(pool.Spec);
        private readonly List<int> gangs = [];

        public FleetPool Pool => pool;

        public long Milliwatts { get; private set; }

        public long MissingMilliwatts { get; private set; }

        public void Add(PlacementRequest request, int units, long missingMilliwatts)
        {
            Milliwatts += Draw(pool, request, units);
            MissingMilliwatts += missingMilliwatts;
            if (request.Kind == WorkloadKind.Gang) gangs.Add(NodesFor(pool, request, units));
            else packing.Add(request.Unit, units);
        }

        /// <summary>A gang has a fabric domain of its own, which begins where one ends.</summary>
        public int Nodes()
        {
            if (gangs.Count == 0) return packing.Nodes();
            var domain = pool.Spec.NodesPerFabricDomain;
            var started = pool.Nodes % domain;
            return (started == 0 ? 0 : domain - started) + ((gangs.Count - 1) * domain)
                + gangs[^1] + packing.Nodes();
        }
    }
}
