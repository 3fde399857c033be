using ControlPlane.Core.Tests.Worlds;
using ControlPlane.Placements;
using ControlPlane.Workloads;

namespace ControlPlane.Core.Tests.Placements;

public sealed class RefusalMemoryTests
{
    [Fact]
    public void A_refusal_that_is_remembered_says_what_it_would_say_if_it_were_worked_out_anew()
    {
        var (refused, remembered) = (0, 0);
        Seeds.ForEach(120, dice =>
        {
            var world = RandomWorld.Of(dice, FleetSize.Middle, dice.Int(0, 10));
            var requests = Enumerable.Range(0, dice.Int(1, 4))
                .Select(_ => RandomRequest.Of(dice, world.World.Fleet, mostUnits: 12)).ToList();
            for (var step = 0; step < 20; step++)
            {
                var request = dice.Pick<PlacementRequest>(requests) with { Workload = $"w{step}" };
                var anew = Placer.Explain(world.World.Copy(), world.Law, request, world.AsOf);

                var first = Placer.Explain(world.World, world.Law, request, world.AsOf);
                var second = Placer.Explain(
                    world.World, world.Law, request with { Workload = "other" }, world.AsOf);
                var decided = Placer.Decide(world.World, world.Law, request, world.AsOf);

                Assert.Equal(anew, first);
                Assert.Equal(anew, second);
                Assert.Equal(anew.Decision, decided);
                refused += first.Decision is Refused ? 1 : 0;
                remembered += ReferenceEquals(first, second) ? 1 : 0;
                if (dice.Chance(50))
                    world.TryPlace(dice.Pick<PlacementRequest>(requests), new(dice.Guid()), hold: false);
                if (world.World.Placements.Count > 0 && dice.Chance(20))
                    world.World.Remove(dice.Pick<Placement>([.. world.World.Placements]).Id);
            }
        });
        Assert.True(refused > 200, $"only {refused} were refused: too easy");
        Assert.Equal(refused, remembered);
    }
}
