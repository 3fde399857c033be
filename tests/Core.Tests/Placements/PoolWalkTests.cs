using ControlPlane.Core.Tests.Worlds;
using ControlPlane.Ledger;
using ControlPlane.Placements;
using ControlPlane.Policies;
using ControlPlane.Workloads;

namespace ControlPlane.Core.Tests.Placements;

public sealed class PoolWalkTests
{
    [Fact]
    public void The_walk_decides_to_the_byte_what_looking_at_every_pool_decides()
    {
        var (walked, placed) = (0, 0);
        Seeds.ForEach(400, dice =>
        {
            var world = RandomWorld.Of(dice, FleetSize.Middle, dice.Int(0, 10));
            var requests = Enumerable.Range(0, dice.Int(1, 5))
                .Select(_ => dice.Chance(30) ? Gang(dice, world) : OneUnit(dice, world)).ToList();
            for (var step = 0; step < 40; step++)
            {
                var request = dice.Pick<PlacementRequest>(requests);
                var scanned = Scan(world, request);

                var decided = world.TryPlace(request, new DecisionId(dice.Guid()), hold: false);

                Assert.Equal(DecisionCodec.ToBytes(scanned), DecisionCodec.ToBytes(decided));
                placed += decided is Placed ? 1 : 0;
                walked += step >= requests.Count ? 1 : 0;
                if (world.World.Placements.Count > 0 && dice.Chance(30))
                    world.World.Remove(dice.Pick<Placement>([.. world.World.Placements]).Id);
            }
        });
        Assert.True(walked > 1000 && placed > 1000, $"only {walked} decisions of {placed} with a place: too easy");
    }

    [Fact]
    public void A_walk_allocates_nothing()
    {
        Seeds.ForEach(20, dice =>
        {
            var world = RandomWorld.Of(dice, FleetSize.Middle, 10);
            var request = OneUnit(dice, world);
            var question = new Question(world.World, world.Law, request, world.AsOf);
            var walk = new PoolWalk(question, Placer.Usable(question, LawSubject.Of(request)));
            walk.Find(world.World);

            var before = GC.GetAllocatedBytesForCurrentThread();
            walk.Find(world.World);

            Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        });
    }

    [Fact]
    public void Hardware_suffices_exactly_when_nothing_speaks_against_it()
    {
        var (suffices, not) = (0, 0);
        Seeds.ForEach(200, dice =>
        {
            var fleet = RandomFleet.Of(dice, FleetSize.Middle).Fleet;
            for (var step = 0; step < 20; step++)
            {
                var need = RandomRequest.Of(dice, fleet).Unit with { Confidential = dice.Chance(20) };
                foreach (var pool in fleet.Pools)
                {
                    var expected = Capability.Denials(pool, need).Count == 0;

                    Assert.Equal(expected, Capability.Suffices(pool, need));
                    if (expected) suffices++;
                    else not++;
                }
            }
        });
        Assert.True(suffices > 100 && not > 100, $"{suffices} suffice and {not} do not: too easy");
    }

    private static PlacementRequest OneUnit(Dice dice, RandomWorld world) =>
        RandomRequest.Of(dice, world.World.Fleet) with
        {
            Units = 1, Spread = null, Kind = dice.Pick(WorkloadKind.Service, WorkloadKind.Batch),
        };

    private static PlacementRequest Gang(Dice dice, RandomWorld world) =>
        RandomRequest.Of(dice, world.World.Fleet) with
        {
            Units = dice.Int(1, 6), Spread = null, Kind = WorkloadKind.Gang,
        };

    private static PlacementDecision Scan(RandomWorld world, PlacementRequest request)
    {
        var shaped = world.Law.Shape(request, world.AsOf);
        return shaped.IsDenied
            ? new Refused(RefusalReason.NoLawfulRegion)
            : Placer.Scan(new Question(world.World, world.Law, shaped.Request, world.AsOf), LawSubject.Of(request));
    }
}
