using ControlPlane.Regions;
using ControlPlane.Workloads;

namespace ControlPlane.Placements;

/// <summary>
/// Finds the cheapest pool for one unit, or for a gang, without looking at every pool. The lawful, active and capable
/// pools of one class of requests stand in order of the part of their cost that never changes; the walk ends where
/// that part alone is dearer than the best found. The node chosen in a pool, for a gang the first of its fabric domain,
/// is remembered until the pool changes. Nothing is allocated.
/// </summary>
internal sealed class PoolWalk
{
    private readonly PlacementRequest request;
    private readonly int packingWeight;
    private readonly Stop[] stops;

    // What every step looks at stands by itself and close together.
    private readonly int[] fixedCosts;
    private readonly int[] pools;
    private readonly int[] seenChanges;
    private readonly int[] nodes;

    /// <param name="question">A request of the class, on a world and under a law.</param>
    /// <param name="capable">Every lawful, active and capable pool.</param>
    public PoolWalk(Question question, List<FleetPool> capable)
    {
        request = question.Request;
        var need = request.Unit;
        var weights = question.Law.Policies.Preferences;
        packingWeight = weights.Packing;
        var caps = new Caps(question, sku: null);
        stops =
        [
            .. capable
                .OrderBy(pool => need.NeedsAccelerator ? pool.SkuIndex : 0)
                .ThenBy(pool => pool.Index)
                .Select((pool, rank) => new Stop(
                    pool,
                    FixedCost(question, pool),
                    rank,
                    request.Units * pool.UnitMilliwatts(need.AcceleratorMilli, need.CpuMilli),
                    caps.PowerLimit(pool.Site)))
                .OrderBy(stop => stop.FixedCost)
                .ThenBy(stop => stop.Rank),
        ];
        fixedCosts = [.. stops.Select(stop => (int)stop.FixedCost)];
        pools = [.. stops.Select(stop => stop.Pool.Index)];
        nodes = new int[stops.Length];
        seenChanges = new int[stops.Length];
        Array.Fill(seenChanges, -1);
    }

    /// <summary>Pools that the walk remembers something about.</summary>
    public int Length => stops.Length;

    /// <summary>The pools in the order of the walk.</summary>
    public IEnumerable<FleetPool> Pools => stops.Select(stop => stop.Pool);

    /// <summary>The answer to the whole class when there is no pool to walk; null until it was found.</summary>
    public PlacementDecision? Refusal { get; set; }

    /// <summary>The cheapest pool with room and its node; null when none has room.</summary>
    public PoolChoice? Find(World world)
    {
        // Whether a pool has room is found out only for the pool that would be chosen; if it has none, that is
        // remembered until the pool changes, and the walk begins again.
        while (Cheapest(world) is (>= 0 and var at, var cost))
        {
            ref readonly var stop = ref stops[at];
            var changes = world.Nodes.Changes(pools[at]);
            if (seenChanges[at] != changes)
            {
                nodes[at] = request.Kind == WorkloadKind.Gang
                    ? NodeChoice.GangDomain(world, stop.Pool, request) ?? -1
                    : NodeChoice.Best(world, stop.Pool, request);
                seenChanges[at] = changes;
            }

            if (nodes[at] >= 0) return new PoolChoice(stop.Pool, nodes[at], cost);
        }

        return null;
    }

    /// <summary>The cheapest pool that may have room.</summary>
    private (int At, int Cost) Cheapest(World world)
    {
        var shares = Score.FreeShares(world, request.Unit);
        var columns = world.Nodes;
        var accelerators = request.Unit.Accelerators;
        var (best, bestCost) = (-1, int.MaxValue);
        for (var at = 0; at < fixedCosts.Length; at++)
        {
            var cost = fixedCosts[at];
            if (cost > bestCost) break;
            var pool = pools[at];
            cost += packingWeight * shares[pool];
            if (cost > bestCost || columns.MostWholeFree(pool) < accelerators) continue;
            if (cost == bestCost && stops[at].Rank > stops[best].Rank) continue;
            if (MayHaveRoom(world, at)) (best, bestCost) = (at, cost);
        }

        return (best, bestCost);
    }

    private bool MayHaveRoom(World world, int at)
    {
        ref readonly var stop = ref stops[at];
        return stop.Milliwatts <= stop.PowerLimit - world.SiteMilliwatts(stop.Site)
            && (nodes[at] >= 0 || seenChanges[at] != world.Nodes.Changes(pools[at]))
            && world.Tenancy.SiteAdmits(stop.Site, request.Tenant, request.Isolation);
    }

    /// <summary>The part of a pool's cost that never changes.</summary>
    internal static long FixedCost(Question question, FleetPool pool)
    {
        var weights = question.Law.Policies.Preferences;
        var score = Score.Of(question.World, pool, question.Request, weights);
        return score.Cost - (weights.Packing * score.Packing);
    }

    /// <summary>A pool on the walk.</summary>
    private readonly record struct Stop(FleetPool Pool, long FixedCost, int Rank, long Milliwatts, long PowerLimit)
    {
        public int Site { get; } = Pool.Site.Index;
    }
}

/// <summary>A place for one unit.</summary>
internal readonly record struct PoolChoice(FleetPool Pool, int Node, long Cost);
