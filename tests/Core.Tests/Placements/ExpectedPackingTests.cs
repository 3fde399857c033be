using ControlPlane.Core.Tests.Policies;
using ControlPlane.Core.Tests.Worlds;
using ControlPlane.Inventory;
using ControlPlane.Ledger;
using ControlPlane.Placements;
using ControlPlane.Policies;
using ControlPlane.Regions;
using ControlPlane.Server.Tests.Trace;
using ControlPlane.Traces;
using ControlPlane.Workloads;

namespace ControlPlane.Core.Tests.Placements;

public sealed class ExpectedPackingTests
{
    private static readonly FleetSize Wide = new(2, 2, 1, 2, 12, 8, 2);

    [Fact]
    public void The_nodes_are_those_that_looking_at_every_node_finds_whatever_is_remembered()
    {
        var seen = new SortedDictionary<string, int>(StringComparer.Ordinal);
        Seeds.ForEach(150, dice =>
        {
            var world = Expecting(dice, Wide);
            var requests = Enumerable.Range(0, dice.Int(1, 6)).Select(_ => Request(dice, world)).ToList();
            for (var step = 0; step < 40; step++)
            {
                var request = dice.Pick<PlacementRequest>(requests);
                var (cold, scanned) = (world.World.Copy(), Scan(world, request));

                var decided = world.TryPlace(request, new DecisionId(dice.Guid()), hold: false);

                var before = DecisionCodec.ToBytes(decided);
                Assert.Equal(DecisionCodec.ToBytes(scanned), before);
                Assert.Equal(
                    DecisionCodec.ToBytes(Placer.Decide(cold.Copy(), world.Law, request, world.AsOf)), before);
                if (decided is Placed placed)
                {
                    Assert.Equal(PackingOracle.Bind(cold, world.Law, (request, placed)), placed.Units);
                    Count(seen, world, request, placed);
                }

                Change(dice, world);
            }

            Assert.Empty(Audit.Of(world.World, world.AsOf));
        });
        Assert.All<string>(
            ["one", "several", "gang", "share", "cpu", "alone", "closed"],
            kind => Assert.True(seen.GetValueOrDefault(kind) > 60, $"{kind}: {seen.GetValueOrDefault(kind)}"));
    }

    [Fact]
    public void Two_laws_that_expect_different_work_do_not_disturb_each_other()
    {
        var differ = 0;
        Seeds.ForEach(80, dice =>
        {
            var world = Expecting(dice, Wide);
            var other = With(world, RandomLaw.Expected(dice.Int(0, 1_000)));
            var requests = Enumerable.Range(0, 3).Select(_ => Request(dice, world)).ToList();
            for (var step = 0; step < 20; step++)
            {
                var request = dice.Pick<PlacementRequest>(requests);
                foreach (var law in dice.Chance(50) ? (Law[])[world.Law, other] : [other, world.Law])
                {
                    Assert.Equal(
                        DecisionCodec.ToBytes(Placer.Decide(world.World.Copy(), law, request, world.AsOf)),
                        DecisionCodec.ToBytes(Placer.Decide(world.World, law, request, world.AsOf)));
                }

                differ += Placer.Decide(world.World, other, request, world.AsOf) == world.Decide(request) ? 0 : 1;
                world.TryPlace(request, new DecisionId(dice.Guid()), hold: false);
                Change(dice, world);
            }
        });
        Assert.True(differ > 10, $"{differ}: too easy");
    }

    [Fact]
    public void The_packing_term_of_a_pool_is_what_the_best_of_all_its_nodes_loses()
    {
        var terms = new HashSet<long>();
        Seeds.ForEach(60, dice =>
        {
            var world = Expecting(dice, Wide);
            for (var step = 0; step < 15; step++)
            {
                var request = Request(dice, world) with { Spread = null };
                foreach (var pool in world.World.Fleet.Pools)
                {
                    if (pool.Spec.AcceleratorsPerNode == 0 || !Capability.Suffices(pool, request.Unit)) continue;

                    var score = Score.Of(world.World, pool, request, world.Law.Policies.Preferences);

                    Assert.Equal(PackingOracle.Term(world.World, world.Law, pool, request), score.Packing);
                    terms.Add(score.Packing);
                }

                world.TryPlace(request, new DecisionId(dice.Guid()), hold: false);
                Change(dice, world);
            }
        });
        Assert.True(terms.Count > 30, $"{terms.Count} terms: too easy");
    }

