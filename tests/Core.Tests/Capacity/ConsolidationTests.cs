using ControlPlane.Capacity;
using ControlPlane.Core.Tests.Worlds;
using ControlPlane.Workloads;

namespace ControlPlane.Core.Tests.Capacity;

public sealed class ConsolidationTests
{
    [Fact]
    public void Every_plan_can_be_carried_out_and_frees_the_nodes_it_names()
    {
        var (moves, plans) = (0, 0);
        Seeds.ForEach(150, dice =>
        {
            var random = RandomWorld.Of(dice, FleetSize.Middle, dice.Int(0, 5));
            var request = RandomRequest.Of(dice, random.World.Fleet) with
            {
                Units = 1, Spread = null, Kind = dice.Pick(WorkloadKind.Service, WorkloadKind.Gang, WorkloadKind.Batch),
                Unit = new UnitNeed { Accelerators = dice.Int(1, 3), CpuMilli = 1_000, MemoryMib = 1_024 },
            };
            for (var step = 0; step < 60; step++)
                random.TryPlace(request, new DecisionId(dice.Guid()), hold: dice.Chance(5));
            foreach (var placement in random.World.Placements.OrderBy(item => item.Id).ToList())
            {
                if (dice.Chance(60)) random.World.Remove(placement.Id);
            }

            random.World.Settle();

            var before = random.World.Copy();
            var most = dice.Int(1, 20);

            var plan = Consolidation.Plan(random.World, random.Law, (most, random.AsOf));

            Assert.InRange(plan.Moves, 0, most);
            Assert.Equal(
                before.Placements.OrderBy(item => item.Id), random.World.Placements.OrderBy(item => item.Id));
            foreach (var move in plan.Steps.SelectMany(step => step.Moves))
            {
                Assert.Equal((move.From.Node.Pool, WorkloadKind.Gang == move.Placement.Request.Kind),
                    (move.To.Node.Pool, false));
                before.Remove(move.Placement.Id);
                before.Add(move.Placement with { Units = [move.To] });
                Assert.True(before.Nodes.IsSound(
                    before.Fleet.FindPool(move.To.Node.Pool)!.Index, move.To.Node.Ordinal));
            }

            Assert.All(plan.Steps, step => Assert.DoesNotContain(
                before.Placements, placement => placement.Units.Any(unit => unit.Node == step.Node)));
            Assert.Equal(plan.WholeNodesAfter - plan.WholeNodesBefore, plan.Steps.Sum(step => step.Accelerators));
            moves += plan.Moves;
            plans += plan.Steps.Count > 0 ? 1 : 0;
        });
        Assert.True(moves > 20 && plans > 10, $"{moves} moves in {plans} plans: too easy");
    }
}
