using ControlPlane.Regions;

namespace ControlPlane.Inventory;

/// <summary>
/// Sums up the nodes of pools block by block, so that a search passes over a block at once that has nothing for it. A
/// block is looked at again only after one of its nodes changed.
/// </summary>
internal sealed class NodeBlocks
{
    /// <summary>Nodes of a block; the last one of a pool may have fewer.</summary>
    public const int Length = 64;

    private readonly int[] first;
    private readonly NodeBlock[] blocks;

    public NodeBlocks(Fleet fleet)
    {
        first = new int[fleet.Pools.Count + 1];
        for (var pool = 0; pool < fleet.Pools.Count; pool++)
            first[pool + 1] = first[pool] + ((fleet.Pools[pool].Nodes + Length - 1) / Length);
        blocks = new NodeBlock[first[^1]];
    }

    private NodeBlocks(NodeBlocks other) => (first, blocks) = (other.first, [.. other.blocks]);

    public NodeBlocks Copy() => new(this);

    /// <summary>Says that a node changed.</summary>
    public void Touch(int pool, int ordinal) => blocks[first[pool] + (ordinal / Length)].IsKnown = false;

    /// <summary>The block that begins with a node.</summary>
    public ref readonly NodeBlock At(NodeColumns columns, FleetPool pool, int ordinal)
    {
        ref var block = ref blocks[first[pool.Index] + (ordinal / Length)];
        if (block.IsKnown) return ref block;
        block = new NodeBlock { IsKnown = true, LeastLeft = long.MaxValue };
        var end = Math.Min(ordinal + Length, pool.Nodes);
        for (var node = ordinal; node < end; node++)
        {
            var whole = columns.WholeFree(pool.Index, node);
            if (whole == 0) continue;
            block.MostWholeFree = Math.Max(block.MostWholeFree, whole);
            block.LeastLeft = Math.Min(block.LeastLeft, columns.Left(pool.Index, node));
        }

        return ref block;
    }
}

/// <summary>Sums up nodes that have an accelerator that nobody uses.</summary>
internal struct NodeBlock
{
    /// <summary>The most such accelerators of a node.</summary>
    public int MostWholeFree;

    /// <summary>What the fullest of these nodes has left.</summary>
    public long LeastLeft;

    public bool IsKnown;
}