    [Fact]
    public void What_finds_a_place_finds_one_whatever_is_expected_and_spread_units_the_same_pools()
    {
        var (differ, spread) = (0, 0);
        Seeds.ForEach(150, dice =>
        {
            var world = Expecting(dice, Wide);
            var none = With(world, []);
            for (var step = 0; step < 20; step++)
            {
                var request = Request(dice, world);
                var (with, without) = (world.Decide(request), Placer.Decide(world.World, none, request, world.AsOf));

                Assert.Equal(without is Placed, with is Placed);
                if (with is Placed one && without is Placed other)
                {
                    differ += one.Units == other.Units ? 0 : 1;
                    if (world.Law.Shape(request, world.AsOf).Request.Spread is not null)
                    {
                        Assert.Equal(other.Score, one.Score);
                        Assert.Equal(
                            other.Units.Select(unit => unit.Node.Pool), one.Units.Select(unit => unit.Node.Pool));
                        spread++;
                    }
                }

                world.TryPlace(request, new DecisionId(dice.Guid()), hold: false);
            }
        });
        Assert.True(differ > 50 && spread > 50, $"{differ} and {spread}: too easy");
    }

    [Fact]
    public void Work_that_wants_CPU_goes_where_CPU_would_be_left_when_it_is_known_that_small_work_comes()
    {
        TraceNode[] nodes =
        [
            .. Enumerable.Range(0, 12).Select(at => new TraceNode(at, $"lean-{at}", 32_000, 65_536, 8, "Lean")),
            .. Enumerable.Range(12, 24).Select(at => new TraceNode(at, $"rich-{at}", 64_000, 65_536, 2, "Rich")),
        ];
        var fleet = RegionFiles.Parse(TraceFleet.Files(nodes)).Value;
        ExpectedWork large = new() { Weight = 1, Accelerators = 1, CpuMilli = 24_000 };
        ExpectedWork small = new() { Weight = 10, Accelerators = 1, CpuMilli = 2_000 };

        var (with, without) = (Placed([large, small]), Placed([]));

        Assert.Equal((144, 108), (with, without));

        int Placed(Seq<ExpectedWork> expected)
        {
            var (world, placed) = (new World(), 0);
            world.Declare(fleet, KindFleet.Now);
            var law = new Law(world.Fleet, PolicySet.None with
            {
                Preferences = Preferences.Default with { ExpectedWork = expected },
            });
            foreach (var work in Enumerable.Repeat(large, 12).Concat(Enumerable.Repeat(small, 132)))
            {
                var request = OneOf(work);
                if (Placer.Decide(world, law, request, KindFleet.Now) is not Placed decided) continue;
                world.Add(new Placement
                {
                    Id = new DecisionId(new Guid(++placed, 0, 0, new byte[8])), Request = request, Epoch = 1,
                    State = PlacementState.Bound, Units = decided.Units, DecidedAt = KindFleet.Now,
                });
            }

            return placed;
        }
    }

    [Fact]
    public void Choosing_a_node_of_a_pool_that_changed_allocates_nothing()
    {
        var (looked, found) = (0, 0);
        Seeds.ForEach(20, dice =>
        {
            var world = Expecting(dice, Wide);
            var request = Request(dice, world) with { Units = 1, Kind = WorkloadKind.Batch, Isolation = default };
            var question = new Question(world.World, world.Law, request, world.AsOf);
            var walk = new PoolWalk(question, Placer.Usable(question, LawSubject.Of(request)));
            for (var step = 0; step < 3; step++)
            {
                if (walk.Find(world.World) is not { } place) return;
                var unit = NodeChoice.BindOne(
                    world.World, world.Law.Policies.Preferences, (place.Pool, place.Node), request.Unit);
                world.World.Nodes.Take(place.Pool.Index, unit, request.Unit);

                var before = GC.GetAllocatedBytesForCurrentThread();
                var next = walk.Find(world.World);

                // The first time around a pool may be asked about that was never asked about before.
                if (step > 0 && next?.Pool == place.Pool)
                {
                    Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
                    found++;
                }

                looked++;
            }
        });
        Assert.True(found > 5, $"{found} of {looked}: too easy");
    }

