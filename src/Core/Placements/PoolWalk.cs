using ControlPlane.Inventory;
using ControlPlane.Regions;
using ControlPlane.Workloads;

namespace ControlPlane.Placements;

/// <summary>
/// Finds the cheapest pool for one unit, or for a gang, without looking at every pool. The lawful, active and capable
/// pools of one class of requests stand in order of the least they can cost: the part that never changes, and the
/// packing term of a pool in which just this request has room. The walk ends where that alone is dearer than the best
/// found. The node chosen in a pool, for a gang the first of its fabric domain, is remembered until the pool changes.
/// Nothing is allocated.
/// </summary>
internal sealed class PoolWalk
{
    private readonly PlacementRequest request;
    private readonly int packingWeight;
    private readonly ExpectedPacking? packing;
    private readonly Stop[] stops;

    private FleetPool[]? byFixedCost;

    // What every look needs stands by itself and close together.
    private readonly Look[] looks;

    // Of each look what its pool costs in use of what is idle; only where work is expected.
    private readonly UseTerm[] terms;

    /// <param name="question">A request of the class, on a world and under a law.</param>
    /// <param name="capable">Every lawful, active and capable pool.</param>
    public PoolWalk(Question question, List<FleetPool> capable)
    {
        request = question.Request;
        var need = request.Unit;
        var weights = question.Law.Policies.Preferences;
        packingWeight = weights.Packing;
        IsCapped = Caps.MayLimit(question);
        packing = ExpectedPacking.For(question.World, weights, request);
        var caps = new Caps(question, sku: null);
        stops =
        [
            .. capable
                .OrderBy(pool => need.NeedsAccelerator ? pool.SkuIndex : 0)
                .ThenBy(pool => pool.Index)
                .Select((pool, rank) => new Stop(
                    pool,
                    FixedCost(question, pool),
                    LeastTerm(pool) * packingWeight,
                    rank,
                    request.Units * pool.UnitMilliwatts(need.AcceleratorMilli, need.CpuMilli),
                    caps.PowerLimit(pool.Site)))
                .OrderBy(stop => stop.LeastCost)
                .ThenBy(stop => stop.Rank),
        ];
        looks =
        [
            .. stops.Select(stop => new Look
            {
                LeastCost = (int)stop.LeastCost, FixedCost = (int)stop.FixedCost, Pool = stop.Pool.Index,
                SeenChanges = -1,
            }),
        ];
        terms = packing is null ? [] : new UseTerm[looks.Length];
        Array.Fill(terms, new UseTerm(0, SeenChanges: -1));
    }

    /// <summary>Pools that the walk remembers something about.</summary>
    public int Length => stops.Length;

    /// <summary>Whether rules may limit how many units are let in.</summary>
    public bool IsCapped { get; }

    /// <summary>The pools in order of the part of their cost that never changes.</summary>
    public IReadOnlyList<FleetPool> Pools => byFixedCost ??=
        InOrder(stops.Select(stop => (stop.Pool, stop.FixedCost)), request.Unit);

    /// <summary>The answer to the whole class when there is no pool to walk; null until it was found.</summary>
    public PlacementDecision? Refusal { get; set; }

    /// <summary>The cheapest pool with room and its node; null when none has room.</summary>
    /// <param name="world">The world.</param>
    /// <param name="caps">What has to let the work in beside; null when nothing does.</param>
    public PoolChoice? Find(World world, PoolCaps? caps = null)
    {
        // Whether a pool has room is found out only for the pool that would be chosen; if it has none, that is
        // remembered until the pool changes, and the walk begins again.
        while (Cheapest(world, caps) is (>= 0 and var at, var cost))
        {
            var pool = stops[at].Pool;
            ref var look = ref looks[at];
            var changes = world.Nodes.Changes(pool.Index);
            if (look.SeenChanges != changes)
            {
                look.Node = request.Kind == WorkloadKind.Gang
                    ? NodeChoice.GangDomain(world, pool, request) ?? -1
                    : NodeChoice.Best(world, pool, request, packing);
                look.SeenChanges = changes;
            }

            if (look.Node >= 0) return new PoolChoice(pool, look.Node, cost);
        }

        return null;
    }

    /// <summary>The cheapest pool that may have room.</summary>
    private (int At, int Cost) Cheapest(World world, PoolCaps? caps) =>
        packing is null ? CheapestByShare(world, caps) : CheapestByUse(world, caps, packing);

