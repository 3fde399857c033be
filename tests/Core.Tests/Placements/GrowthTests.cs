using ControlPlane.Core.Tests.Worlds;
using ControlPlane.Placements;

namespace ControlPlane.Core.Tests.Placements;

public sealed class GrowthTests
{
    [Fact]
    public void More_capacity_never_turns_a_placement_into_a_refusal()
    {
        Seeds.ForEach(1_500, dice =>
        {
            var question = RandomWorld.Of(dice, FleetSize.Small, placements: dice.Int(0, 6));
            var grown = question.On(FleetChanges.Grown(dice, question.Declared));
            for (var turn = 0; turn < 6; turn++)
            {
                var request = RandomRequest.Of(dice, question.World.Fleet);

                if (question.Decide(request) is not Placed placed) continue;

                Assert.True(grown.Decide(request) is Placed, $"{placed} became {grown.Decide(request)} for {request}");
            }
        });
    }

    [Fact]
    public void Fewer_placements_never_turn_a_placement_into_a_refusal()
    {
        Seeds.ForEach(1_000, dice =>
        {
            var question = RandomWorld.Of(dice, FleetSize.Small, placements: dice.Int(1, 8));
            var emptier = question.World.Copy();
            if (emptier.Placements.Count == 0) return;
            emptier.Remove(dice.Pick(emptier.Placements.ToList()).Id);
            for (var turn = 0; turn < 6; turn++)
            {
                var request = RandomRequest.Of(dice, question.World.Fleet);

                if (question.Decide(request) is not Placed placed) continue;

                var later = Placer.Decide(emptier, question.Law, request, question.AsOf);
                Assert.True(later is Placed, $"{placed} became {later} for {request}");
            }
        });
    }
}