    private static RandomWorld Expecting(Dice dice, FleetSize size)
    {
        var world = RandomWorld.Of(dice, size, 0);
        world.Law = With(world, RandomLaw.Expected(dice.Int(0, 1_000)));
        return world;
    }

    private static Law With(RandomWorld world, Seq<ExpectedWork> expected) =>
        new(world.World.Fleet, world.Law.Policies with
        {
            Preferences = world.Law.Policies.Preferences with { ExpectedWork = expected },
        });

    private static PlacementRequest Request(Dice dice, RandomWorld world) =>
        RandomRequest.Of(dice, world.World.Fleet, mostUnits: 6) with
        {
            Isolation = dice.Chance(80) ? IsolationLevel.Shared
                : dice.Pick(IsolationLevel.DedicatedNode, IsolationLevel.DedicatedSite),
        };

    private static PlacementRequest OneOf(ExpectedWork work) => new()
    {
        Tenant = new("t1"), Workload = "w", Kind = WorkloadKind.Batch, DataClass = new("public"), Units = 1,
        Unit = new UnitNeed
        {
            Accelerators = work.Accelerators, AcceleratorShareMilli = work.ShareMilli, CpuMilli = work.CpuMilli,
            MemoryMib = 1_024,
        },
    };

    /// <summary>Something else happens: work ends, nodes close and open, much comes and goes again.</summary>
    private static void Change(Dice dice, RandomWorld world)
    {
        var placements = world.World.Placements.ToList();
        if (placements.Count > 0 && dice.Chance(35)) world.World.Remove(dice.Pick<Placement>(placements).Id);
        if (dice.Chance(10) && world.World.Fleet.Pools.Where(pool => pool.Nodes > 0).ToList() is { Count: > 0 } pools)
        {
            var pool = dice.Pick(pools);
            var node = new NodeId(pool.Id, dice.Int(0, pool.Nodes - 1));
            world.World.Set(node, dice.Chance(60)
                ? new NodeCondition(node, NodeDuty.Cordoned, world.AsOf, "a test") : null);
        }

        var mark = world.World.Mark();
        // More changes at times than a pool keeps.
        for (var again = dice.Chance(20) ? dice.Int(1, 120) : 0; again > 0; again--)
        {
            if (world.World.Placements.Count == 0) break;
            var moved = dice.Pick<Placement>([.. world.World.Placements.Take(3)]);
            world.World.Remove(moved.Id);
            world.World.Add(moved);
            if (again == 1) world.World.Remove(moved.Id);
        }

        if (dice.Chance(50)) world.World.UndoTo(mark, world.World.Position);
    }

    private static PlacementDecision Scan(RandomWorld world, PlacementRequest request)
    {
        var shaped = world.Law.Shape(request, world.AsOf);
        return shaped.IsDenied
            ? new Refused(RefusalReason.NoLawfulRegion)
            : Placer.Scan(
                new Question(world.World.Copy(), world.Law, shaped.Request, world.AsOf), LawSubject.Of(request));
    }

    private static void Count(
        SortedDictionary<string, int> seen, RandomWorld world, PlacementRequest request, Placed placed)
    {
        var accelerated = placed.Units.Any(unit =>
            world.World.Fleet.FindPool(unit.Node.Pool)!.Spec.AcceleratorsPerNode > 0);
        if (!accelerated) return;
        Add("one", request.Units == 1);
        Add("several", request.Units > 1 && request.Kind != WorkloadKind.Gang);
        Add("gang", request.Units > 1 && request.Kind == WorkloadKind.Gang);
        Add("share", request.Unit.AcceleratorShareMilli > 0);
        Add("cpu", !request.Unit.NeedsAccelerator);
        Add("alone", request.Isolation != IsolationLevel.Shared);
        Add("closed", world.World.ClosedNodes.Conditions.Count > 0);

        void Add(string kind, bool counts) => seen[kind] = seen.GetValueOrDefault(kind) + (counts ? 1 : 0);
    }
}
