using ControlPlane.Inventory;

namespace ControlPlane.Placements.Packing;

/// <summary>Holds the kinds that found no room, and puts them on a node that has some, the largest first.</summary>
internal sealed class WaitingWork
{
    private readonly PackingNodes nodes;
    private readonly PackingRule rule;
    private readonly SortedDictionary<PackingKind, int> counts = new(MostFirst.Order);
    private readonly int[] mostMilli = new int[NodeColumns.WholeMilli + 1];

    /// <param name="nodes">What is free; changed as work is put there.</param>
    /// <param name="rule">Chooses the accelerators.</param>
    /// <param name="kinds">One entry for each unit; those without accelerators are left out.</param>
    public WaitingWork(PackingNodes nodes, PackingRule rule, IEnumerable<PackingKind> kinds)
    {
        this.nodes = nodes;
        this.rule = rule;
        foreach (var kind in kinds.Where(kind => kind.NeedsAccelerator))
            counts[kind] = counts.GetValueOrDefault(kind) + 1;
        Remember();
    }

    /// <summary>The most of so many idle thousandths of an accelerator that can be used, by size alone.</summary>
    public int MostMilli(int idle) => mostMilli[idle];

    /// <summary>Thousandths of accelerators that would find a place on a node now.</summary>
    public int FittingMilli(int node)
    {
        var placed = Put(node);
        foreach (var unit in placed) nodes.Give(node, unit.Kind, unit.Devices);
        return placed.Sum(unit => unit.Kind.TotalMilli);
    }

    /// <summary>Puts work on a node, which waits no more.</summary>
    public List<PackedUnit> Serve(int node)
    {
        var placed = Put(node);
        var ended = 0;
        foreach (var unit in placed)
        {
            if (--counts[unit.Kind] > 0) continue;
            counts.Remove(unit.Kind);
            ended++;
        }

        if (ended > 0) Remember();
        return placed;
    }

    private List<PackedUnit> Put(int node)
    {
        var placed = new List<PackedUnit>();
        foreach (var (kind, count) in counts)
        {
            if (nodes.IdleMilli(node) == 0) break;
            for (var left = count; left > 0 && nodes.Fits(node, kind); left--)
            {
                var unit = new PackedUnit(PackedUnit.Waited, kind, node, rule.Choose(nodes, node, kind));
                nodes.Take(node, kind, unit.Devices);
                placed.Add(unit);
            }
        }

        return placed;
    }

    private void Remember()
    {
        var sizes = counts.Keys.Select(kind => kind.DeviceMilli).Distinct().ToList();
        for (var idle = 1; idle < mostMilli.Length; idle++)
        {
            mostMilli[idle] = mostMilli[idle - 1];
            foreach (var size in sizes)
            {
                if (size <= idle) mostMilli[idle] = Math.Max(mostMilli[idle], mostMilli[idle - size] + size);
            }
        }
    }

    /// <summary>Orders kinds by what they take, the most first, and then in any fixed way.</summary>
    private sealed class MostFirst : IComparer<PackingKind>
    {
        public static MostFirst Order { get; } = new();

        public int Compare(PackingKind x, PackingKind y)
        {
            var byMilli = y.TotalMilli.CompareTo(x.TotalMilli);
            return byMilli != 0 ? byMilli : x.FixedOrder.CompareTo(y.FixedOrder);
        }
    }
}
