using System.Globalization;
using ControlPlane.Placements;
using ControlPlane.Policies;
using ControlPlane.Workloads;

namespace ControlPlane.Bench.Pools;

/// <summary>
/// Measures whole decisions of other kinds than one unit somewhere: gangs, spread services, and requests made to be
/// slow. Each is decided as the API does and by looking at every pool; other bytes than those fail the run.
/// </summary>
internal static class DecisionsTable
{
    private const int PercentFull = 60;

    // Where there are so many pools, fewer laws are asked about, which reach less than half of them.
    private const int PercentFullOfMany = 20;
    private const int ManyPools = 10_000;
    private const int MostPoolsToClear = 10_000;

    // So that a site has room for eight replicas that take a node each, also when it is in use.
    private const int RoomyNodesPerPool = 16;

    public static BenchTable Make(BenchOptions options)
    {
        var table = new BenchTable("decisions", "Whole decisions of other kinds, processor time each",
            ["pools", "what", "decided", "looking at every pool", "ratio", "bytes allocated", "refused %"]);
        var seed = options.Seeds.Count > 0 ? options.Seeds[0] : 1;
        IReadOnlyList<int> sizes = options.Sizes.Count > 0 ? options.Sizes
            : options.Quick ? [1_000] : [1_000, 10_000, 100_000];
        foreach (var pools in sizes)
        {
            var made = new BenchWorld(pools, seed, laws: pools > ManyPools ? 64 : BenchWorld.Laws);
            Fill(made, pools > ManyPools ? PercentFullOfMany : PercentFull);
            var tenants = pools > ManyPools ? 512 : 4_096;
            foreach (var (what, requests) in Kinds(made, tenants))
                Measure(table, made, (pools, what, requests), options.Quick);
            made.Limit();
            Measure(table, made, (pools, "one unit under a quota and a reserve", made.Requests(64)), options.Quick);
            MeasureManyReplicas(table, (pools, seed, options.Quick));
            // With 160 placements for each pool; more than a million and a half of them only when asked for.
            if (pools <= MostPoolsToClear || options.Sizes.Count > 0)
                PreemptionRows.Add(table, (pools, seed, options.Quick));
        }

        table.Notes.Add(
            $"{PercentFull} % of the accelerators are in use, of more than {ManyPools} pools {PercentFullOfMany} %; "
            + "nothing is taken, so every decision is the first");
        table.Notes.Add($"64 replicas: on sites with {RoomyNodesPerPool} nodes of each model; the others have 4");
        table.Notes.Add("what must end: the search alone, 98 % in use by work of one accelerator and any priority");
        return table;
    }

    private static void MeasureManyReplicas(BenchTable table, (int Pools, int Seed, bool Quick) of)
    {
        var made = new BenchWorld(
            of.Pools, of.Seed, laws: of.Pools > ManyPools ? 64 : BenchWorld.Laws, nodesPerPool: RoomyNodesPerPool);
        Fill(made, of.Pools > ManyPools ? PercentFullOfMany : PercentFull);
        var requests = made.Requests(64).ConvertAll(request => request with
        {
            Kind = WorkloadKind.Service, Units = 64, Unit = request.Unit with { Accelerators = 8 },
            Spread = new SpreadNeed(SpreadDomain.Site, MinDomains: 8, MaxSkew: 0),
        });
        Measure(table, made, (of.Pools, "64 replicas of 8 accelerators, at most 8 a site", requests), of.Quick);
    }

    private static void Fill(BenchWorld made, int percent)
    {
        var requests = made.Requests(4_096);
        var run = new PoolRun(made, requests);
        run.Fill(PoolRun.Walk(made, requests), percent);
    }

