namespace ControlPlane.Capacity;

/// <summary>
/// Looks at every assignment of a small problem that could still be better than the best one known: more of the highest
/// priority, then of the next, then lower cost. Exact for a dozen items, unless they may go to so many targets that it
/// gives up and keeps the best it has met.
/// </summary>
internal sealed class ReplanSearch
{
    private const int MostSteps = 20_000;

    private readonly ReplanProblem problem;
    private readonly (int Class, int Item, long Size)[] order;
    private readonly int[] priorities;
    private readonly long[] left;
    private readonly int[] chosen;
    private readonly int[] arcs;
    private int[] best;
    private long[] bestServed;
    private long bestCost;
    private int steps;

    private ReplanSearch(ReplanProblem problem, int[][] known)
    {
        this.problem = problem;
        priorities = [.. problem.Classes.Select(item => item.Priority).Distinct().OrderDescending()];
        order = [.. from index in Enumerable.Range(0, problem.Classes.Count)
                    from item in Enumerable.Range(0, problem.Classes[index].Sizes.Count)
                    let own = problem.Classes[index]
                    orderby own.Priority descending, own.Sizes[item] descending, index, item
                    select (index, item, own.Sizes[item])];
        left = [.. problem.Rooms];
        (chosen, arcs) = (new int[order.Length], new int[order.Length]);
        best = [.. order.Select(entry => known[entry.Class][entry.Item])];
        (bestServed, bestCost) = Value(best);
    }

    /// <summary>The best assignment there is; a known one speeds the search up.</summary>
    public static int[][] Improve(ReplanProblem problem, int[][] known)
    {
        var search = new ReplanSearch(problem, known);
        search.Descend(0, new long[search.priorities.Length], 0);
        var targets = known.Select(items => items.ToArray()).ToArray();
        for (var index = 0; index < search.order.Length; index++)
            targets[search.order[index].Class][search.order[index].Item] = search.best[index];
        return targets;
    }

    private void Descend(int index, long[] served, long cost)
    {
        if (index == order.Length)
        {
            if (!IsBetter(served, cost)) return;
            (best, bestServed, bestCost) = ([.. chosen], [.. served], cost);
            return;
        }

        if (++steps > MostSteps || !CanBeBetter(index, served, cost)) return;
        var (ofClass, _, size) = order[index];
        var own = problem.Classes[ofClass];
        var rank = Array.IndexOf(priorities, own.Priority);
        // Of items that are alike it does not matter which goes where.
        var isLikeLast = index > 0 && order[index - 1].Class == ofClass && order[index - 1].Size == size;
        for (var at = isLikeLast ? arcs[index - 1] : 0; at < own.Arcs.Count; at++)
        {
            var arc = own.Arcs[at];
            if (left[arc.Target] < size) continue;
            arcs[index] = at;
            left[arc.Target] -= size;
            served[rank] += size;
            chosen[index] = arc.Target;
            Descend(index + 1, served, cost + (size * arc.Cost));
            served[rank] -= size;
            left[arc.Target] += size;
        }

        (chosen[index], arcs[index]) = (ReplanPlan.NoTarget, own.Arcs.Count);
        Descend(index + 1, served, cost);
    }

    /// <summary>Whether serving all that is still open, each at its cheapest, would beat the best.</summary>
    private bool CanBeBetter(int index, long[] served, long cost)
    {
        var hoped = served.ToArray();
        for (var next = index; next < order.Length; next++)
        {
            var own = problem.Classes[order[next].Class];
            if (own.Arcs.Count == 0) continue;
            hoped[Array.IndexOf(priorities, own.Priority)] += order[next].Size;
            cost += Math.Min(0, order[next].Size * own.Arcs[0].Cost);
        }

        return Compare(hoped, bestServed) > 0 || (Compare(hoped, bestServed) == 0 && cost < bestCost);
    }

    private bool IsBetter(long[] served, long cost) =>
        Compare(served, bestServed) is var more && (more > 0 || (more == 0 && cost < bestCost));

    private (long[] Served, long Cost) Value(int[] targets)
    {
        var served = new long[priorities.Length];
        var cost = 0L;
        for (var index = 0; index < order.Length; index++)
        {
            if (targets[index] == ReplanPlan.NoTarget) continue;
            var own = problem.Classes[order[index].Class];
            served[Array.IndexOf(priorities, own.Priority)] += order[index].Size;
            cost += order[index].Size * own.Arcs.First(arc => arc.Target == targets[index]).Cost;
        }

        return (served, cost);
    }

    private static int Compare(long[] one, long[] other)
    {
        for (var index = 0; index < one.Length; index++)
        {
            if (one[index] != other[index]) return one[index].CompareTo(other[index]);
        }

        return 0;
    }
}
