using ControlPlane.Capacity;

namespace ControlPlane.Bench.Replanning;

/// <summary>
/// The better of the plain ways: by priority, and within one the class first that loses most when its cheapest target
/// is gone.
/// </summary>
internal sealed class RegretPlan
{
    private readonly ReplanProblem problem;
    private readonly long[] left;
    private readonly int[] firstOpen;
    private readonly Queue<long>[] waiting;

    private RegretPlan(ReplanProblem problem)
    {
        this.problem = problem;
        left = [.. problem.Rooms];
        firstOpen = new int[problem.Classes.Count];
        waiting = [.. problem.Classes.Select(own => new Queue<long>(own.Sizes.OrderDescending()))];
    }

    public long Served { get; private set; }

    public long Cost { get; private set; }

    public static RegretPlan Of(ReplanProblem problem)
    {
        var plan = new RegretPlan(problem);
        var priorities = problem.Classes.Select((own, index) => (own.Priority, index))
            .GroupBy(item => item.Priority, item => item.index).OrderByDescending(group => group.Key);
        foreach (var group in priorities) plan.Place([.. group]);
        return plan;
    }

    private void Place(List<int> classes)
    {
        var queue = new PriorityQueue<int, long>();
        foreach (var index in classes) queue.Enqueue(index, -Regret(index));
        while (queue.TryDequeue(out var index, out var was))
        {
            if (waiting[index].Count == 0) continue;
            var now = -Regret(index);
            if (now > was)
            {
                // Meanwhile others took room, and this class has less to lose than it had.
                queue.Enqueue(index, now);
                continue;
            }

            PlaceOne(index);
            if (waiting[index].Count > 0) queue.Enqueue(index, -Regret(index));
        }
    }

    /// <summary>Places the largest item that waits where it is cheapest; without room it is given up.</summary>
    private void PlaceOne(int index)
    {
        var size = waiting[index].Dequeue();
        var own = problem.Classes[index].Arcs;
        for (var next = firstOpen[index]; next < own.Count; next++)
        {
            if (left[own[next].Target] < size) continue;
            left[own[next].Target] -= size;
            Served += size;
            Cost += size * own[next].Cost;
            return;
        }
    }

    private long Regret(int index)
    {
        var own = problem.Classes[index].Arcs;
        while (firstOpen[index] < own.Count && left[own[firstOpen[index]].Target] == 0) firstOpen[index]++;
        var first = firstOpen[index];
        if (first == own.Count) return 0;
        for (var next = first + 1; next < own.Count; next++)
        {
            if (left[own[next].Target] > 0) return own[next].Cost - own[first].Cost;
        }

        return long.MaxValue / 2;
    }
}
