using ControlPlane.Capacity;

namespace ControlPlane.Core.Tests.Capacity;

/// <summary>Solves small problems of finding new places the slow and obvious way.</summary>
internal static class ReplanOracle
{
    /// <summary>The most of the highest priority, then of the next, at the lowest cost, over all assignments.</summary>
    public static (List<long> Served, long Cost) Best(ReplanProblem problem)
    {
        var priorities = problem.Classes.Select(item => item.Priority).Distinct().OrderDescending().ToList();
        var items = problem.Classes.SelectMany(own => own.Sizes.Select(size => (own, size))).ToList();
        (List<long> Served, long Cost)? best = null;
        Try(0, [.. problem.Rooms], [.. priorities.Select(_ => 0L)], 0);
        return best!.Value;

        void Try(int index, long[] left, long[] served, long cost)
        {
            if (index == items.Count)
            {
                if (best is not { } known || IsBetter(served, cost, known)) best = ([.. served], cost);
                return;
            }

            var (own, size) = items[index];
            Try(index + 1, left, served, cost);
            foreach (var arc in own.Arcs.Where(arc => left[arc.Target] >= size))
            {
                var rank = priorities.IndexOf(own.Priority);
                long[] nextLeft = [.. left], nextServed = [.. served];
                nextLeft[arc.Target] -= size;
                nextServed[rank] += size;
                Try(index + 1, nextLeft, nextServed, cost + (size * arc.Cost));
            }
        }
    }

    /// <summary>Served amount and cost when items may be split: by priority, along cheapest augmenting paths.</summary>
    public static (long Served, long Cost) Flow(ReplanProblem problem)
    {
        var (served, cost) = FlowByPriority(problem);
        return (served.Values.Sum(), cost);
    }

    /// <summary>Served amount by priority, and the cost, when items may be split.</summary>
    public static (Dictionary<int, long> Served, long Cost) FlowByPriority(ReplanProblem problem)
    {
        var (classes, targets) = (problem.Classes.Count, problem.Rooms.Count);
        var (source, sink) = (classes + targets, classes + targets + 1);
        var edges = new List<Edge>();
        void Add(int from, int to, long room, long cost)
        {
            edges.Add(new Edge(from, to, room, cost));
            edges.Add(new Edge(to, from, 0, -cost));
        }

        for (var index = 0; index < classes; index++)
        {
            foreach (var arc in problem.Classes[index].Arcs)
                Add(index, classes + arc.Target, long.MaxValue / 4, arc.Cost);
        }

        for (var target = 0; target < targets; target++) Add(classes + target, sink, problem.Rooms[target], 0);
        var (served, cost) = (new Dictionary<int, long>(), 0L);
        foreach (var priority in problem.Classes.Select(own => own.Priority).Distinct().OrderDescending())
        {
            for (var index = 0; index < classes; index++)
            {
                if (problem.Classes[index].Priority == priority) Add(source, index, problem.Classes[index].Demand, 0);
            }

            served[priority] = 0;
            while (Augment(edges, source, sink) is { Amount: > 0 } found)
            {
                served[priority] += found.Amount;
                cost += found.Cost;
            }
        }

        return (served, cost);
    }

    private static (long Amount, long Cost) Augment(List<Edge> edges, int source, int sink)
    {
        var distance = Enumerable.Repeat(long.MaxValue, sink + 1).ToArray();
        var by = Enumerable.Repeat(-1, sink + 1).ToArray();
        distance[source] = 0;
        for (var changed = true; changed;)
        {
            changed = false;
            for (var index = 0; index < edges.Count; index++)
            {
                var edge = edges[index];
                if (edge.Room == 0
                    || distance[edge.From] == long.MaxValue
                    || distance[edge.From] + edge.Cost >= distance[edge.To])
                    continue;
                (distance[edge.To], by[edge.To], changed) = (distance[edge.From] + edge.Cost, index, true);
            }
        }

        if (distance[sink] == long.MaxValue) return (0, 0);
        var amount = long.MaxValue;
        for (var node = sink; node != source; node = edges[by[node]].From)
            amount = Math.Min(amount, edges[by[node]].Room);
        for (var node = sink; node != source; node = edges[by[node]].From)
        {
            edges[by[node]].Room -= amount;
            // What a higher priority was given is not taken back for a lower one.
            if (edges[by[node]].From != source) edges[by[node] ^ 1].Room += amount;
        }

        return (amount, amount * distance[sink]);
    }

    private static bool IsBetter(long[] served, long cost, (List<long> Served, long Cost) known)
    {
        for (var index = 0; index < served.Length; index++)
        {
            if (served[index] != known.Served[index]) return served[index] > known.Served[index];
        }

        return cost < known.Cost;
    }

    private sealed class Edge(int from, int to, long room, long cost)
    {
        public int From => from;
        public int To => to;
        public long Room { get; set; } = room;
        public long Cost => cost;
    }
}
