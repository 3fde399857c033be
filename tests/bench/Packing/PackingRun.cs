using System.Diagnostics;
using System.Numerics;
using ControlPlane.Inventory;
using ControlPlane.Placements.Packing;

namespace ControlPlane.Bench.Packing;

/// <summary>Places the pods of an order one after the other by one rule, and keeps where each went.</summary>
internal sealed class PackingRun
{
    /// <summary>Thousandths of an accelerator that are no more than what the largest shares leave.</summary>
    private const int LeastRest = 200;

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

    /// <summary>
    /// Thousandths that could be in use at most after so many moves, whatever they are. A share of 800 or more leaves a
    /// rest that only shares of up to 200 can use, and there are only so many of those. On the other accelerators, what
    /// is idle and too little for everything that waits stays so unless a unit leaves or comes: two for each move.
    /// </summary>
    public long MostWithMoves(int moves)
    {
        long rest = 0, small = 0;
        var leastWaiting = NodeColumns.WholeMilli;
        var hosts = new HashSet<(int Node, int Device)>();
        for (var pod = 0; pod < Kinds.Length; pod++)
        {
            var share = Kinds[pod].ShareMilli;
            if (share is > 0 and <= LeastRest) small += share;
            if (share > 0 && Node[pod] < 0) leastWaiting = Math.Min(leastWaiting, share);
            if (share < NodeColumns.WholeMilli - LeastRest || Node[pod] < 0) continue;
            rest += NodeColumns.WholeMilli - share;
            hosts.Add((Node[pod], BitOperations.TrailingZeroCount(Devices[pod])));
        }

        var tooLittle = new List<long>();
        for (var node = 0; node < Nodes.Count; node++)
        {
            for (var device = 0; device < Nodes.Devices(node).Length; device++)
            {
                var idle = Nodes.Devices(node)[device];
                if (idle < leastWaiting && !hosts.Contains((node, device))) tooLittle.Add(idle);
            }
        }

        return Nodes.InstalledMilli - Math.Max(0, rest - small) - tooLittle.OrderDescending().Skip(2 * moves).Sum();
    }

    /// <summary>Moves placed pods so that more of those not placed find room.</summary>
    public List<PackingMove> Defragment(PackingRule rule, int most)
    {
        var pods = Enumerable.Range(0, Kinds.Length).ToLookup(pod => Node[pod] >= 0);
        var placed = pods[true].Select(pod => new PackedUnit(pod, Kinds[pod], Node[pod], Devices[pod]));
        return new Defragmenter(Nodes, rule, placed, pods[false].Select(pod => Kinds[pod])).Plan(most);
    }

    public static PackingRun Of(
        TraceOrder order, TraceKinds kinds, Func<PackingNodes, PackingRule> ruleOf, bool scan = false)
    {
        var nodes = new PackingNodes([.. order.Nodes.Select(kinds.ShapeOf)]);
        var run = new PackingRun(nodes, [.. order.Pods.Select(kinds.KindOf)]);
        var rule = ruleOf(nodes);
        var index = new PackingIndex(nodes, rule);
        var oracle = new PackingScan(nodes, rule);
        var clock = Stopwatch.StartNew();
        for (var pod = 0; pod < run.Kinds.Length; pod++)
        {
            var kind = run.Kinds[pod];
            var node = scan ? oracle.Find(kind) : index.Find(kind);
            run.Node[pod] = node;
            if (node < 0) continue;
            run.Devices[pod] = rule.Choose(nodes, node, kind);
            nodes.Take(node, kind, run.Devices[pod]);
            index.Changed(node);
        }

        run.Elapsed = clock.Elapsed;
        return run;
    }
}