    private static IEnumerable<(string What, List<PlacementRequest> Requests)> Kinds(BenchWorld made, int tenants)
    {
        var singles = made.Requests(64);
        yield return ("one unit", singles);
        yield return ("gang of 4 units in one fabric domain", Gangs(singles, units: 4, accelerators: 4));
        yield return ("gang that almost fits: all nodes of a pool but one unit too many",
            Gangs(singles, units: 33, accelerators: 1));
        yield return ("8 replicas over at least 4 sites", singles.ConvertAll(request => request with
        {
            Kind = WorkloadKind.Service, Units = 8, Spread = new SpreadNeed(SpreadDomain.Site, 4, 2),
        }));
        yield return ("8 replicas, together or apart", singles.ConvertAll(request => request with
        {
            Kind = WorkloadKind.Service, Units = 8,
        }));
        yield return ("one lawful region", singles.ConvertAll(request => request with
        {
            Residency = [], AllowRegions = [made.World.Fleet.Regions[0].Id],
        }));
        yield return ("law that leaves no pool", singles.ConvertAll(request => request with
        {
            Residency = [made.World.Fleet.Regions[0].Spec.Jurisdiction],
            DenyRegions = made.World.Fleet.Regions.Select(region => region.Id).ToSeq(),
        }));
        yield return ("more than any node has: every pool full for it", singles.ConvertAll(request => request with
        {
            Unit = request.Unit with { Accelerators = 8, MemoryMib = 786_432, CpuMilli = 96_001 },
        }));
        var many = string.Create(CultureInfo.InvariantCulture, $"{tenants:n0} tenants, each with its own law");
        yield return (many, [.. made.Requests(tenants)
            .Select((request, number) => request with { Tenant = new($"tenant-{number}") })]);
    }

    private static List<PlacementRequest> Gangs(List<PlacementRequest> of, int units, int accelerators) =>
        of.ConvertAll(request => request with
        {
            Kind = WorkloadKind.Gang, Units = units, Unit = request.Unit with { Accelerators = accelerators },
        });

    private static void Measure(
        BenchTable table, BenchWorld made, (int Pools, string What, List<PlacementRequest> Requests) of, bool quick)
    {
        var (refused, at) = (0, 0);
        foreach (var request in of.Requests)
        {
            // The first of a class is decided by looking at every pool, so that strangers cost no memory.
            Placer.Decide(made.World, made.Law, request, BenchWorld.AsOf);
            var decided = Placer.Decide(made.World, made.Law, request, BenchWorld.AsOf);
            if (decided is Refused) refused++;
            // Of many, some are held against the definition.
            if (at++ % Math.Max(1, of.Requests.Count / 64) == 0 && !Same(decided, Scan(made, request)))
                table.Wrong.Add($"{of.Pools} pools, {of.What}: decided otherwise than by looking at every pool");
        }

        var few = Bench.Slices.RepeatsOf(ScanAll, (2, quick ? 8 : 32));
        var many = Bench.Slices.RepeatsOf(Decide, (64, quick ? 500 : 10_000));
        var before = GC.GetAllocatedBytesForCurrentThread();
        Decide(many);
        var bytes = (GC.GetAllocatedBytesForCurrentThread() - before) / many;
        var slices = quick ? 2 : 10;
        var (ours, every) = Bench.Slices.Measure(slices, (Decide, many), (ScanAll, few));
        table.Add($"{of.Pools}", of.What, $"{ours}", Sample.Text(every.Median),
            (every.Median / ours.Median).ToString("f0", CultureInfo.InvariantCulture), $"{bytes}",
            $"{100 * refused / of.Requests.Count}");

        void Decide(int count)
        {
            for (var each = 0; each < count; each++)
                Placer.Decide(made.World, made.Law, of.Requests[each % of.Requests.Count], BenchWorld.AsOf);
        }

        void ScanAll(int count)
        {
            for (var each = 0; each < count; each++) Scan(made, of.Requests[each % of.Requests.Count]);
        }
    }

    private static PlacementDecision Scan(BenchWorld made, PlacementRequest request) => Placer.Scan(
        new Question(made.World, made.Law, request, BenchWorld.AsOf), LawSubject.Of(request));

    private static bool Same(PlacementDecision one, PlacementDecision other) =>
        Ledger.DecisionCodec.ToBytes(one).AsSpan().SequenceEqual(Ledger.DecisionCodec.ToBytes(other));
}
