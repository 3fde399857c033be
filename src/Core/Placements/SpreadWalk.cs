using ControlPlane.Inventory;
using ControlPlane.Regions;
using ControlPlane.Workloads;

namespace ControlPlane.Placements;

/// <summary>
/// Spreads units over sites or regions without looking at every pool. For each model the domains stand in order of the
/// part of their cost that never changes; the walk ends where that part alone is dearer than the dearest domain that
/// would be chosen. It answers only where it can tell that looking at every pool would give the same.
/// </summary>
internal sealed class SpreadWalk
{
    private readonly PlacementRequest request;
    private readonly SpreadNeed spread;
    private readonly List<Model> models;

    /// <param name="question">A request of the class, on a world and under a law.</param>
    /// <param name="capable">Every lawful, active and capable pool.</param>
    public SpreadWalk(Question question, List<FleetPool> capable)
    {
        request = question.Request;
        spread = request.Spread!; // asked for spread requests only
        models =
        [
            .. Placer.BySku(question, capable)
                .Select(model => new Model(model.Sku, DomainsOf(question, model.Pools))),
        ];
        Length = capable.Count;
    }

    /// <summary>Pools that the walk remembers something about.</summary>
    public int Length { get; }

    /// <summary>
    /// The pools of domains where a node has the accelerators that a unit needs whole, in the order of the fleet. The
    /// others have no room. What costs of a domain count with all its pools, so it comes whole.
    /// </summary>
    public List<FleetPool> WithRoom(World world)
    {
        var pools = new List<FleetPool>();
        foreach (var domain in models.SelectMany(model => model.Domains))
        {
            if (HasAccelerators(world, domain)) pools.AddRange(domain.Sites.SelectMany(site => site));
        }

        pools.Sort((one, other) => one.Index.CompareTo(other.Index));
        return pools;
    }

    private bool HasAccelerators(World world, Domain domain)
    {
        var glances = world.Nodes.Glances;
        foreach (var site in domain.Sites)
        {
            foreach (var pool in site)
            {
                if (glances[pool.Index].MostWholeFree >= request.Unit.Accelerators) return true;
            }
        }

        return false;
    }

    /// <summary>The cheapest spread over the models; null when only looking at every pool can tell.</summary>
    public Candidates? Find(Question question)
    {
        Candidates? best = null;
        var bestCost = long.MaxValue;
        foreach (var model in models)
        {
            // Fewer domains than have to be used: this model cannot serve the request.
            if (model.Domains.Length < spread.MinDomains) continue;
            if (Find(question, model) is not { } found) return null;
            var cost = Placer.CostOf(found);
            if (cost < bestCost) (best, bestCost) = (found, cost);
        }

        return best;
    }

    /// <summary>The spread over the cheapest domains with room for an even share.</summary>
    private Candidates? Find(Question question, Model model)
    {
        var caps = new Caps(question, model.Sku);
        var least = request.Units / spread.MinDomains;
        if (least == 0 || caps.Total().Units < request.Units) return null;
        var chosen = Cheapest(question, model, (caps, least));
        if (chosen.Count < spread.MinDomains) return null;
        var regions = chosen.GroupBy(domain => domain.Domain.Region.Index)
            .Select(group => new RegionRoom(
                group.First().Domain.Region, caps.Of(group.First().Domain.Region).Units,
                [.. group.SelectMany(domain => domain.Sites)]))
            .ToList();
        // Where a region lets in fewer than its domains would get, others have to be weighed.
        foreach (var region in regions)
        {
            var domains = chosen.Count(domain => domain.Domain.Region == region.Region);
            if ((long)domains * least > region.Cap) return null;
        }

        var split = chosen.ConvertAll(domain => (
            domain.Domain.Index, domain.Room, domain.Cost,
            regions.First(region => region.Region == domain.Domain.Region), domain.Sites));
        return SpreadSplit.TryGive(request.Units, spread, split) ? Candidates.Of(regions, caps.Total().Units) : null;
    }

