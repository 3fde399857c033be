namespace ControlPlane.Capacity;

/// <summary>
/// Finds places for many items at once: as much as possible of the highest priority, then of the next, and of the plans
/// that do so a cheap one. The exact flow of divisible classes is rounded to whole items, which are then moved and, for
/// higher priorities, put before lower ones. Small problems are searched completely instead.
/// </summary>
public static class Replan
{
    /// <summary>Items up to which every assignment that could be better is looked at.</summary>
    private const int ItemsSearched = 12;

    public static ReplanPlan Solve(ReplanProblem problem)
    {
        var flow = TransportSimplex.Solve(problem, Penalties(problem));
        var bound = (Served: problem.Classes.Sum(item => item.Demand) - flow.Unserved.Sum(), flow.Cost);
        var rounding = new ReplanRounding(problem);
        rounding.Round(flow);
        rounding.Repair();
        var byPriority = ByPriority(problem, flow);
        var plan = PlanOf(rounding.Targets);
        // What reaches the bound needs no search, and neither does what is too much to look at.
        return problem.Classes.Sum(item => item.Sizes.Count) > ItemsSearched || IsBest(plan)
            ? plan
            : PlanOf(ReplanSearch.Improve(problem, rounding.Targets));

        ReplanPlan PlanOf(int[][] targets) =>
            new(problem, targets, bound.Served, bound.Cost) { BoundByPriority = byPriority };
    }

    private static bool IsBest(ReplanPlan plan) => plan.Cost == plan.BoundCost
        && plan.ServedByPriority.All(served => plan.BoundByPriority[served.Key] == served.Value);

    private static Dictionary<int, long> ByPriority(ReplanProblem problem, TransportFlow flow) => problem.Classes
        .Select((item, index) => (item.Priority, Served: item.Demand - flow.Unserved[index]))
        .GroupBy(item => item.Priority)
        .ToDictionary(items => items.Key, items => items.Sum(item => item.Served));

    /// <summary>The plain way: items by priority and size, each to its cheapest target with room.</summary>
    public static ReplanPlan Greedy(ReplanProblem problem)
    {
        var rounding = new ReplanRounding(problem);
        rounding.Fill();
        return new ReplanPlan(problem, rounding.Targets, 0, 0);
    }

    /// <summary>
    /// Decreasing by priority, with steps that no saving of cost along a chain of moves can outweigh. What can be
    /// served is a polymatroid, so strictly decreasing weights give the lexicographic optimum.
    /// </summary>
    private static long[] Penalties(ReplanProblem problem)
    {
        var dearest = problem.Classes
            .SelectMany(item => item.Arcs)
            .Select(arc => Math.Abs(arc.Cost))
            .DefaultIfEmpty(0)
            .Max();
        var step = checked((dearest + 1) * 2 * (problem.Rooms.Count + 2));
        var rank = problem.Classes.Select(item => item.Priority).Distinct().Order()
            .Select((priority, index) => (priority, index)).ToDictionary(item => item.priority, item => item.index + 1);
        return problem.Classes.Select(item => checked(step * rank[item.Priority])).ToArray();
    }
}
