using System.Globalization;
using ControlPlane.Placements.Packing;
using ControlPlane.Policies;
using ControlPlane.Traces;

namespace ControlPlane.Bench.Packing;

/// <summary>
/// Measures what it brings to say in the preferences which work is expected: the public trace decided as the API
/// decides it, once without and once with, on all nodes of the trace and on those of its most frequent shape, which are
/// one pool.
/// </summary>
internal static class ExpectedTable
{
    /// <summary>Kinds that preferences may name.</summary>
    private const int MostKinds = 64;

    private const int WholeWeight = 10_000;

    public static BenchTable Make(BenchOptions options)
    {
        var table = new BenchTable("expected", "The public GPU trace decided as the API decides it, 130 % asked for",
        [
            "order", "pools", "expected kinds", "placed milli-GPU", "share %", "pods not placed", "processor time each",
            "decisions/s", "digest or bytes",
        ]);
        foreach (var pools in options.Quick ? (int[])[104] : [104, 4_000, 100_000])
            ExpectedRows.Add(table, pools, options.Quick);
        table.Notes.Add("made up: pools of four nodes at prices of their own");
        if (DataFolder.Root is null)
        {
            table.Notes.Add($"the trace is not measured: {DataFolder.Absence}");
            return table;
        }

        IEnumerable<int> seeds = options.Seeds.Count > 0 ? options.Seeds : Enumerable.Range(1001, options.Orders);
        foreach (var list in options.Quick ? options.Lists.Take(1) : options.Lists)
        {
            var orders = (options.Quick ? seeds.Take(1) : seeds).Select(seed => TraceOrder.Make(list, seed)).ToList();
            Compare(table, $"{list}, all nodes", orders);
            Compare(table, $"{list}, one pool", orders.ConvertAll(OnePool));
        }

        table.Notes.Add("each pool has equal nodes, one for each shape of the trace, all at one price; the weights are "
            + "those that are usual, and placing is part of the time");
        return table;
    }

    private static void Compare(BenchTable table, string name, List<TraceOrder> orders)
    {
        var gains = orders.ConvertAll(order => Measure(table, order, ExpectedOf(order)) - Measure(table, order, []));
        table.Notes.Add(string.Create(CultureInfo.InvariantCulture,
            $"{name}: {gains.Average():f3} points of all GPUs more with expected work, mean of {gains.Count} orders "
            + $"({gains.Min():f3} to {gains.Max():f3})"));
    }

    /// <summary>The nodes of the most frequent shape, and as much of the work as asks for 130 % of them.</summary>
    private static TraceOrder OnePool(TraceOrder order)
    {
        var nodes = order.Nodes.GroupBy(node => (node.Model, node.Gpus, node.CpuMilli, node.MemoryMib))
            .OrderByDescending(shape => shape.Count()).ThenBy(shape => shape.Key).First().ToList();
        var most = nodes.Sum(node => node.Gpus * 1000L) * TraceOrder.DemandMilli / 1000;
        long demand = 0;
        var pods = order.Pods.TakeWhile(pod => (demand += pod.TotalMilli) <= most)
            .Select(pod => pod with { Models = "" }).ToList();
        return order with { Nodes = nodes, Pods = pods };
    }

    private static double Measure(BenchTable table, TraceOrder order, Seq<ExpectedWork> expected)
    {
        var fleet = DecidedRun.FleetOf(order.Nodes);
        var run = DecidedRun.Of(fleet, expected, order.Pods, checkEach: 0);
        var again = DecidedRun.Of(fleet, expected, order.Pods, checkEach: order.Pods.Count / 100);
        var name = $"{order.Name}, {expected.Count} kinds";
        if (run.Digest != again.Digest) table.Wrong.Add($"{name}: made twice, the decisions differ");
        if (again.Otherwise > 0)
            table.Wrong.Add($"{name}: {again.Otherwise} decisions differ from those that look at every pool");
        if (!run.IsSound) table.Wrong.Add($"{name}: a node is overcommitted");
        var each = run.Elapsed.TotalNanoseconds / order.Pods.Count;
        var share = 100.0 * run.PlacedMilli / run.InstalledMilli;
        table.Add(order.Name, $"{fleet.Pools.Count}", expected.Count == 0 ? "none" : $"{expected.Count}",
            run.PlacedMilli.ToString(CultureInfo.InvariantCulture), share.ToString("f3", CultureInfo.InvariantCulture),
            $"{run.Refused}", Sample.Text(each), (1e9 / each).ToString("f0", CultureInfo.InvariantCulture),
            $"{run.Digest:x16}");
        return share;
    }

    /// <summary>The most frequent kinds of the trace itself, with how often each comes.</summary>
    private static Seq<ExpectedWork> ExpectedOf(TraceOrder order)
    {
        var kinds = new TraceKinds(order.Nodes);
        return WorkloadMix.Of(order.Trace.Select(pod => (AnyModel(pod), "")), LeftoverRule.MixPercent).Typical
            .Take(MostKinds)
            .Select(item => new ExpectedWork
            {
                Weight = Math.Max(1, (int)Math.Round(item.Share * WholeWeight)), CpuMilli = item.Kind.CpuMilli,
                Accelerators = item.Kind.Accelerators, ShareMilli = item.Kind.ShareMilli,
            })
            .ToSeq();

        // Preferences name no models: pools differ in them, nodes of one pool do not.
        PackingKind AnyModel(TracePod pod) => kinds.KindOf(pod) with { Models = PackingKind.AnyModel };
    }
}
