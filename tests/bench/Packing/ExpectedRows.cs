using System.Globalization;
using ControlPlane.Bench.Pools;
using ControlPlane.Policies;
using ControlPlane.Workloads;

namespace ControlPlane.Bench.Packing;

/// <summary>
/// Measures what expected work costs where there are many pools: the walk with taking and giving back on made-up
/// worlds, once without and once with.
/// </summary>
internal static class ExpectedRows
{
    private const int PercentFull = 60;
    private const int Slices = 6;

    private static readonly Seq<ExpectedWork> expected =
    [
        .. Enumerable.Range(0, 4).Select(power => new ExpectedWork
        {
            Weight = 4 - power, Accelerators = 1 << power, CpuMilli = 4_000,
        }),
    ];

    public static void Add(BenchTable table, int pools, bool quick)
    {
        var (with, byWith) = Start(pools, expected, PoolRun.Walk);
        var (scan, byScan) = Start(pools, expected, PoolRun.Scan);
        var (without, byWithout) = Start(pools, [], PoolRun.Walk);
        var few = quick ? 50 : 20;
        with.Decide(byWith, few);
        scan.Decide(byScan, few);
        if (with.Digest != scan.Digest)
            table.Wrong.Add($"{pools} pools, expected work: the walk and looking at every pool differ");
        var many = quick ? 1_000 : 20_000;
        with.Decide(byWith, many);
        without.Decide(byWithout, many);
        var before = GC.GetAllocatedBytesForCurrentThread();
        with.Decide(byWith, many);
        var bytes = (GC.GetAllocatedBytesForCurrentThread() - before) / many;
        var (slow, fast) = Bench.Slices.Measure(
            quick ? 2 : Slices, (count => with.Decide(byWith, count), many),
            (count => without.Decide(byWithout, count), many));
        Row(slow, expected.Count, $"{bytes} bytes");
        Row(fast, 0, "");

        void Row(Sample time, int kinds, string allocated) => table.Add(
            "made up, 60 % full", $"{pools}", kinds == 0 ? "none" : $"{kinds}", "", "", "", $"{time}",
            (1e9 / time.Median).ToString("f0", CultureInfo.InvariantCulture), allocated);
    }

    private static (PoolRun Run, Chooser Choose) Start(
        int pools, Seq<ExpectedWork> work, Func<BenchWorld, List<PlacementRequest>, Chooser> way)
    {
        var made = new BenchWorld(pools, seed: 1, laws: 64);
        made.Expect(work);
        var requests = made.Requests(4_096);
        var run = new PoolRun(made, requests);
        run.Fill(PoolRun.Walk(made, requests), PercentFull);
        run.Rewind();
        return (run, way(made, requests));
    }
}
