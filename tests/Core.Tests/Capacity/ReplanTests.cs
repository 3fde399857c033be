using ControlPlane.Capacity;
using ControlPlane.Core.Tests.Worlds;

namespace ControlPlane.Core.Tests.Capacity;

public sealed class ReplanTests
{
    [Fact]
    public void Small_problems_are_solved_as_well_as_by_trying_everything()
    {
        Seeds.ForEach(2_000, dice =>
        {
            var problem = RandomReplan.Of(dice, targets: 3, items: 6, largest: 5);

            var plan = Replan.Solve(problem);

            var best = ReplanOracle.Best(problem);
            Assert.Equal((best.Served.ToSeq(), best.Cost), (Ordered(plan).ToSeq(), plan.Cost));
            AssertSound(problem, plan);
        });
    }

    [Fact]
    public void The_bound_is_the_flow_that_augmenting_paths_find()
    {
        Seeds.ForEach(1_000, dice =>
        {
            var problem = RandomReplan.Of(dice, targets: dice.Int(1, 8), items: dice.Int(1, 40), largest: 9);

            var plan = Replan.Solve(problem);

            Assert.Equal(ReplanOracle.Flow(problem), (plan.BoundServed, plan.BoundCost));
            AssertSound(problem, plan);
        });
    }

    [Fact]
    public void Items_of_size_one_reach_the_bound()
    {
        Seeds.ForEach(500, dice =>
        {
            var problem = RandomReplan.Of(dice, targets: dice.Int(1, 10), items: dice.Int(13, 120), largest: 1);

            var plan = Replan.Solve(problem);

            Assert.Equal((plan.BoundServed, plan.BoundCost), (plan.Served, plan.Cost));
        });
    }

    [Fact]
    public void A_higher_priority_is_never_left_out_for_a_lower_one()
    {
        Seeds.ForEach(500, dice =>
        {
            var problem = RandomReplan.Of(dice, targets: dice.Int(1, 6), items: dice.Int(13, 60), largest: 8);

            var plan = Replan.Solve(problem);

            // Nothing lower may lie where an unserved higher item could stand in its place.
            AssertNothingLowerInTheWay(problem, plan);
        });
    }

    [Fact]
    public void Nothing_to_move_is_a_plan_too()
    {
        var plan = Replan.Solve(new ReplanProblem());

        Assert.Equal((0L, 0L, 0.0), (plan.Served, plan.Cost, plan.GapToBound));
    }

    private static List<long> Ordered(ReplanPlan plan) =>
        [.. plan.ServedByPriority.OrderByDescending(entry => entry.Key).Select(entry => entry.Value)];

    private static void AssertSound(ReplanProblem problem, ReplanPlan plan)
    {
        Assert.All(plan.Loads().Zip(problem.Rooms), pair => Assert.True(pair.First <= pair.Second));
        Assert.True(plan.Served <= plan.BoundServed);
    }

    private static void AssertNothingLowerInTheWay(ReplanProblem problem, ReplanPlan plan)
    {
        var loads = plan.Loads();
        for (var index = 0; index < problem.Classes.Count; index++)
        {
            var own = problem.Classes[index];
            for (var item = 0; item < own.Sizes.Count; item++)
            {
                if (plan.TargetOf(index, item) is not null) continue;
                foreach (var arc in own.Arcs)
                {
                    var lower = LowerAt(problem, plan, arc.Target, own.Priority);
                    Assert.True(problem.Rooms[arc.Target] - loads[arc.Target] + lower < own.Sizes[item],
                        $"{lower} of lower priority lie at {arc.Target}, where {own.Sizes[item]} of priority "
                            + $"{own.Priority} could be");
                }
            }
        }
    }

    private static long LowerAt(ReplanProblem problem, ReplanPlan plan, int target, int below) => (
        from index in Enumerable.Range(0, problem.Classes.Count)
        where problem.Classes[index].Priority < below
        from item in Enumerable.Range(0, problem.Classes[index].Sizes.Count)
        where plan.TargetOf(index, item) == target
        select problem.Classes[index].Sizes[item]).Sum();
}
