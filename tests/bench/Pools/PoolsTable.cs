using System.Globalization;
using ControlPlane.Workloads;

namespace ControlPlane.Bench.Pools;

/// <summary>
/// Measures the choice of pool, node and accelerators for one unit, with taking and giving back, against a plain loop
/// that asks every rule about every pool, and against looking at every pool with the law compiled.
/// </summary>
internal static class PoolsTable
{
    private const int Slices = 10;

    public static BenchTable Make(BenchOptions options)
    {
        var table = new BenchTable("pools", "Decisions for one unit, with taking and giving back, processor time each",
        [
            "pools", "laws", "full %", "walk", "bytes", "Decide", "plain loop over rules", "ratio",
            "every pool, law compiled", "ratio", "refused %",
        ]);
        var seed = options.Seeds.Count > 0 ? options.Seeds[0] : 1;
        IReadOnlyList<int> sizes = options.Sizes.Count > 0 ? options.Sizes
            : options.Quick ? [104, 1_000]
            : [104, 1_000, 4_000, 10_000, 100_000];
        foreach (var percent in options.Quick ? (int[])[60] : [60, 90, 100])
        {
            var points = new List<(double Pools, double Nanoseconds)>();
            foreach (var pools in sizes) points.Add((pools, Measure(table, (pools, percent), seed, options.Quick)));
            if (points.Count < 2) continue;
            table.Notes.Add(string.Create(CultureInfo.InvariantCulture,
                $"{percent} % full: {points[^1].Nanoseconds / points[0].Nanoseconds:f1} times the time for "
                + $"{points[^1].Pools / points[0].Pools:f0} times the pools, exponent {Exponent(points):f2}"));
        }

        table.Notes.Add("walk: the class of the request is given; Decide: it is looked up, and a decision is made");
        table.Notes.Add("100 % full: every request is refused, so this is the time to say no");
        table.Notes.Add("every way chose the same places on a world of its own before anything was timed");
        return table;
    }

    private static double Measure(BenchTable table, (int Pools, int Percent) size, int seed, bool quick)
    {
        var laws = size.Pools > 10_000 ? 64 : BenchWorld.Laws;
        var (walk, byWalk) = Start(size, (seed, laws), PoolRun.Walk);
        var (rules, byRules) = Start(size, (seed, laws), PoolRun.Rules);
        var (scan, byScan) = Start(size, (seed, laws), PoolRun.Scan);
        var (decide, byDecide) = Start(size, (seed, laws), PoolRun.Decide);
        var few = size.Pools > 10_000 ? 4 : quick ? 50 : Math.Max(8, 40_000 / size.Pools);
        foreach (var (run, choose) in new[] { (walk, byWalk), (rules, byRules), (scan, byScan), (decide, byDecide) })
            run.Decide(choose, few);
        if (walk.Digest != rules.Digest || walk.Digest != scan.Digest || walk.Digest != decide.Digest)
            table.Wrong.Add($"{size.Pools} pools: walk, loop over rules, scan and Decide choose different places");

        var many = quick ? 2_000 : 50_000;
        walk.Decide(byWalk, many);
        var allocated = GC.GetAllocatedBytesForCurrentThread();
        walk.Decide(byWalk, many);
        var bytes = (GC.GetAllocatedBytesForCurrentThread() - allocated) / (double)many;
        if (bytes >= 1) table.Wrong.Add($"{size.Pools} pools: the walk allocates {bytes:f0} bytes for each decision");
        var before = walk.Refused;
        var slices = quick ? 2 : Slices;
        var (ours, loop) = Bench.Slices.Measure(
            slices, (count => walk.Decide(byWalk, count), many), (count => rules.Decide(byRules, count), few));
        var refused = 100.0 * (walk.Refused - before) / ((double)many * slices);
        var every = Bench.Slices.Measure(slices, count => scan.Decide(byScan, count), few);
        decide.Decide(byDecide, quick ? 500 : 20_000);
        var whole = Bench.Slices.Measure(slices, count => decide.Decide(byDecide, count), quick ? 500 : 20_000);
        table.Add(
            $"{size.Pools}", $"{laws}", $"{size.Percent}", $"{ours}", Number(bytes), Sample.Text(whole.Median),
            Sample.Text(loop.Median), Number(loop.Median / ours.Median), Sample.Text(every.Median),
            Number(every.Median / ours.Median), Number(refused));
        return ours.Median;
    }

    private static (PoolRun Run, Chooser Choose) Start(
        (int Pools, int Percent) size, (int Seed, int Laws) of, Func<BenchWorld, List<PlacementRequest>, Chooser> way)
    {
        var made = new BenchWorld(size.Pools, of.Seed, of.Laws);
        var requests = made.Requests(4_096);
        var run = new PoolRun(made, requests);
        run.Fill(PoolRun.Walk(made, requests), size.Percent);
        run.Rewind();
        run.GiveWhenRefused = size.Percent < 100;
        return (run, way(made, requests));
    }

    /// <summary>Slope of the logarithms by least squares.</summary>
    private static double Exponent(List<(double Pools, double Nanoseconds)> points)
    {
        var logs = points.ConvertAll(point => (X: Math.Log(point.Pools), Y: Math.Log(point.Nanoseconds)));
        var (x, y) = (logs.Average(log => log.X), logs.Average(log => log.Y));
        return logs.Sum(log => (log.X - x) * (log.Y - y)) / logs.Sum(log => (log.X - x) * (log.X - x));
    }

    private static string Number(double number) =>
        number.ToString(number < 10 ? "f2" : "f0", CultureInfo.InvariantCulture);
}
