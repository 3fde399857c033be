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
        var expected = law.Policies.Preferences.ExpectedWork;
        var request = asked.Request with { Isolation = asked.Placed.Isolation };
        var cleared = world.Copy();
        foreach (var victim in asked.Placed.Preempted) cleared.Remove(victim);
        var bound = new List<UnitBinding>();
        foreach (var units in asked.Placed.Units.GroupBy(unit => unit.Node.Pool))
        {
            var pool = world.Fleet.FindPool(units.Key)!;
            if (expected.Count == 0 || pool.Spec.AcceleratorsPerNode == 0) bound.AddRange(units);
            else bound.AddRange(InPool((world, cleared), pool, (request, [.. units], asked.Placed), expected));
        }

        return bound.OrderBy(unit => unit.Node).ThenBy(unit => unit.Devices).ToSeq();
    }

    private static IEnumerable<UnitBinding> InPool(
        (World Now, World Cleared) worlds, FleetPool pool,
        (PlacementRequest Request, List<UnitBinding> Units, Placed Placed) asked, Seq<ExpectedWork> expected)
    {
        var (first, count) = Range(pool, asked);
        var request = asked.Request;
        var shape = new NodeShape(
            (int)pool.Spec.CpuMilliPerNode, (int)pool.Spec.MemoryMibPerNode, pool.Spec.AcceleratorsPerNode, 0);
        var nodes = new PackingNodes([.. Enumerable.Repeat(shape, pool.Nodes)]);
        for (var node = 0; node < pool.Nodes; node++)
        {
            // Whom a node keeps out when the decision is made it keeps out whatever ends.
            var open = node >= first && node < first + count
                && worlds.Now.Tenancy.NodeAdmits(pool.Index, node, request.Tenant, request.Isolation);
            var free = worlds.Cleared.Nodes;
            nodes.Set(
                node, open ? (int)free.FreeCpuMilli(pool.Index, node) : -1,
                (int)free.FreeMemoryMib(pool.Index, node), free.Devices(pool.Index, node));
        }

        var weights = expected.Sum(work => work.Weight);
        var rule = new LeftoverRule(nodes, WorkloadMix.Of([.. expected.Select(work => (
            new PackingKind(work.CpuMilli, 0, work.Accelerators, work.ShareMilli, PackingKind.AnyModel),
            (double)work.Weight / weights))]));
        var scan = new PackingScan(nodes, rule);
        var need = request.Unit;
        var kind = new PackingKind(
            (int)need.CpuMilli, (int)need.MemoryMib, need.Accelerators, need.AcceleratorShareMilli,
            PackingKind.AnyModel);
        foreach (var _ in asked.Units)
        {
            var node = scan.Find(kind);
            var devices = rule.Choose(nodes, node, kind);
            nodes.Take(node, kind, devices);
            yield return new(new NodeId(pool.Id, node), devices, need.AcceleratorShareMilli);
        }
    }

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
