using System.Globalization;
using ControlPlane.Placements.Packing;
using ControlPlane.Traces;

namespace ControlPlane.Bench.Packing;

/// <summary>
/// Measures how much of the GPUs of the public trace each policy places when 130 % are asked for. Every run is made
/// twice, by the index and by a full scan; both must put every pod on the same accelerators.
/// </summary>
internal static class PackingTable
{
    /// <summary>Workloads that may be moved afterwards, of a hundred that are placed.</summary>
    private const int MovedPercent = 2;

    private const string Ours = "ours";

    private const string OursSparing = "ours, sparing";

    private static readonly Dictionary<(int Seed, string Policy), (long Milli, int NotPlaced)> Published = new()
    {
        [(42, "fgd")] = (5_919_410, 2_532),
        [(42, "bestfit")] = (5_785_450, 2_676),
    };

    public static BenchTable Make(BenchOptions options)
    {
        var table = new BenchTable("packing", "Packing of the public GPU trace, 130 % asked for",
        [
            "order", "policy", "placed milli-GPU", "share %", "pods not placed", "index, decisions/s", "full scan",
            "ratio", "digest",
        ]);
        if (options.OrderFolder is null && DataFolder.Root is null)
        {
            table.Notes.Add($"not measured: {DataFolder.Absence}");
            return table;
        }

        var shares = new Dictionary<(string List, string Policy), List<double>>();
        foreach (var order in OrdersOf(options))
        {
            foreach (var policy in PoliciesOf(options)) Measure(table, order, policy, shares);
        }

        foreach (var ((list, policy), all) in shares)
        {
            if (all.Count < 2) continue;
            table.Notes.Add(string.Create(CultureInfo.InvariantCulture,
                $"{list}, {policy}: mean {all.Average():f3} % over {all.Count} orders "
                + $"({all.Min():f3} to {all.Max():f3})"));
        }

        return table;
    }

    /// <summary>Our rule is shown in both its forms, since what one of them gains has its price.</summary>
    private static IEnumerable<string> PoliciesOf(BenchOptions options) =>
        options.Policies.SelectMany(policy => policy == Ours ? [Ours, OursSparing] : new[] { policy });

    private static IEnumerable<TraceOrder> OrdersOf(BenchOptions options)
    {
        if (options.OrderFolder is { } folder)
            return (options.Seeds.Count > 0 ? options.Seeds : [42]).Select(seed => TraceOrder.Read(folder, seed));
        var seeds = options.Seeds.Count > 0 ? options.Seeds : [.. Enumerable.Range(1001, options.Orders)];
        return options.Lists.SelectMany(list => seeds.Select(seed => TraceOrder.Make(list, seed)));
    }

    private static void Measure(
        BenchTable table, TraceOrder order, string policy, Dictionary<(string, string), List<double>> shares)
    {
        var kinds = new TraceKinds(order.Nodes);
        var rule = RuleOf(policy, kinds, order);
        var run = PackingRun.Of(order, kinds, rule);
        var scan = PackingRun.Of(order, kinds, rule, scan: true);
        var notPlaced = run.Kinds.Length - run.Placed;
        if (run.Digest != scan.Digest) table.Wrong.Add($"{order.Name}, {policy}: index and full scan differ");
        if (run.Overcommitted() is { } node) table.Wrong.Add($"{order.Name}, {policy}: node {node} is overcommitted");
        if (order.Seed is { } seed && Published.TryGetValue((seed, policy), out var published)
            && published != (run.PlacedMilli, notPlaced))
        {
            table.Wrong.Add($"{order.Name}, {policy}: published are {published.Milli} and {published.NotPlaced}");
        }

        var (fast, slow) = (run.Kinds.Length / run.Elapsed.TotalSeconds, run.Kinds.Length / scan.Elapsed.TotalSeconds);
        table.Add(order.Name, policy, Text(run.PlacedMilli), Text(run.Share, 3), Text(notPlaced),
            Text(fast, 0), Text(slow, 0), Text(fast / slow, 1), $"{run.Digest:x16}");
        Remember(policy, run.Share);
        if (policy is Ours or OursSparing) Move();

        void Move()
        {
            var most = run.Placed * MovedPercent / 100;
            var bound = 100.0 * run.MostWithMoves(most) / run.Nodes.InstalledMilli;
            var moves = run.Defragment(new LeftoverRule(run.Nodes, MixOf(kinds, order, LeftoverRule.MixPercent)), most);
            var milli = run.PlacedMilli + moves.Sum(move => (long)move.GainMilli);
            var share = 100.0 * milli / run.Nodes.InstalledMilli;
            table.Add(order.Name, $"{policy} + {moves.Count} moves", Text(milli), Text(share, 3),
                Text(notPlaced - moves.Sum(move => move.Served.Count)), "", "", "", $"at most {Text(bound, 2)} %");
            Remember($"{policy} + moves", share);
        }

        void Remember(string name, double share)
        {
            if (!shares.TryGetValue((order.List, name), out var all)) shares.Add((order.List, name), all = []);
            all.Add(share);
        }
    }

    private static Func<PackingNodes, PackingRule> RuleOf(
        string policy, TraceKinds kinds, TraceOrder order) => policy switch
    {
        "fgd" => _ => new FragmentationRule(MixOf(kinds, order, WorkloadMix.PublishedPercent)),
        "bestfit" => _ => new BestFitRule(),
        "firstfit" => _ => new FirstFitRule(),
        Ours => nodes => new LeftoverRule(nodes, MixOf(kinds, order, LeftoverRule.MixPercent)),
        OursSparing => nodes =>
            new SparingRule(new LeftoverRule(nodes, MixOf(kinds, order, LeftoverRule.MixPercent))),
        _ => throw new ArgumentException($"there is no policy {policy}; there are fgd, bestfit, firstfit and ours"),
    };

    private static WorkloadMix MixOf(TraceKinds kinds, TraceOrder order, int percent) =>
        WorkloadMix.Of(order.Trace.Select(pod => (kinds.KindOf(pod), pod.Models)), percent);

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);

    private static string Text(double number, int digits) =>
        number.ToString($"f{digits}", CultureInfo.InvariantCulture);
}