    /// <summary>The cheapest domains with room for so many units each, as many as have to be used.</summary>
    private List<Weighed> Cheapest(Question question, Model model, (Caps Caps, int Least) asked)
    {
        var weight = question.Law.Policies.Preferences.Packing;
        var glances = question.World.Nodes.Glances;
        var chosen = new List<Weighed>(spread.MinDomains + 1);
        foreach (var domain in model.Domains)
        {
            var full = chosen.Count == spread.MinDomains;
            if (full && domain.FixedCost > chosen[^1].Cost) break;
            var cost = domain.CostNow(weight, glances, request.Unit);
            if (full && (cost, domain.Index).CompareTo((chosen[^1].Cost, chosen[^1].Domain.Index)) > 0) continue;
            if (!MayHaveRoom(question.World, domain, asked.Least)) continue;
            var sites = domain.Sites.ConvertAll(site => Candidates.SiteOf(question, asked.Caps, site));
            var room = spread.Over == SpreadDomain.Site ? sites[0].MostUnits
                : new RegionRoom(domain.Region, asked.Caps.Of(domain.Region).Units, sites).MostUnits;
            if (room < asked.Least) continue;
            var at = chosen.FindIndex(other => (cost, domain.Index).CompareTo((other.Cost, other.Domain.Index)) < 0);
            chosen.Insert(at < 0 ? chosen.Count : at, new Weighed(domain, cost, room, sites));
            if (full) chosen.RemoveAt(chosen.Count - 1);
        }

        return chosen;
    }

    /// <summary>Whether the nodes of a domain have room for so many units, whatever else limits them.</summary>
    private bool MayHaveRoom(World world, Domain domain, int units)
    {
        var glances = world.Nodes.Glances;
        foreach (var site in domain.Sites)
        {
            foreach (var pool in site)
            {
                if (glances[pool.Index].MostWholeFree < request.Unit.Accelerators) continue;
                units -= NodeChoice.Room(world, pool, (0, pool.Nodes), request);
                if (units <= 0) return true;
            }
        }

        return false;
    }

    private Domain[] DomainsOf(Question question, List<FleetPool> pools)
    {
        var sites = pools.GroupBy(pool => pool.Site).Select(group => group.ToList()).ToList();
        var domains = spread.Over == SpreadDomain.Site
            ? sites.Select(site => new Domain(site[0].Site.Index, site[0].Region, [site]))
            : sites.GroupBy(site => site[0].Region)
                .Select(region => new Domain(region.Key.Index, region.Key, [.. region]));
        return
        [
            .. domains.Select(domain => domain.WithCosts(pool => PoolWalk.FixedCost(question, pool)))
                .OrderBy(domain => domain.FixedCost)
                .ThenBy(domain => domain.Index),
        ];
    }

    private sealed record Model(Sku? Sku, Domain[] Domains);

    private sealed record Weighed(Domain Domain, long Cost, int Room, List<SiteRoom> Sites);

    /// <summary>A site or region that counts for the spread, with its pools by site.</summary>
    private sealed class Domain(int index, FleetRegion region, List<List<FleetPool>> sites)
    {
        private (int Pool, long FixedCost)[] costs = [];

        public int Index => index;

        public FleetRegion Region => region;

        public List<List<FleetPool>> Sites => sites;

        /// <summary>The least of its pools' costs without the part that changes.</summary>
        public long FixedCost { get; private set; }

        public Domain WithCosts(Func<FleetPool, long> fixedCost)
        {
            costs = [.. sites.SelectMany(site => site).Select(pool => (pool.Index, fixedCost(pool)))];
            FixedCost = costs.Min(cost => cost.FixedCost);
            return this;
        }

        /// <summary>What its cheapest pool costs now, whether or not that has room.</summary>
        public long CostNow(int packingWeight, ReadOnlySpan<PoolGlance> glances, UnitNeed need)
        {
            var least = long.MaxValue;
            foreach (var (pool, fixedCost) in costs)
                least = Math.Min(least, fixedCost + ((long)packingWeight * Score.FreeShare(glances[pool], need)));
            return least;
        }
    }
}
