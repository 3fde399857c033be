using System.Globalization;
using ControlPlane.Core.Tests.Worlds;
using ControlPlane.Placements;
using ControlPlane.Policies;
using ControlPlane.Workloads;

namespace ControlPlane.Bench.Pools;

/// <summary>
/// Measures making room: 98 % of the accelerators are in use by work of all priorities, one accelerator each, and what
/// asks is more urgent than most. Beside it the same found by looking at every pool without the bound of the bands.
/// </summary>
internal static class PreemptionRows
{
    private const int NodesPerPool = 20;
    private const int PercentFull = 98;
    private const int Asked = 64;

    public static void Add(BenchTable table, (int Pools, int Seed, bool Quick) of)
    {
        var made = new BenchWorld(of.Pools, of.Seed, laws: 64, nodesPerPool: of.Quick ? 4 : NodesPerPool);
        var allocations = Fill(made, of.Seed);
        var law = new Law(made.World.Fleet, OnePolicy.Beside(made.Law.Policies, OnePolicy.Of(
            new PreemptionRule { Rule = "first", Whose = PreemptionReach.Any })));
        _ = made.World.Bands;
        foreach (var accelerators in (int[])[1, 2, 4, 8])
        {
            var questions = made.Requests(Asked).ConvertAll(request => new Question(made.World, law, request with
            {
                Priority = 950, Unit = request.Unit with { Accelerators = accelerators },
            }, BenchWorld.AsOf));
            Measure(table, (of.Pools, allocations, accelerators), questions, of.Quick);
        }
    }

    private static int Fill(BenchWorld made, int seed)
    {
        var random = new Random(seed);
        var asks = Enumerable.Range(0, BenchWorld.Models).Select(model => Enumerable.Range(0, 101)
            .Select(priority => made.Requests(1)[0] with
            {
                Priority = priority * 10, HomeRegion = null, Residency = [],
                Unit = new UnitNeed
                {
                    Accelerators = 1, Skus = [new($"m{model}")], CpuMilli = 4_000, MemoryMib = 16_384,
                },
            }).ToArray()).ToArray();
        var added = 0;
        foreach (var pool in made.World.Fleet.Pools)
        {
            for (var node = 0; node < pool.Nodes; node++)
            {
                for (var device = 0; device < pool.Spec.AcceleratorsPerNode; device++)
                {
                    if (random.Next(100) >= PercentFull) continue;
                    made.World.Add(new Placement
                    {
                        Id = new(new Guid(++added, 0, 0, new byte[8])),
                        Request = asks[pool.SkuIndex][random.Next(101)],
                        State = PlacementState.Bound, Epoch = 1,
                        Units = [new UnitBinding(new NodeId(pool.Id, node), 1UL << device, 0)],
                        DecidedAt = BenchWorld.AsOf.AddSeconds(-random.Next(1_000_000)),
                    });
                }
            }

            made.World.Settle();
        }

        return added;
    }

    private static void Measure(
        BenchTable table, (int Pools, int Allocations, int Accelerators) of, List<Question> questions, bool quick)
    {
        var found = 0;
        foreach (var question in questions)
        {
            // The walk that is remembered of the second request of a class gives the order of the pools.
            Placer.Decide(question.World, question.Law, question.Request, question.AsOf);
            Placer.Decide(question.World, question.Law, question.Request, question.AsOf);
            var (ours, every) = (Search(question), EveryPool(question));
            if (ours is not null) found++;
            if (ours?.Pool != every?.Pool || !(ours?.Victims.Select(item => item.Id) ?? [])
                .SequenceEqual(every?.Victims.Select(item => item.Id) ?? []))
                table.Wrong.Add($"{of.Pools} pools: what ends is not what looking at every pool finds");
        }

        var (many, few) = quick ? (100, 4) : (2_000, of.Pools > 10_000 ? 2 : 16);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Run(Search, many);
        var bytes = (GC.GetAllocatedBytesForCurrentThread() - before) / many;
        var (one, all) = Bench.Slices.Measure(quick ? 2 : 10,
            (count => Run(Search, count), many), (count => Run(EveryPool, count), few));
        table.Add($"{of.Pools}",
            string.Create(CultureInfo.InvariantCulture,
                $"what must end for one unit of {of.Accelerators}, among {of.Allocations:n0} placements"),
            $"{one}", Sample.Text(all.Median), (all.Median / one.Median).ToString("f0", CultureInfo.InvariantCulture),
            $"{bytes}", $"{100 - (100 * found / questions.Count)}");

        void Run(Func<Question, Eviction?> search, int count)
        {
            for (var each = 0; each < count; each++) search(questions[each % questions.Count]);
        }
    }

    private static Eviction? Search(Question question) =>
        Preemption.Search(question, LawSubject.Of(question.Request), PreemptionTerms.Of(question)!);

    private static Eviction? EveryPool(Question question)
    {
        var right = PreemptionTerms.Of(question)!;
        var look = new PoolEvictions(question, right);
        Eviction? best = null;
        foreach (var pool in Preemption.Ordered(question, LawSubject.Of(question.Request)))
        {
            if (look.In(pool, right.Highest) is { } found && (best is null || found.Band < best.Band)) best = found;
        }

        return best;
    }
}
