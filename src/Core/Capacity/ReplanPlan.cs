namespace ControlPlane.Capacity;

/// <summary>
/// Where every item goes, or that it stays without a place, with the bound that no plan can beat. Amounts are the
/// problem's.
/// </summary>
public sealed class ReplanPlan
{
    internal const int NoTarget = -1;

    private readonly ReplanProblem problem;
    private readonly int[][] targets;

    internal ReplanPlan(ReplanProblem problem, int[][] targets, long boundServed, long boundCost)
    {
        (this.problem, this.targets) = (problem, targets);
        (BoundServed, BoundCost) = (boundServed, boundCost);
        var served = new SortedDictionary<int, long>();
        for (var index = 0; index < targets.Length; index++)
        {
            var own = problem.Classes[index];
            served.TryAdd(own.Priority, 0);
            for (var item = 0; item < targets[index].Length; item++)
            {
                if (targets[index][item] == NoTarget) continue;
                served[own.Priority] += own.Sizes[item];
                Cost += own.Sizes[item] * CostAt(own, targets[index][item]);
            }
        }

        ServedByPriority = served;
        Served = served.Values.Sum();
    }

    /// <summary>Amount served by priority.</summary>
    public IReadOnlyDictionary<int, long> ServedByPriority { get; }

    public long Served { get; }

    public long Cost { get; }

    /// <summary>Amount that a plan serves which may split items; no plan serves more.</summary>
    public long BoundServed { get; }

    /// <summary>The same by priority: no plan serves more of the highest, of the highest two, and so on.</summary>
    public IReadOnlyDictionary<int, long> BoundByPriority { get; internal init; } = new Dictionary<int, long>();

    /// <summary>Cost of that plan.</summary>
    public long BoundCost { get; }

    /// <summary>Share of the bound that is not served, 0 to 1: a certificate of how good the plan is.</summary>
    public double GapToBound => BoundServed == 0 ? 0 : (double)(BoundServed - Served) / BoundServed;

    /// <summary>Target of an item; null when it finds no place.</summary>
    public int? TargetOf(int classIndex, int item) =>
        targets[classIndex][item] is var target && target == NoTarget ? null : target;

    /// <summary>Amount at each target.</summary>
    public long[] Loads()
    {
        var loads = new long[problem.Rooms.Count];
        for (var index = 0; index < targets.Length; index++)
        {
            for (var item = 0; item < targets[index].Length; item++)
            {
                if (targets[index][item] != NoTarget) loads[targets[index][item]] += problem.Classes[index].Sizes[item];
            }
        }

        return loads;
    }

    private static long CostAt(ReplanClass own, int target)
    {
        foreach (var arc in own.Arcs)
        {
            if (arc.Target == target) return arc.Cost;
        }

        throw new InvalidOperationException($"target {target} is not open to the class");
    }
}
