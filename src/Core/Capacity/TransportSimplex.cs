namespace ControlPlane.Capacity;

/// <summary>
/// Minimum-cost flow from classes to targets, solved exactly by the primal network simplex method on strongly feasible
/// trees. What cannot be served goes to the root at a penalty. Arcs are priced in only when they would help, so that
/// most of them are never looked at more than once.
/// Source: Ahuja, Magnanti, Orlin, Network Flows (1993), chapter 11.
/// </summary>
internal sealed class TransportSimplex
{
    private const int ArcsAtFirst = 6;

    private readonly int classes;
    private readonly int root;
    private readonly List<Arc> arcs = [];
    private readonly List<long> flow = [];
    private readonly int[] parent;
    private readonly int[] parentArc;
    private readonly int[] depth;
    private readonly long[] potential;
    private readonly int[] firstChild;
    private readonly int[] nextSibling;
    private readonly int[] previousSibling;
    private int scan;

    private TransportSimplex(ReplanProblem problem, long[] penalties)
    {
        classes = problem.Classes.Count;
        root = classes + problem.Rooms.Count;
        var nodes = root + 1;
        (parent, parentArc, depth) = (new int[nodes], new int[nodes], new int[nodes]);
        potential = new long[nodes];
        (firstChild, nextSibling, previousSibling) = (new int[nodes], new int[nodes], new int[nodes]);
        Array.Fill(firstChild, -1);
        Array.Fill(nextSibling, -1);
        Array.Fill(previousSibling, -1);
        parent[root] = -1;
        parentArc[root] = -1;
        // The first tree: everything unserved, every target empty. All its arcs point to the root, so it is strongly
        // feasible.
        for (var node = 0; node < root; node++)
        {
            var isClass = node < classes;
            var room = isClass ? long.MaxValue : problem.Rooms[node - classes];
            arcs.Add(new Arc(node, root, isClass ? penalties[node] : 0, room));
            flow.Add(isClass ? problem.Classes[node].Demand : 0);
            parentArc[node] = node;
            potential[node] = isClass ? penalties[node] : 0;
            Attach(node, root);
        }
    }

    /// <summary>Solves; the result holds the amount of each class at each target.</summary>
    /// <param name="problem">Classes and targets.</param>
    /// <param name="penalties">Cost of one unserved amount of each class.</param>
    public static TransportFlow Solve(ReplanProblem problem, long[] penalties)
    {
        var simplex = new TransportSimplex(problem, penalties);
        var priced = new int[problem.Classes.Count];
        for (var index = 0; index < priced.Length; index++) simplex.Add(problem, index, priced, ArcsAtFirst);
        do
        {
            simplex.Run();
        }
        while (simplex.PriceIn(problem, priced));
        return simplex.Result(problem);
    }

    private void Add(ReplanProblem problem, int index, int[] priced, int count)
    {
        var own = problem.Classes[index].Arcs;
        for (; priced[index] < own.Count && count > 0; priced[index]++, count--)
        {
            var arc = own[priced[index]];
            arcs.Add(new Arc(index, classes + arc.Target, arc.Cost, long.MaxValue));
            flow.Add(0);
        }
    }

    /// <summary>Adds the arcs that are left out and would lower the cost; false when there are none.</summary>
    private bool PriceIn(ReplanProblem problem, int[] priced)
    {
        var before = arcs.Count;
        // No target's potential is above the highest, so arcs dearer than that bound need no look.
        var highest = long.MinValue;
        for (var target = classes; target < root; target++) highest = Math.Max(highest, -potential[target]);
        for (var index = 0; index < priced.Length; index++)
        {
            var own = problem.Classes[index].Arcs;
            var last = priced[index] - 1;
            for (var next = priced[index]; next < own.Count && own[next].Cost - potential[index] < highest; next++)
            {
                if (own[next].Cost - potential[index] + potential[classes + own[next].Target] < 0) last = next;
            }

            Add(problem, index, priced, last + 1 - priced[index]);
        }

        return arcs.Count > before;
    }

    /// <summary>Pivots until no arc would lower the cost.</summary>
    private void Run()
    {
        var block = Math.Max(64, (int)Math.Sqrt(arcs.Count));
        for (var entering = NextEntering(block); entering >= 0; entering = NextEntering(block)) Pivot(entering);
    }

    /// <summary>The most violating arc of the next blocks; -1 when none violates.</summary>
    private int NextEntering(int block)
    {
        var best = -1;
        long bestViolation = 0;
        var inBlock = 0;
        if (scan >= arcs.Count) scan = 0;
        for (var looked = 0; looked < arcs.Count; looked++)
        {
            var index = scan;
            scan = scan + 1 == arcs.Count ? 0 : scan + 1;
            var arc = arcs[index];
            var reduced = arc.Cost - potential[arc.From] + potential[arc.To];
            var violation = flow[index] == 0 ? -reduced : flow[index] == arc.Room ? reduced : 0;
            // An arc without room can change nothing, whichever way it would be pushed.
            if (arc.Room > 0 && violation > bestViolation && !IsInTree(index, arc))
                (best, bestViolation) = (index, violation);
            if (++inBlock < block) continue;
            if (best >= 0) return best;
            inBlock = 0;
        }

        return best;
    }

    private bool IsInTree(int index, Arc arc) => parentArc[arc.From] == index || parentArc[arc.To] == index;

