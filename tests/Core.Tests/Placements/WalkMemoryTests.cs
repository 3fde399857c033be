using ControlPlane.Core.Tests.Worlds;
using ControlPlane.Ledger;
using ControlPlane.Placements;
using ControlPlane.Policies;
using ControlPlane.Workloads;

namespace ControlPlane.Core.Tests.Placements;

public sealed class WalkMemoryTests
{
    [Fact]
    public void What_is_remembered_for_one_tenant_serves_the_others_under_the_same_law()
    {
        var world = RandomWorld.Of(new Dice(1), FleetSize.Middle, 0);
        world = world.On(world.Declared, PolicySet.None);
        var asked = new[] { "one", "two", "three" }.Select(tenant => Question(world, tenant)).ToList();
        var memory = WalkMemory.Of(asked[0]);

        var walks = asked.ConvertAll(question => memory.For(question, LawSubject.Of(question.Request)));

        Assert.Null(walks[0]);
        Assert.NotNull(walks[1]);
        Assert.Same(walks[1], walks[2]);
    }

    [Fact]
    public void Where_work_is_alone_each_tenant_has_what_is_remembered_to_itself()
    {
        var world = RandomWorld.Of(new Dice(1), FleetSize.Middle, 0);
        world = world.On(world.Declared, PolicySet.None);
        var alone = Question(world, "alone").Request with { Isolation = IsolationLevel.DedicatedNode };
        Assert.IsType<Placed>(world.TryPlace(alone, new DecisionId(Guid.Empty), hold: false));
        var asked = new[] { "one", "one", "two", "two" }.Select(tenant => Question(world, tenant)).ToList();
        var memory = WalkMemory.Of(asked[0]);

        var walks = asked.ConvertAll(question => memory.For(question, LawSubject.Of(question.Request)));

        Assert.Equal([true, false, true, false], walks.Select(walk => walk is null));
        Assert.NotSame(walks[1], walks[3]);
    }

    [Fact]
    public void Tenants_that_share_what_is_remembered_are_decided_to_the_byte_as_by_looking_at_every_pool()
    {
        var (placed, alone, lawless) = (0, 0, 0);
        Seeds.ForEach(400, dice =>
        {
            var world = RandomWorld.Of(dice, FleetSize.Middle, dice.Int(0, 4));
            var requests = Enumerable.Range(0, 2).Select(_ => Some(dice, world)).ToList();
            for (var step = 0; step < 30; step++)
            {
                var request = dice.Pick<PlacementRequest>(requests) with
                {
                    Tenant = dice.Pick(RandomLaw.Tenants),
                    Isolation = step > 10 && dice.Chance(8) ? IsolationLevel.DedicatedNode : IsolationLevel.Shared,
                };
                var shaped = world.Law.Shape(request, world.AsOf);
                var scanned = shaped.IsDenied ? new Refused(RefusalReason.NoLawfulRegion) : Placer.Scan(
                    new Question(world.World, world.Law, shaped.Request, world.AsOf), LawSubject.Of(request));

                var decided = world.TryPlace(request, new DecisionId(dice.Guid()), hold: false);

                if (decided is not Placed { Preempted.Count: > 0 })
                    Assert.Equal(DecisionCodec.ToBytes(scanned), DecisionCodec.ToBytes(decided));
                placed += decided is Placed ? 1 : 0;
                alone += world.World.Tenancy.HasDedicated ? 1 : 0;
                lawless += decided is Refused
                    { Reason: RefusalReason.NoLawfulRegion or RefusalReason.PolicyContradiction } ? 1 : 0;
                if (world.World.Placements.Count > 0 && dice.Chance(50))
                    world.World.Remove(dice.Pick<Placement>([.. world.World.Placements]).Id);
            }
        });
        Assert.True(
            placed > 2000 && alone > 1000 && lawless > 200,
            $"{placed} were placed, {alone} beside work that is alone, {lawless} had no lawful place: too easy");
    }

    private static Question Question(RandomWorld world, string tenant) => new(
        world.World, world.Law, new PlacementRequest
        {
            Tenant = new(tenant), Workload = "w", Kind = WorkloadKind.Batch, DataClass = new("public"), Units = 1,
            Unit = new UnitNeed { CpuMilli = 500, MemoryMib = 256 },
        },
        world.AsOf);

    private static PlacementRequest Some(Dice dice, RandomWorld world)
    {
        var request = RandomRequest.Of(dice, world.World.Fleet);
        return request with
        {
            Units = request.Kind == WorkloadKind.Gang || request.Spread is not null ? request.Units : 1,
            Residency = dice.Chance(10) ? [new("DE")] : request.Residency,
            DenyRegions = dice.Chance(10) ? request.AllowRegions : request.DenyRegions,
        };
    }
}
