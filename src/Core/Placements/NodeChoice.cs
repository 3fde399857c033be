using System.Numerics;
using ControlPlane.Inventory;
using ControlPlane.Policies;
using ControlPlane.Regions;
using ControlPlane.Workloads;

namespace ControlPlane.Placements;

/// <summary>
/// Chooses nodes and accelerators inside one pool. Tightest fit first, so that large holes stay large: of the nodes
/// with room the one with the least left, then the lowest. Where the preferences say which work is expected, the node
/// whose rest is of most use to it. A gang comes to the fullest fabric domain either way.
/// </summary>
internal static class NodeChoice
{
    /// <summary>Nodes that are put in order on the stack.</summary>
    private const int FewNodes = 64;

    /// <summary>Units that consecutive nodes have room for, at most the units of the request.</summary>
    public static int Room(World world, FleetPool pool, (int First, int Count) nodes, PlacementRequest request)
    {
        if (!world.Tenancy.SiteAdmits(pool.Site.Index, request.Tenant, request.Isolation)) return 0;
        var room = 0;
        for (var node = nodes.First; node < nodes.First + nodes.Count && room < request.Units; node++)
            room += NodeRoom(world, pool, node, (request, request.Units - room));
        return room;
    }

    /// <summary>Units that one node has room for and that may run beside the tenants on it.</summary>
    private static int NodeRoom(World world, FleetPool pool, int node, (PlacementRequest Request, int Most) asked) =>
        world.Tenancy.NodeAdmits(pool.Index, node, asked.Request.Tenant, asked.Request.Isolation)
            ? world.Nodes.Room(pool.Index, node, asked.Request.Unit, asked.Most)
            : 0;

    /// <summary>The node that one unit is bound to; -1 when none has room.</summary>
    public static int Best(World world, FleetPool pool, PlacementRequest request)
    {
        var (best, tightest, least) = (-1, int.MaxValue, long.MaxValue);
        var accelerators = request.Unit.Accelerators;
        for (var first = 0; first < pool.Nodes; first += NodeBlocks.Length)
        {
            if (accelerators > 0)
            {
                ref readonly var block = ref world.Nodes.BlockAt(pool, first);
                if (block.MostWholeFree < accelerators || (best >= 0 && block.LeastLeft >= least)) continue;
            }

            var end = Math.Min(first + NodeBlocks.Length, pool.Nodes);
            for (var node = first; node < end; node++)
            {
                if (!world.Nodes.HasRoom(pool.Index, node, request.Unit)
                    || !world.Tenancy.NodeAdmits(pool.Index, node, request.Tenant, request.Isolation))
                {
                    continue;
                }

                var tightness = Tightness(world, pool, node, request.Unit);
                if (best >= 0 && tightness > tightest) continue;
                // What accelerators alone leave tells most nodes apart, without a division.
                if (best >= 0 && tightness == tightest && world.Nodes.FreeMilli(pool.Index, node) * 1000L > least)
                    continue;
                var left = world.Nodes.Left(pool.Index, node);
                if (best >= 0 && tightness == tightest && left >= least) continue;
                (best, tightest, least) = (node, tightness, left);
            }
        }

        return best;
    }

    /// <summary>The same, chosen by a packing where there is one for the nodes of the pool.</summary>
    public static int Best(World world, FleetPool pool, PlacementRequest request, ExpectedPacking? packing) =>
        packing is not null && ExpectedPacking.Serves(pool) ? packing.Best(pool, request) : Best(world, pool, request);

    /// <summary>Binds one unit to the node that was chosen for it.</summary>
    public static UnitBinding BindOne(
        World world, Preferences preferences, (FleetPool Pool, int Node) at, UnitNeed need) =>
        ExpectedPacking.Of(world, preferences, at.Pool) is { } packing
            ? packing.BindOne(at.Pool, at.Node, need)
            : BindOne(world, at.Pool, at.Node, need);

    /// <summary>Binds one unit to a node that has room.</summary>
    public static UnitBinding BindOne(World world, FleetPool pool, int node, UnitNeed need) => new(
        new NodeId(pool.Id, node),
        NodeColumns.ChooseDevices(world.Nodes.Devices(pool.Index, node), need),
        need.AcceleratorShareMilli);

    /// <summary>First node of the fullest fabric domain that has room for the whole gang; null when none has.</summary>
    public static int? GangDomain(World world, FleetPool pool, PlacementRequest request)
    {
        int? best = null;
        long leastLeft = long.MaxValue;
        for (var first = 0; first < pool.Nodes; first += pool.Spec.NodesPerFabricDomain)
        {
            var nodes = DomainNodes(pool, first);
            if (Room(world, pool, (first, nodes), request) < request.Units) continue;
            long left = 0;
            for (var node = first; node < first + nodes; node++) left += world.Nodes.Left(pool.Index, node);
            if (left < leastLeft) (best, leastLeft) = (first, left);
        }

        return best;
    }