    private (int At, int Cost) CheapestByUse(World world, PoolCaps? caps, ExpectedPacking uses)
    {
        var glances = world.Nodes.Glances;
        var (best, bestCost) = (-1, int.MaxValue);
        for (var at = 0; at < looks.Length && looks[at].LeastCost <= bestCost; at++)
        {
            ref readonly var glance = ref glances[looks[at].Pool];
            if (glance.MostWholeFree < request.Unit.Accelerators) continue;
            if (terms[at].SeenChanges != glance.Changes)
                terms[at] = new UseTerm(TermOf(stops[at].Pool, glance, uses), glance.Changes);
            var cost = looks[at].FixedCost + (packingWeight * terms[at].Term);
            if (cost > bestCost || (cost == bestCost && stops[at].Rank > stops[best].Rank)) continue;
            var maybe = looks[at].Node >= 0 || looks[at].SeenChanges != glance.Changes;
            if (maybe && MayHaveRoom(world, stops[at]) && caps?.LetIn(stops[at].Pool) != false)
                (best, bestCost) = (at, cost);
        }

        return (best, bestCost);
    }

    private int TermOf(FleetPool pool, in PoolGlance glance, ExpectedPacking uses) =>
        ExpectedPacking.Serves(pool) ? uses.Term(pool, request) : Score.FreeShare(glance, request.Unit);

    private (int At, int Cost) CheapestByShare(World world, PoolCaps? caps)
    {
        var glances = world.Nodes.Glances;
        var need = request.Unit;
        var accelerators = need.Accelerators;
        var (best, bestCost) = (-1, int.MaxValue);
        for (var at = 0; at < looks.Length; at++)
        {
            ref readonly var look = ref looks[at];
            if (look.LeastCost > bestCost) break;
            ref readonly var glance = ref glances[look.Pool];
            if (glance.MostWholeFree < accelerators) continue;
            var cost = look.FixedCost + (packingWeight * Score.FreeShare(glance, need));
            if (cost > bestCost || (cost == bestCost && stops[at].Rank > stops[best].Rank)) continue;
            if ((look.Node >= 0 || look.SeenChanges != glance.Changes) && MayHaveRoom(world, stops[at])
                && caps?.LetIn(stops[at].Pool) != false)
            {
                (best, bestCost) = (at, cost);
            }
        }

        return (best, bestCost);
    }

    private bool MayHaveRoom(World world, in Stop stop) =>
        stop.Milliwatts <= stop.PowerLimit - world.SiteMilliwatts(stop.Site)
        && world.Tenancy.SiteAdmits(stop.Site, request.Tenant, request.Isolation);

    /// <summary>Pools in order of the part of their cost that never changes, for work of one unit's need.</summary>
    internal static FleetPool[] InOrder(IEnumerable<(FleetPool Pool, long FixedCost)> pools, UnitNeed need) =>
    [
        .. pools.OrderBy(item => item.FixedCost)
            .ThenBy(item => need.NeedsAccelerator ? item.Pool.SkuIndex : 0)
            .ThenBy(item => item.Pool.Index)
            .Select(item => item.Pool),
    ];

    /// <summary>The part of a pool's cost that never changes.</summary>
    internal static long FixedCost(Question question, FleetPool pool) => Score.FixedCost(
        question.World, pool, question.Request, question.Law.Policies.Preferences);

    /// <summary>The least that the packing term can be while a pool has room.</summary>
    private int LeastTerm(FleetPool pool) => packing is not null && ExpectedPacking.Serves(pool)
        ? 0
        : Score.LeastShare(pool, request.Unit, request.Units);

    /// <summary>A pool on the walk.</summary>
    private readonly record struct Stop(
        FleetPool Pool, long FixedCost, long LeastPacking, int Rank, long Milliwatts, long PowerLimit)
    {
        public int Site { get; } = Pool.Site.Index;

        public long LeastCost => FixedCost + LeastPacking;
    }

    /// <summary>A packing term, and the change of the pool after which it was found.</summary>
    private readonly record struct UseTerm(int Term, int SeenChanges);

    /// <summary>What a look at a stop needs, and what is remembered of it.</summary>
    private struct Look
    {
        public int LeastCost;
        public int FixedCost;
        public int Pool;
        public int SeenChanges;

        /// <summary>The node chosen when the pool last changed; -1 when none had room.</summary>
        public int Node;
    }
}

/// <summary>A place for one unit.</summary>
internal readonly record struct PoolChoice(FleetPool Pool, int Node, long Cost);
