using ControlPlane.Inventory;
using ControlPlane.Regions;
using ControlPlane.Workloads;

namespace ControlPlane.Placements;

/// <summary>
/// The sites or regions that units of a class of requests may go to, of one model, in order of the least that each can
/// cost: the part that never changes and, where a domain is one pool, the packing term of one in which just the fewest
/// units that are wanted have room. What the nodes of a pool have room for is remembered until the pool changes. Once
/// it has looked at a domain, doing so again allocates nothing.
/// </summary>
internal sealed class DomainLooks
{
    private readonly UnitNeed need;
    private readonly SpreadDomain over;
    private readonly int packingWeight;

    // Where work is expected, what packs it has a say; not for units that are spread.
    private readonly ExpectedPacking? packing;

    // What every look needs stands by itself and close together.
    private readonly Look[] looks;
    private readonly Stop[] stops;
    private readonly DomainRoom?[] rooms;

    /// <param name="question">A request of the class, on a world and under a law.</param>
    /// <param name="pools">Every lawful, active and capable pool of the model, in the order of the fleet.</param>
    /// <param name="over">What counts as a domain.</param>
    /// <param name="fewest">Units that a domain has room for if it is of any use.</param>
    public DomainLooks(Question question, List<FleetPool> pools, SpreadDomain over, int fewest)
    {
        (need, this.over) = (question.Request.Unit, over);
        var weights = question.Law.Policies.Preferences;
        packingWeight = weights.Packing;
        packing = ExpectedPacking.For(question.World, weights, question.Request);
        var caps = new Caps(question, sku: null);
        var domains = pools
            .GroupBy(pool => over == SpreadDomain.Site ? pool.Site.Index : pool.Region.Index)
            .Select(domain => domain.Select(pool => new Stop
            {
                Pool = pool,
                FixedCost = PoolWalk.FixedCost(question, pool),
                PowerLimit = caps.PowerLimit(pool.Site),
                SeenChanges = -1,
                TermChanges = -1,
            }).ToArray())
            .Select(stops => (Stops: stops, Least: LeastOf(stops, fewest)))
            .OrderBy(domain => domain.Least)
            .ThenBy(domain => IndexOf(domain.Stops[0].Pool))
            .ToList();
        stops = [.. domains.SelectMany(domain => domain.Stops)];
        looks = new Look[domains.Count];
        rooms = new DomainRoom?[domains.Count];
        var first = 0;
        for (var at = 0; at < looks.Length; at++)
        {
            var (ofDomain, least) = domains[at];
            looks[at] = new Look
            {
                LeastCost = (int)least, FixedCost = (int)ofDomain[0].FixedCost, Pool = ofDomain[0].Pool.Index,
                First = first, Stops = ofDomain.Length, Index = IndexOf(ofDomain[0].Pool),
            };
            first += ofDomain.Length;
        }

        Sku = need.NeedsAccelerator ? pools[0].Sku : null;
    }

    public int Count => looks.Length;

    /// <summary>The model; null for work that needs none.</summary>
    public Sku? Sku { get; }

    /// <summary>The least that a domain can cost if it is of any use.</summary>
    public int LeastCost(int at) => looks[at].LeastCost;

    /// <summary>The place of a domain among sites or regions.</summary>
    public int IndexAt(int at) => looks[at].Index;

    /// <summary>Whether a node of a domain has the accelerators that a unit needs whole.</summary>
    public bool MayHaveRoom(int domain, ReadOnlySpan<PoolGlance> glances)
    {
        ref readonly var look = ref looks[domain];
        if (glances[look.Pool].MostWholeFree >= need.Accelerators) return true;
        for (var at = look.First + 1; at < look.First + look.Stops; at++)
        {
            if (glances[stops[at].Pool.Index].MostWholeFree >= need.Accelerators) return true;
        }

        return false;
    }

    /// <summary>
    /// What the cheapest pool of a domain costs now, whether or not that has room; for units that are spread.
    /// </summary>
    public long CostNow(int domain, ReadOnlySpan<PoolGlance> glances)
    {
        ref readonly var look = ref looks[domain];
        long least = look.FixedCost + (packingWeight * Score.FreeShare(glances[look.Pool], need));
        for (var at = look.First + 1; at < look.First + look.Stops; at++)
        {
            ref readonly var stop = ref stops[at];
            least = Math.Min(
                least, stop.FixedCost + (packingWeight * Score.FreeShare(glances[stop.Pool.Index], need)));
        }

        return least;
    }