    /// <summary>Binds units to nodes of the pool; the caller knows that there is room.</summary>
    public static void Bind(Question question, FleetPool pool, int units, List<UnitBinding> bindings)
    {
        var (world, _, request, _) = question;
        var (first, nodes) = (0, pool.Nodes);
        if (request.Kind == WorkloadKind.Gang)
        {
            first = GangDomain(world, pool, request) ?? throw new InvalidOperationException(
                $"no fabric domain of {pool} has room");
            nodes = DomainNodes(pool, first);
        }

        var before = bindings.Count;
        if (ExpectedPacking.Of(world, question.Law.Policies.Preferences, pool) is { } packing)
            packing.Bind(pool, (first, nodes), (request, units), bindings);
        else if (units > 1 || nodes < pool.Nodes)
            BindTightest(world, (pool, first, nodes), (request, units), bindings);
        // One unit takes the first of the order of several, which is found without it.
        else if (Best(world, pool, request) is >= 0 and var node)
            bindings.Add(BindOne(world, pool, node, request.Unit));
        if (bindings.Count < before + units)
            throw new InvalidOperationException($"{pool} had less room than was counted");
    }

    private static void BindTightest(
        World world, (FleetPool Pool, int First, int Count) nodes, (PlacementRequest Request, int Units) asked,
        List<UnitBinding> bindings)
    {
        var (pool, units) = (nodes.Pool, asked.Units);
        Span<NodeFit> fits = nodes.Count <= FewNodes ? stackalloc NodeFit[nodes.Count] : new NodeFit[nodes.Count];
        foreach (ref readonly var fit in InOrder(world, (pool, nodes.First), asked, fits))
        {
            if (units == 0) return;
            var here = Math.Min(fit.Room, units);
            BindOn(world, (pool, fit.Node), (asked.Request.Unit, here), bindings);
            units -= here;
        }
    }

    /// <summary>Consecutive nodes with room, the tightest first.</summary>
    /// <param name="world">The world.</param>
    /// <param name="from">The pool and the first of the nodes.</param>
    /// <param name="asked">What is to be bound.</param>
    /// <param name="fits">As long as there are nodes.</param>
    private static Span<NodeFit> InOrder(
        World world, (FleetPool Pool, int First) from, (PlacementRequest Request, int Most) asked, Span<NodeFit> fits)
    {
        var (pool, found) = (from.Pool, 0);
        for (var node = from.First; node < from.First + fits.Length; node++)
        {
            var room = NodeRoom(world, pool, node, asked);
            if (room == 0) continue;
            var tightness = Tightness(world, pool, node, asked.Request.Unit);
            fits[found++] = new NodeFit(tightness, world.Nodes.Left(pool.Index, node), node, room);
        }

        fits[..found].Sort();
        return fits[..found];
    }

    private static void BindOn(
        World world, (FleetPool Pool, int Node) at, (UnitNeed Need, int Units) work, List<UnitBinding> bindings)
    {
        if (work.Units == 1)
        {
            bindings.Add(BindOne(world, at.Pool, at.Node, work.Need));
            return;
        }

        var node = new NodeId(at.Pool.Id, at.Node);
        // A copy of the devices, since units of one request take them one after the other.
        Span<short> devices = stackalloc short[at.Pool.Spec.AcceleratorsPerNode];
        world.Nodes.Devices(at.Pool.Index, at.Node).CopyTo(devices);
        for (var unit = 0; unit < work.Units; unit++)
        {
            var chosen = NodeColumns.ChooseDevices(devices, work.Need);
            var milli = work.Need.AcceleratorShareMilli > 0 ? work.Need.AcceleratorShareMilli : NodeColumns.WholeMilli;
            for (var left = chosen; left != 0; left &= left - 1) devices[BitOperations.TrailingZeroCount(left)] -=
                (short)milli;
            bindings.Add(new UnitBinding(node, chosen, work.Need.AcceleratorShareMilli));
        }
    }

    /// <summary>For a share, what the fullest accelerator it fits on would have left; 0 for everything else.</summary>
    private static int Tightness(World world, FleetPool pool, int node, UnitNeed need)
    {
        if (need.AcceleratorShareMilli == 0) return 0;
        var least = int.MaxValue;
        foreach (var free in world.Nodes.Devices(pool.Index, node))
        {
            if (free >= need.AcceleratorShareMilli) least = Math.Min(least, free - need.AcceleratorShareMilli);
        }

        return least;
    }

    private static int DomainNodes(FleetPool pool, int first) =>
        Math.Min(pool.Spec.NodesPerFabricDomain, pool.Nodes - first);

    /// <summary>How a node with room for units fits one, in the order in which nodes are filled.</summary>
    private readonly record struct NodeFit(int Tightness, long Left, int Node, int Room) : IComparable<NodeFit>
    {
        public int CompareTo(NodeFit other) =>
            Tightness != other.Tightness ? Tightness.CompareTo(other.Tightness)
            : Left != other.Left ? Left.CompareTo(other.Left)
            : Node.CompareTo(other.Node);
    }
}
