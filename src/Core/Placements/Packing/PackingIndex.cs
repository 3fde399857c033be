using System.Numerics;
using System.Runtime.InteropServices;

namespace ControlPlane.Placements.Packing;

/// <summary>
/// Finds the node that a full scan would find, without looking at every node: for each kind of unit it remembers the
/// cost of every node and the least cost of each block of nodes, and looks again only at nodes that changed since the
/// kind was last asked for.
/// </summary>
internal sealed class PackingIndex
{
    /// <summary>Nodes of a block.</summary>
    public const int BlockNodes = 256;

    /// <summary>Kinds remembered at once; past it the memory is emptied, so that strangers cannot fill it.</summary>
    private const int MaxKinds = 512;

    private readonly PackingNodes nodes;
    private readonly PackingRule rule;
    private readonly Dictionary<PackingKind, Column> columns = [];
    private readonly int[] log;
    private readonly long[] lastChange;
    private long written;

    public PackingIndex(PackingNodes nodes, PackingRule rule)
    {
        this.nodes = nodes;
        this.rule = rule;
        // A kind that missed more changes than half the nodes is as well looked at anew.
        log = new int[BitOperations.RoundUpToPowerOf2((uint)Math.Max(64, nodes.Count / 2))];
        lastChange = new long[nodes.Count];
        Array.Fill(lastChange, -1);
    }

    /// <summary>Says that a node has changed.</summary>
    public void Changed(int node)
    {
        log[written & (log.Length - 1)] = node;
        lastChange[node] = written++;
    }

    /// <summary>Kinds that it remembers the costs of.</summary>
    public int Kinds => columns.Count;

    /// <summary>The cheapest node with room, the first of equals; -1 when none has room.</summary>
    public int Find(in PackingKind kind) => Cheapest(Known(kind));

    /// <summary>What every node costs, and the least of each block of nodes.</summary>
    public (int[] Nodes, int[] Blocks) Costs(in PackingKind kind)
    {
        var column = Known(kind);
        return (column.Costs, column.Least);
    }

    private Column Known(in PackingKind kind)
    {
        ref var column = ref CollectionsMarshal.GetValueRefOrAddDefault(columns, kind, out _);
        if (column is null && columns.Count > MaxKinds)
        {
            columns.Clear();
            return Known(kind);
        }

        column ??= new Column(nodes.Count) { Seen = long.MinValue };
        Refresh(column, kind);
        return column;
    }

    /// <summary>The cheapest node with room other than one; -1 when no other has room.</summary>
    public int Find(in PackingKind kind, int except)
    {
        var found = Find(kind);
        if (found != except) return found;
        var costs = columns[kind].Costs;
        var (best, least) = (-1, PackingRule.NoRoom);
        for (var node = 0; node < costs.Length; node++)
        {
            if (node != except && costs[node] < least) (best, least) = (node, costs[node]);
        }

        return best;
    }

    private void Refresh(Column column, in PackingKind kind)
    {
        if (column.Seen < written - log.Length)
        {
            for (var node = 0; node < nodes.Count; node++) column.Costs[node] = CostOf(node, kind);
            for (var block = 0; block < column.Least.Length; block++) column.Least[block] = LeastOf(column, block);
        }
        else
        {
            for (var at = column.Seen; at < written; at++)
            {
                var node = log[at & (log.Length - 1)];
                // A later entry stands for all changes of a node.
                if (lastChange[node] == at) Put(column, node, CostOf(node, kind));
            }
        }

        column.Seen = written;
    }

    private int CostOf(int node, in PackingKind kind) =>
        nodes.Fits(node, kind) ? rule.Cost(nodes, node, kind) : PackingRule.NoRoom;

    private static void Put(Column column, int node, int cost)
    {
        var before = column.Costs[node];
        if (before == cost) return;
        column.Costs[node] = cost;
        ref var least = ref column.Least[node / BlockNodes];
        if (cost <= least) least = cost;
        else if (before == least) least = LeastOf(column, node / BlockNodes);
    }

    private static int LeastOf(Column column, int block)
    {
        var first = block * BlockNodes;
        return Least(column.Costs.AsSpan(first, Math.Min(BlockNodes, column.Costs.Length - first)));
    }

    private static int Cheapest(Column column)
    {
        var least = Least(column.Least);
        if (least == PackingRule.NoRoom) return -1;
        var block = column.Least.AsSpan().IndexOf(least);
        var first = block * BlockNodes;
        return first + column.Costs.AsSpan(first).IndexOf(least);
    }

    private static int Least(ReadOnlySpan<int> values)
    {
        var least = PackingRule.NoRoom;
        if (values.Length >= Vector<int>.Count)
        {
            var lanes = new Vector<int>(PackingRule.NoRoom);
            var vectors = MemoryMarshal.Cast<int, Vector<int>>(values);
            foreach (var vector in vectors) lanes = Vector.Min(lanes, vector);
            for (var lane = 0; lane < Vector<int>.Count; lane++) least = Math.Min(least, lanes[lane]);
            values = values[(vectors.Length * Vector<int>.Count)..];
        }

        foreach (var value in values) least = Math.Min(least, value);
        return least;
    }

    private sealed class Column(int nodes)
    {
        public int[] Costs { get; } = new int[nodes];

        public int[] Least { get; } = new int[(nodes + BlockNodes - 1) / BlockNodes];

        /// <summary>Changes that the costs know of.</summary>
        public long Seen { get; set; }
    }
}