    /// <summary>A domain as it is now.</summary>
    /// <param name="question">What is asked.</param>
    /// <param name="caps">What reserves and quotas let in; null when nothing but room limits the units.</param>
    /// <param name="at">Which domain.</param>
    public DomainRoom Weigh(Question question, Caps? caps, int at)
    {
        var (world, _, request, _) = question;
        var room = rooms[at] ??= RoomOf(looks[at]);
        var glances = world.Nodes.Glances;
        foreach (ref var stop in stops.AsSpan(looks[at].First, looks[at].Stops))
        {
            ref readonly var glance = ref glances[stop.Pool.Index];
            var isOpen = world.Tenancy.SiteAdmits(stop.Pool.Site.Index, request.Tenant, request.Isolation);
            if (isOpen && stop.SeenChanges != glance.Changes)
            {
                stop.Room = NodeChoice.Room(world, stop.Pool, (0, stop.Pool.Nodes), request);
                stop.SeenChanges = glance.Changes;
            }

            stop.Candidate!.Room = isOpen ? stop.Room : 0; // it was made with the room
            stop.Candidate.Cost = stop.FixedCost + (packingWeight * TermOf(ref stop, glance, request));
        }

        foreach (var site in room.Sites) site.Weigh(world, caps?.Of(site.Site).Units ?? long.MaxValue);
        return room.Weigh(caps?.Of(room.Region).Units ?? long.MaxValue);
    }

    /// <summary>The packing term of a pool.</summary>
    private int TermOf(ref Stop stop, in PoolGlance glance, PlacementRequest request)
    {
        if (packing is null || !ExpectedPacking.Serves(stop.Pool)) return Score.FreeShare(glance, need);
        if (stop.TermChanges != glance.Changes)
            (stop.Term, stop.TermChanges) = (packing.Term(stop.Pool, request), glance.Changes);
        return stop.Term;
    }

    private DomainRoom RoomOf(in Look look)
    {
        var sites = new List<SiteRoom>();
        var end = look.First + look.Stops;
        for (var first = look.First; first < end;)
        {
            var (site, powerLimit) = (stops[first].Pool.Site, stops[first].PowerLimit);
            var pools = new List<Candidate>();
            for (; first < end && stops[first].Pool.Site == site; first++)
            {
                var pool = stops[first].Pool;
                pools.Add(stops[first].Candidate =
                    new Candidate(pool, pool.UnitMilliwatts(need.AcceleratorMilli, need.CpuMilli)));
            }

            sites.Add(new SiteRoom(site, powerLimit, pools));
        }

        return new DomainRoom(over, sites);
    }

    private int IndexOf(FleetPool pool) => over == SpreadDomain.Site ? pool.Site.Index : pool.Region.Index;

    private long LeastOf(Stop[] domain, int fewest) => domain.Length == 1 && packing is null
        ? domain[0].FixedCost + (packingWeight * Score.LeastShare(domain[0].Pool, need, fewest))
        : domain.Min(stop => stop.FixedCost);

    /// <summary>What a look at a domain needs.</summary>
    private struct Look
    {
        public int LeastCost;

        /// <summary>The first pool of the domain, for most the only one, and the part of its cost that never changes.
        /// </summary>
        public int Pool;
        public int FixedCost;

        /// <summary>Site or region.</summary>
        public int Index;
        public int First;
        public int Stops;
    }

    /// <summary>A pool, and what is remembered of it.</summary>
    private struct Stop
    {
        public FleetPool Pool;
        public long FixedCost;
        public long PowerLimit;
        public Candidate? Candidate;
        public int SeenChanges;

        /// <summary>Units that its nodes had room for when it last changed.</summary>
        public int Room;

        /// <summary>The packing term where work is expected, and the change of the pool after which it was found.
        /// </summary>
        public int Term;
        public int TermChanges;
    }
}
