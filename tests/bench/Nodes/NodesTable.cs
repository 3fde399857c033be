using System.Globalization;
using ControlPlane.Bench.Packing;
using ControlPlane.Placements.Packing;
using ControlPlane.Traces;

namespace ControlPlane.Bench.Nodes;

/// <summary>
/// Measures the choice of a node by fragmentation on many copies of the nodes of the public trace, filled with its pods
/// in random order: the index against a full scan of every node for every unit, which must choose the same.
/// </summary>
internal static class NodesTable
{
    private const int Slices = 5;

    public static BenchTable Make(BenchOptions options)
    {
        var table = new BenchTable("nodes", "Choice of a node for one unit, taking included, processor time each",
            ["nodes", "GPUs", "full %", "rule", "index", "decisions/s", "full scan", "ratio", "MB of index"]);
        if (DataFolder.Root is null)
        {
            table.Notes.Add($"not measured: {DataFolder.Absence}");
            return table;
        }

        var order = TraceOrder.Make("default", options.Seeds.Count > 0 ? options.Seeds[0] : 1);
        foreach (var copies in options.Quick ? (int[])[1] : [1, 8, 83])
        {
            foreach (var own in (bool[])[false, true])
            {
                foreach (var percent in options.Quick ? (int[])[60] : [10, 60, 90])
                    Measure(table, order, (copies, percent, own), options.Quick);
            }
        }

        table.Notes.Add("pods arrive in random order until the share is reached; the index is built in that time");
        return table;
    }

    private static void Measure(
        BenchTable table, TraceOrder order, (int Copies, int Percent, bool Own) size, bool quick)
    {
        var kinds = new TraceKinds(order.Nodes);
        var mix = WorkloadMix.Of(
            order.Trace.Select(pod => (kinds.KindOf(pod), pod.Models)),
            size.Own ? LeftoverRule.MixPercent : WorkloadMix.PublishedPercent);
        var shapes = Enumerable.Range(0, size.Copies).SelectMany(_ => order.Nodes.Select(kinds.ShapeOf)).ToArray();
        new Random(1).Shuffle(shapes);
        var nodes = new PackingNodes(shapes);
        PackingRule rule = size.Own ? new LeftoverRule(nodes, mix) : new FragmentationRule(mix);
        var arrivals = order.Trace.Select(kinds.KindOf).ToArray();
        new Random(2).Shuffle(arrivals);

        var memory = GC.GetTotalMemory(forceFullCollection: true);
        var index = new PackingIndex(nodes, rule);
        var scan = new PackingScan(nodes, rule);
        var next = 0;
        long used = 0;
        while (used * 100 < nodes.InstalledMilli * size.Percent) used += PlaceNext();
        var megabytes = (GC.GetTotalMemory(forceFullCollection: true) - memory) / 1e6;

        var (many, few) = quick ? (500, 50) : (Math.Min(20_000, nodes.Count / 2), Math.Max(4, 40_000 / nodes.Count));
        for (var each = 0; each < few; each++)
        {
            var kind = arrivals[(next + each) % arrivals.Length];
            if (index.Find(kind) != scan.Find(kind))
                table.Wrong.Add($"{nodes.Count} nodes, {rule.Name}: index and scan differ");
        }

        var (fast, slow) = Bench.Slices.Measure(
            Slices,
            (count => Repeat(count, _ => PlaceNext()), many / Slices),
            (count => Repeat(count, each => scan.Find(arrivals[(next + each) % arrivals.Length])), few));
        table.Add($"{nodes.Count}", $"{nodes.InstalledMilli / 1000}", $"{size.Percent}", rule.Name, $"{fast}",
            (1e9 / fast.Median).ToString("f0", CultureInfo.InvariantCulture), Sample.Text(slow.Median),
            (slow.Median / fast.Median).ToString("f0", CultureInfo.InvariantCulture),
            megabytes.ToString("f0", CultureInfo.InvariantCulture));

        static void Repeat(int count, Action<int> run)
        {
            for (var each = 0; each < count; each++) run(each);
        }

        long PlaceNext()
        {
            var kind = arrivals[next];
            next = (next + 1) % arrivals.Length;
            var node = index.Find(kind);
            if (node < 0) return 0;
            nodes.Take(node, kind, rule.Choose(nodes, node, kind));
            index.Changed(node);
            return kind.TotalMilli;
        }
    }
}
