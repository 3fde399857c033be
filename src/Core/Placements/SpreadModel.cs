using ControlPlane.Inventory;
using ControlPlane.Regions;
using ControlPlane.Workloads;

namespace ControlPlane.Placements;

/// <summary>
/// Spreads units of a class of requests over the pools of one model. Its domains stand in order of the least that they
/// can cost: the part that never changes and, where a domain is one pool, the packing term of one in which just an even
/// share has room. What the nodes of a pool have room for is remembered until the pool changes. Once it has looked at
/// a domain, doing so again allocates nothing.
/// </summary>
internal sealed class SpreadModel
{
    private readonly UnitNeed need;
    private readonly SpreadNeed spread;
    private readonly int units;
    private readonly int packingWeight;

    // What every look needs stands by itself and close together.
    private readonly Look[] looks;
    private readonly Stop[] stops;
    private readonly DomainRoom?[] rooms;
    private readonly SpreadSplit split;
    private readonly List<DomainRoom> found = [];

    /// <param name="question">A request of the class, on a world and under a law.</param>
    /// <param name="pools">Every lawful, active and capable pool of the model, in the order of the fleet.</param>
    public SpreadModel(Question question, List<FleetPool> pools)
    {
        var request = question.Request;
        (need, spread, units) = (request.Unit, request.Spread!, request.Units); // asked for spread requests only
        packingWeight = question.Law.Policies.Preferences.Packing;
        split = new SpreadSplit(units, spread);
        var caps = new Caps(question, sku: null);
        var domains = pools
            .GroupBy(pool => spread.Over == SpreadDomain.Site ? pool.Site.Index : pool.Region.Index)
            .Select(domain => domain.Select(pool => new Stop
            {
                Pool = pool,
                FixedCost = PoolWalk.FixedCost(question, pool),
                PowerLimit = caps.PowerLimit(pool.Site),
                SeenChanges = -1,
            }).ToArray())
            .Select(stops => (Stops: stops, Least: LeastCost(stops)))
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

    /// <summary>The model; null for work that needs none.</summary>
    public Sku? Sku { get; }

    /// <summary>The domains that the last division uses, each with its units.</summary>
    public List<DomainRoom> Chosen => split.Chosen;

    /// <summary>Divides the units; false when there is no way.</summary>
    /// <param name="question">What is asked.</param>
    /// <param name="caps">What reserves and quotas let in; null when nothing but room limits the units.</param>
    public bool TrySplit(Question question, Caps? caps)
    {
        // Fewer domains than have to be used, or fewer units: there is no way.
        if (looks.Length < spread.MinDomains || split.Even == 0) return false;
        if (caps is not null && caps.Total().Units < units) return false;
        var left = FindCheapest(question, caps);
        if (found.Count < spread.MinDomains && left < spread.MinDomains) return false;
        if (found.Count < spread.MinDomains || !split.TryEven(found))
        {
            FindAll(question, caps);
            if (!split.TrySplit(found)) return false;
        }

        foreach (var domain in split.Chosen) domain.Give();
        return true;
    }

    /// <summary>
    /// Finds the cheapest domains with room for an even share, as many as have to be used, in order of cost.
    /// </summary>
    /// <returns>Domains that may have room for a unit, if all were looked at.</returns>
    private int FindCheapest(Question question, Caps? caps)
    {
        var glances = question.World.Nodes.Glances;
        var (wanted, mayHaveRoom) = (spread.MinDomains, 0);
        found.Clear();
        for (var at = 0; at < looks.Length; at++)
        {
            ref readonly var look = ref looks[at];
            var last = found.Count == wanted ? found[^1] : null;
            if (last is not null && look.LeastCost > last.Cost) break;
            if (!MayHaveRoom(look, glances)) continue;
            mayHaveRoom++;
            var cost = CostNow(look, glances);
            if (last is not null && (cost > last.Cost || (cost == last.Cost && look.Index > last.Index))) continue;
            var room = Weigh(question, caps, at);
            if (room.Room < split.Even) continue;
            if (last is not null) found.RemoveAt(wanted - 1);
            var place = found.Count;
            while (place > 0 && (cost < found[place - 1].Cost
                || (cost == found[place - 1].Cost && look.Index < found[place - 1].Index))) place--;
            found.Insert(place, room);
        }

        return mayHaveRoom;
    }

    /// <summary>Finds every domain with room.</summary>
    private void FindAll(Question question, Caps? caps)
    {
        var glances = question.World.Nodes.Glances;
        found.Clear();
        for (var at = 0; at < looks.Length; at++)
        {
            if (MayHaveRoom(looks[at], glances) && Weigh(question, caps, at) is { Room: > 0 } room) found.Add(room);
        }
    }

    /// <summary>Whether a node of a domain has the accelerators that a unit needs whole.</summary>
    private bool MayHaveRoom(in Look look, ReadOnlySpan<PoolGlance> glances)
    {
        if (glances[look.Pool].MostWholeFree >= need.Accelerators) return true;
        for (var at = look.First + 1; at < look.First + look.Stops; at++)
        {
            if (glances[stops[at].Pool.Index].MostWholeFree >= need.Accelerators) return true;
        }

        return false;
    }

    /// <summary>What the cheapest pool of a domain costs now, whether or not that has room.</summary>
    private long CostNow(in Look look, ReadOnlySpan<PoolGlance> glances)
    {
        long least = look.FixedCost + (packingWeight * Score.FreeShare(glances[look.Pool], need));
        for (var at = look.First + 1; at < look.First + look.Stops; at++)
            least = Math.Min(least, CostNow(stops[at], glances));
        return least;
    }

    private long CostNow(in Stop stop, ReadOnlySpan<PoolGlance> glances) =>
        stop.FixedCost + (packingWeight * Score.FreeShare(glances[stop.Pool.Index], need));

    /// <summary>A domain as it is now.</summary>
    private DomainRoom Weigh(Question question, Caps? caps, int at)
    {
        var (world, _, request, _) = question;
        var room = rooms[at] ??= RoomOf(looks[at]);
        var glances = world.Nodes.Glances;
        foreach (ref var stop in stops.AsSpan(looks[at].First, looks[at].Stops))
        {
            var changes = glances[stop.Pool.Index].Changes;
            var isOpen = world.Tenancy.SiteAdmits(stop.Pool.Site.Index, request.Tenant, request.Isolation);
            if (isOpen && stop.SeenChanges != changes)
            {
                stop.Room = NodeChoice.Room(world, stop.Pool, (0, stop.Pool.Nodes), request);
                stop.SeenChanges = changes;
            }

            stop.Candidate!.Room = isOpen ? stop.Room : 0; // it was made with the room
            stop.Candidate.Cost = CostNow(stop, glances);
        }

        foreach (var site in room.Sites) site.Weigh(world, caps?.Of(site.Site).Units ?? long.MaxValue);
        return room.Weigh(caps?.Of(room.Region).Units ?? long.MaxValue);
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

        return new DomainRoom(spread.Over, sites);
    }

    private int IndexOf(FleetPool pool) => spread.Over == SpreadDomain.Site ? pool.Site.Index : pool.Region.Index;

    /// <summary>The least that a domain with room for an even share can cost.</summary>
    private long LeastCost(Stop[] domain) => domain.Length == 1
        ? domain[0].FixedCost + (packingWeight * Score.LeastShare(domain[0].Pool, need, split.Even))
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
    }
}
