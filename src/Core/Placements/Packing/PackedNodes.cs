namespace ControlPlane.Placements.Packing;

/// <summary>Chooses, one unit after the other, the node whose rest is then of most use to expected work.</summary>
internal sealed class PackedNodes
{
    public PackedNodes(PackingNodes nodes, LeftoverTerms terms)
    {
        Nodes = nodes;
        Rule = new LeftoverRule(nodes, terms);
        Index = new PackingIndex(nodes, Rule);
    }

    public PackingNodes Nodes { get; }

    public LeftoverRule Rule { get; }

    public PackingIndex Index { get; }

    /// <summary>Says what is free on a node.</summary>
    public void Set(int node, (long CpuMilli, long MemoryMib) free, ReadOnlySpan<short> devices)
    {
        if (Nodes.Set(node, (int)free.CpuMilli, (int)free.MemoryMib, devices)) Index.Changed(node);
    }

    /// <summary>The cheapest of some nodes in a row that admit the guest, the first of equals; -1 for none.</summary>
    public int Find(in PackingKind kind, (int First, int Count) nodes, in NodeGuest guest)
    {
        var found = Index.Find(kind);
        if (found < 0) return -1;
        var end = nodes.First + nodes.Count;
        if (found >= nodes.First && found < end && guest.MayCome(found)) return found;
        var (best, least) = (-1, PackingRule.NoRoom);
        var (costs, blocks) = Index.Costs(kind);
        for (var node = nodes.First; node < end; node++)
        {
            if (node % PackingIndex.BlockNodes == 0 && blocks[node / PackingIndex.BlockNodes] >= least)
            {
                // A block that has nothing cheaper is passed over at once.
                node += PackingIndex.BlockNodes - 1;
                continue;
            }

            if (costs[node] < least && guest.MayCome(node)) (best, least) = (node, costs[node]);
        }

        return best;
    }

    /// <summary>Takes what a unit uses of a node that has room.</summary>
    /// <returns>The accelerators that it takes.</returns>
    public ulong Take(int node, in PackingKind kind)
    {
        var devices = Rule.Choose(Nodes, node, kind);
        Nodes.Take(node, kind, devices);
        Index.Changed(node);
        return devices;
    }

    /// <summary>Gives back what a unit took.</summary>
    public void Give(int node, in PackingKind kind, ulong devices)
    {
        Nodes.Give(node, kind, devices);
        Index.Changed(node);
    }
}