    private void Pivot(int entering)
    {
        // Flow is pushed along the arc when it is empty, back when it is full.
        var arc = arcs[entering];
        var forward = flow[entering] == 0;
        var (first, second) = forward ? (arc.From, arc.To) : (arc.To, arc.From);
        var join = Join(first, second);
        var (delta, leaving, leavingNode, onFirst) = Bottleneck(entering, first, second, join);
        if (delta > 0) Push((entering, forward), first, second, (join, delta));
        if (leaving == entering) return;
        // The part of the tree below the leaving arc hangs onto the entering arc from now on.
        var (inside, outside) = onFirst ? (first, second) : (second, first);
        Rehang((inside, outside, entering), leavingNode);
    }

    private int Join(int one, int other)
    {
        while (one != other)
        {
            if (depth[one] >= depth[other]) one = parent[one];
            else other = parent[other];
        }

        return one;
    }

    /// <summary>
    /// The smallest room around the cycle. Of ties the last one met in the cycle's direction from the join leaves,
    /// which keeps the tree strongly feasible and so rules out cycling.
    /// </summary>
    private (long Delta, int Leaving, int Node, bool OnFirst) Bottleneck(int entering, int first, int second, int join)
    {
        // An unlimited arc can still be pushed back when it is full, which an unlimited one never is.
        var (delta, leaving, leavingNode, onFirst) = (arcs[entering].Room, entering, -1, true);
        for (var node = first; node != join; node = parent[node])
        {
            // From the join down to first: against an arc that points up, along one that points down.
            var room = PointsUp(node) ? flow[parentArc[node]] : RoomOf(parentArc[node]);
            if (room < delta) (delta, leaving, leavingNode, onFirst) = (room, parentArc[node], node, true);
        }

        for (var node = second; node != join; node = parent[node])
        {
            var room = PointsUp(node) ? RoomOf(parentArc[node]) : flow[parentArc[node]];
            if (room <= delta) (delta, leaving, leavingNode, onFirst) = (room, parentArc[node], node, false);
        }

        return (delta, leaving, leavingNode, onFirst);
    }

    private void Push((int Arc, bool Forward) entering, int first, int second, (int Join, long Delta) along)
    {
        flow[entering.Arc] += entering.Forward ? along.Delta : -along.Delta;
        for (var node = first; node != along.Join; node = parent[node])
            flow[parentArc[node]] += PointsUp(node) ? -along.Delta : along.Delta;
        for (var node = second; node != along.Join; node = parent[node])
            flow[parentArc[node]] += PointsUp(node) ? along.Delta : -along.Delta;
    }

    private bool PointsUp(int node) => arcs[parentArc[node]].From == node;

    private long RoomOf(int index) =>
        arcs[index].Room == long.MaxValue ? long.MaxValue : arcs[index].Room - flow[index];

    /// <summary>Turns the path from the entering arc's inner end up to the leaving arc upside down.</summary>
    private void Rehang((int Inside, int Outside, int Arc) entering, int leavingNode)
    {
        var (node, above, arc) = entering;
        while (true)
        {
            var (oldParent, oldArc) = (parent[node], parentArc[node]);
            Detach(node);
            parentArc[node] = arc;
            Attach(node, above);
            if (node == leavingNode) break;
            (above, node, arc) = (node, oldParent, oldArc);
        }

        Renew(entering.Inside);
    }

    /// <summary>Depths and potentials of a subtree, from its top.</summary>
    private void Renew(int top)
    {
        var node = top;
        while (true)
        {
            var arc = arcs[parentArc[node]];
            depth[node] = depth[parent[node]] + 1;
            potential[node] = arc.From == node
                ? potential[parent[node]] + arc.Cost
                : potential[parent[node]] - arc.Cost;
            if (firstChild[node] >= 0)
            {
                node = firstChild[node];
                continue;
            }

            while (node != top && nextSibling[node] < 0) node = parent[node];
            if (node == top) return;
            node = nextSibling[node];
        }
    }

    private void Attach(int node, int above)
    {
        parent[node] = above;
        depth[node] = depth[above] + 1;
        previousSibling[node] = -1;
        nextSibling[node] = firstChild[above];
        if (firstChild[above] >= 0) previousSibling[firstChild[above]] = node;
        firstChild[above] = node;
    }

    private void Detach(int node)
    {
        if (previousSibling[node] >= 0) nextSibling[previousSibling[node]] = nextSibling[node];
        else firstChild[parent[node]] = nextSibling[node];
        if (nextSibling[node] >= 0) previousSibling[nextSibling[node]] = previousSibling[node];
    }

    private TransportFlow Result(ReplanProblem problem)
    {
        var shares = new List<FlowShare>();
        for (var index = root; index < arcs.Count; index++)
        {
            var arc = arcs[index];
            if (flow[index] > 0) shares.Add(new(arc.From, arc.To - classes, flow[index], arc.Cost));
        }

        var unserved = new long[problem.Classes.Count];
        for (var index = 0; index < classes; index++) unserved[index] = flow[index];
        return new TransportFlow(
            [.. shares.OrderBy(share => share.Class).ThenBy(share => share.Cost).ThenBy(share => share.Target)],
            unserved);
    }

    private readonly record struct Arc(int From, int To, long Cost, long Room);
}

/// <summary>How much of each class flows to which target, and how much of each finds no place.</summary>
internal sealed record TransportFlow(FlowShare[] Shares, long[] Unserved)
{
    public long Cost => Shares.Sum(share => share.Amount * share.Cost);
}

/// <summary>Amount of a class at a target, at a cost for each.</summary>
internal readonly record struct FlowShare(int Class, int Target, long Amount, long Cost);
