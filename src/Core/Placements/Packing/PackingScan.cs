namespace ControlPlane.Placements.Packing;

/// <summary>Looks at every node for every unit: slow and plain, what the index is held against.</summary>
internal sealed class PackingScan(PackingNodes nodes, PackingRule rule)
{
    /// <summary>The cheapest node with room, the first of equals; -1 when none has room.</summary>
    public int Find(in PackingKind kind)
    {
        var (best, least) = (-1, PackingRule.NoRoom);
        for (var node = 0; node < nodes.Count; node++)
        {
            if (!nodes.Fits(node, kind)) continue;
            var cost = rule.Cost(nodes, node, kind);
            if (cost < least) (best, least) = (node, cost);
        }

        return best;
    }
}
