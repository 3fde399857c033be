using System.Diagnostics;
using ControlPlane.Inventory;
using ControlPlane.Placements.Packing;

namespace ControlPlane.Bench.Packing;

/// <summary>Places the pods of an order one after the other by one rule, and keeps where each went.</summary>
internal sealed class PackingRun
{
    private PackingRun(PackingNodes nodes, PackingKind[] kinds)
    {
        Nodes = nodes;
        Kinds = kinds;
        Node = new int[kinds.Length];
        Devices = new ulong[kinds.Length];
    }

    public PackingNodes Nodes { get; }

    public PackingKind[] Kinds { get; }

    /// <summary>Node of each pod; -1 when it was not placed.</summary>
    public int[] Node { get; }

    public ulong[] Devices { get; }

    public TimeSpan Elapsed { get; private set; }

    public long PlacedMilli => Kinds.Zip(Node).Where(pod => pod.Second >= 0).Sum(pod => (long)pod.First.TotalMilli);

    public int Placed => Node.Count(node => node >= 0);

    public double Share => 100.0 * PlacedMilli / Nodes.InstalledMilli;

    /// <summary>One number for where every pod went.</summary>
    public ulong Digest => Node.Zip(Devices).Aggregate(
        14695981039346656037UL,
        (sum, place) => ((sum ^ (uint)place.First) * 1099511628211UL ^ place.Second) * 1099511628211UL);

    /// <summary>A node on which more is placed than it has; null when there is none.</summary>
    public int? Overcommitted()
    {
        for (var node = 0; node < Nodes.Count; node++)
        {
            if (Nodes.CpuMilli(node) < 0 || Nodes.MemoryMib(node) < 0) return node;
            foreach (var free in Nodes.Devices(node))
            {
                if (free is < 0 or > 1000) return node;
            }
        }

        return null;
    }

    /// <summary>Thousandths that could be in use at most after so many moves, whatever they are.</summary>
    public long MostWithMoves(int moves)
    {
        var pods = Units();
        return MoveBound.MostMilli(Nodes, [.. pods.Placed], [.. pods.Waiting], moves);
    }

    /// <summary>Moves placed pods so that more of those not placed find room.</summary>
    public List<PackingMove> Defragment(PackingRule rule, int most)
    {
        var pods = Units();
        return new Defragmenter(Nodes, rule, pods.Placed, pods.Waiting).Plan(most);
    }

    private (IEnumerable<PackedUnit> Placed, IEnumerable<PackingKind> Waiting) Units()
    {
        var pods = Enumerable.Range(0, Kinds.Length).ToLookup(pod => Node[pod] >= 0);
        return (
            pods[true].Select(pod => new PackedUnit(pod, Kinds[pod], Node[pod], Devices[pod])),
            pods[false].Select(pod => Kinds[pod]));
    }

    public static PackingRun Of(
        TraceOrder order, TraceKinds kinds, Func<PackingNodes, PackingRule> ruleOf, bool scan = false)
    {
        var nodes = new PackingNodes([.. order.Nodes.Select(kinds.ShapeOf)]);
        var run = new PackingRun(nodes, [.. order.Pods.Select(kinds.KindOf)]);
        var rule = ruleOf(nodes);
        var index = new PackingIndex(nodes, rule);
        var oracle = new PackingScan(nodes, rule);
        var wholeFree = nodes.InstalledMilli / NodeColumns.WholeMilli;
        var clock = Stopwatch.StartNew();
        for (var pod = 0; pod < run.Kinds.Length; pod++)
        {
            var kind = run.Kinds[pod];
            var node = scan ? oracle.Find(kind) : index.Find(kind);
            run.Node[pod] = node;
            if (node < 0) continue;
            run.Devices[pod] = rule.Choose(nodes, node, kind);
            wholeFree -= nodes.WholeFree(node);
            nodes.Take(node, kind, run.Devices[pod]);
            wholeFree += nodes.WholeFree(node);
            index.Changed(node);
            if (rule is SparingRule { IsKeeping: false } sparing && SparingRule.MustKeep(wholeFree, nodes))
            {
                rule = sparing.Keeping();
                (index, oracle) = (new PackingIndex(nodes, rule), new PackingScan(nodes, rule));
            }
        }

        run.Elapsed = clock.Elapsed;
        return run;
    }
}
