using ControlPlane.Placements;
using ControlPlane.Placements.Packing;
using ControlPlane.Policies;
using ControlPlane.Regions;
using ControlPlane.Workloads;

namespace ControlPlane.Core.Tests.Placements;

/// <summary>
/// Binds the units of a decision once more in the pools that it chose, looking at every node for every unit and
/// remembering nothing. What the preferences do not bear on stays as it was decided.
/// </summary>
internal static class PackingOracle
{
    /// <param name="world">The world that was decided on.</param>
    /// <param name="law">The law; shapes the request.</param>
    /// <param name="asked">What was asked for, and decided.</param>
    public static Seq<UnitBinding> Bind(World world, Law law, (PlacementRequest Request, Placed Placed) asked)
    {
        var preferences = law.Policies.Preferences;
        var request = asked.Request with { Isolation = asked.Placed.Isolation };
        var cleared = world.Copy();
        foreach (var victim in asked.Placed.Preempted) cleared.Remove(victim);
        var bound = new List<UnitBinding>();
        foreach (var units in asked.Placed.Units.GroupBy(unit => unit.Node.Pool))
        {
            var pool = world.Fleet.FindPool(units.Key)!;
            if (preferences.ExpectedWork.Count == 0 || pool.Spec.AcceleratorsPerNode == 0) bound.AddRange(units);
            else bound.AddRange(InPool((world, cleared), pool, (request, [.. units], asked.Placed), preferences));
        }

        return bound.OrderBy(unit => unit.Node).ThenBy(unit => unit.Devices).ToSeq();
    }

    /// <summary>The packing term of the score of a pool for a request, found by looking at every node.</summary>
    public static long Term(World world, Law law, FleetPool pool, PlacementRequest request)
    {
        var (nodes, rule) = NodesOf((world, world), pool, (0, pool.Nodes), (request, law.Policies.Preferences));
        var costs = Enumerable.Range(0, pool.Nodes)
            .Where(node => nodes.Fits(node, KindOf(request.Unit)))
            .Select(node => rule.Cost(nodes, node, KindOf(request.Unit)))
            .ToList();
        if (costs.Count == 0) return 1000;
        var steps = (int)Math.Floor(costs.Min() / 2048.0);
        return Math.Clamp(500 + (10 * steps) + (int)Math.Log2(pool.Spec.AcceleratorsPerNode), 0, 1000);
    }

    private static IEnumerable<UnitBinding> InPool(
        (World Now, World Cleared) worlds, FleetPool pool,
        (PlacementRequest Request, List<UnitBinding> Units, Placed Placed) asked, Preferences preferences)
    {
        var (nodes, rule) = NodesOf(worlds, pool, Range(pool, asked), (asked.Request, preferences));
        var scan = new PackingScan(nodes, rule);
        var kind = KindOf(asked.Request.Unit);
        foreach (var _ in asked.Units)
        {
            var node = scan.Find(kind);
            var devices = rule.Choose(nodes, node, kind);
            nodes.Take(node, kind, devices);
            yield return new(new NodeId(pool.Id, node), devices, asked.Request.Unit.AcceleratorShareMilli);
        }
    }

    private static (PackingNodes Nodes, LeftoverRule Rule) NodesOf(
        (World Now, World Cleared) worlds, FleetPool pool, (int First, int Count) among,
        (PlacementRequest Request, Preferences Preferences) asked)
    {
        var request = asked.Request;
        var shape = new NodeShape(
            (int)pool.Spec.CpuMilliPerNode, (int)pool.Spec.MemoryMibPerNode, pool.Spec.AcceleratorsPerNode, 0);
        var nodes = new PackingNodes([.. Enumerable.Repeat(shape, pool.Nodes)]);
        for (var node = 0; node < pool.Nodes; node++)
        {
            // Whom a node keeps out when the decision is made it keeps out whatever ends.
            var open = node >= among.First && node < among.First + among.Count
                && worlds.Now.Tenancy.NodeAdmits(pool.Index, node, request.Tenant, request.Isolation);
            var free = worlds.Cleared.Nodes;
            nodes.Set(
                node, open ? (int)free.FreeCpuMilli(pool.Index, node) : -1,
                (int)free.FreeMemoryMib(pool.Index, node), free.Devices(pool.Index, node));
        }

        var expected = asked.Preferences.ExpectedWork;
        var weights = expected.Sum(work => work.Weight);
        return (nodes, new LeftoverRule(nodes, WorkloadMix.Of([.. expected.Select(work => (
            new PackingKind(work.CpuMilli, 0, work.Accelerators, work.ShareMilli, PackingKind.AnyModel),
            (double)work.Weight / weights))])));
    }

    private static PackingKind KindOf(UnitNeed need) => new(
        (int)need.CpuMilli, (int)need.MemoryMib, need.Accelerators, need.AcceleratorShareMilli, PackingKind.AnyModel);

    private static (int First, int Count) Range(
        FleetPool pool, (PlacementRequest Request, List<UnitBinding> Units, Placed Placed) asked)
    {
        var ordinal = asked.Units[0].Node.Ordinal;
        if (asked.Request.Kind != WorkloadKind.Gang)
            return asked.Placed.Preempted.Count > 0 && asked.Request.Units == 1 ? (ordinal, 1) : (0, pool.Nodes);
        var first = ordinal - (ordinal % pool.Spec.NodesPerFabricDomain);
        return (first, Math.Min(pool.Spec.NodesPerFabricDomain, pool.Nodes - first));
    }
}
