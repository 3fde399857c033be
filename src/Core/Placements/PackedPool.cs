using ControlPlane.Inventory;
using ControlPlane.Placements.Packing;
using ControlPlane.Regions;

namespace ControlPlane.Placements;

/// <summary>
/// The nodes of one pool as packing looks at them. They follow those of the world: only what has changed since the
/// last time is looked at again.
/// </summary>
internal sealed class PackedPool
{
    /// <summary>What a node takes beside its costs, in numbers of four bytes.</summary>
    private const int NumbersPerNode = 16;

    /// <summary>What a pool takes beside its nodes, and a kind in it, likewise.</summary>
    private const int NumbersPerPool = 512;
    private const int NumbersPerKind = 32;

    /// <summary>A pool of so few nodes is looked at as a whole.</summary>
    private const int FewNodes = 32;

    private readonly NodeColumns world;
    private readonly FleetPool pool;
    private readonly NodeLog? log;
    private int seen;
    private long counted;

    public PackedPool(NodeColumns world, FleetPool pool, LeftoverTerms terms)
    {
        (this.world, this.pool) = (world, pool);
        log = pool.Nodes > FewNodes ? world.LogOf(pool) : null;
        var spec = pool.Spec;
        var shape = new NodeShape(
            (int)spec.CpuMilliPerNode, (int)spec.MemoryMibPerNode, spec.AcceleratorsPerNode, 0);
        Nodes = new PackedNodes(new PackingNodes([.. Enumerable.Repeat(shape, pool.Nodes)]), terms);
        LookAtAll();
    }

    public PackedNodes Nodes { get; }

    /// <summary>Takes in what has changed.</summary>
    public PackedNodes Now()
    {
        var now = world.Changes(pool.Index);
        if (now == seen) return Nodes;
        if (log?.Has(seen, now) == true)
        {
            for (var change = seen; change != now; change++) Look(log.At(change));
            seen = now;
        }
        else LookAtAll();

        return Nodes;
    }

    /// <summary>How much more it remembers than when it was asked last, in numbers of four bytes.</summary>
    public long Grown()
    {
        var before = counted;
        var kinds = Nodes.Index.Kinds;
        counted = NumbersPerPool + (kinds * NumbersPerKind) + ((long)pool.Nodes * (NumbersPerNode + kinds));
        return counted - before;
    }

    private void LookAtAll()
    {
        for (var node = 0; node < pool.Nodes; node++) Look(node);
        seen = world.Changes(pool.Index);
    }

    private void Look(int node) => Nodes.Set(
        node, (world.FreeCpuMilli(pool.Index, node), world.FreeMemoryMib(pool.Index, node)),
        world.Devices(pool.Index, node));
}
