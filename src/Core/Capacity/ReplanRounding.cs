namespace ControlPlane.Capacity;

/// <summary>
/// Whole items at targets with room, changed step by step: shares of a flow become items, items without a place are
/// given one by filling gaps, by moving one other item, and by displacing lower priorities.
/// </summary>
internal sealed class ReplanRounding
{
    private readonly ReplanProblem problem;
    private readonly ReplanItems items;
    private readonly long[] left;
    private readonly List<ReplanGroup>[] at;

    /// <summary>Largest room of a class's targets, and the number of changes it was looked up at.</summary>
    private readonly (long Room, long AtChange)[] mostRoom;

    /// <summary>Number of changes at which nothing could be done for a size of a class.</summary>
    private readonly Dictionary<(int Class, long Size), long> hopelessAt = [];

    private ReplanBound? bound;
    private long changes = 1;

    public ReplanRounding(ReplanProblem problem)
    {
        this.problem = problem;
        items = new ReplanItems(problem);
        left = [.. problem.Rooms];
        at = [.. problem.Rooms.Select(_ => new List<ReplanGroup>())];
        mostRoom = new (long, long)[problem.Classes.Count];
    }

    /// <summary>Target of each item of each class.</summary>
    public int[][] Targets => items.Targets();

    /// <summary>Gives the items of each class the shares of a flow, the largest items first.</summary>
    public void Round(TransportFlow flow)
    {
        bound = new ReplanBound(problem, flow);
        for (var start = 0; start < flow.Shares.Length;)
        {
            var end = start;
            while (end < flow.Shares.Length && flow.Shares[end].Class == flow.Shares[start].Class) end++;
            var shares = flow.Shares.AsSpan(start, end - start);
            for (var rank = 0; rank < items.Count(shares[0].Class); rank++)
                PutIntoShare(shares, new(shares[0].Class, rank));
            start = end;
        }
    }

    /// <summary>Puts every item that has no place where there is still room, by priority, size and cost.</summary>
    public void Fill()
    {
        foreach (var item in items.Unplaced()) TryFill(item);
    }

    /// <summary>Finds places for what rounding left over.</summary>
    public void Repair()
    {
        // Every round that changes anything serves more of some priority and no less of a higher one, so this ends.
        while (RepairOnce())
        {
        }
    }

    private bool RepairOnce()
    {
        var before = changes;
        var queue = new PriorityQueue<ReplanItem, (int, long, int, int)>();
        foreach (var item in items.Unplaced()) queue.Enqueue(item, items.OrderOf(item));
        while (queue.TryDequeue(out var item, out _))
        {
            var size = items.SizeOf(item);
            if (bound is { } most && most.Left(PriorityOf(item)) < size) continue;
            if (hopelessAt.GetValueOrDefault((item.Class, size)) == changes) continue;
            if (TryFill(item) || TryMoveAnother(item)) continue;
            var displaced = Displace(item);
            if (displaced.Count == 0) hopelessAt[(item.Class, size)] = changes;
            foreach (var other in displaced) queue.Enqueue(other, items.OrderOf(other));
        }

        return changes > before;
    }

    private void PutIntoShare(Span<FlowShare> shares, ReplanItem item)
    {
        var size = items.SizeOf(item);
        foreach (ref var share in shares)
        {
            if (share.Amount < size || left[share.Target] < size) continue;
            share = share with { Amount = share.Amount - size };
            Put(item, share.Target);
            return;
        }
    }

    private bool TryFill(ReplanItem item)
    {
        var target = TargetWithRoom(item.Class, items.SizeOf(item), butNot: -1);
        if (target < 0) return false;
        Put(item, target);
        return true;
    }

    /// <summary>Makes room by moving one item of the target to where it fits as well.</summary>
    private bool TryMoveAnother(ReplanItem item)
    {
        var size = items.SizeOf(item);
        foreach (var arc in problem.Classes[item.Class].Arcs)
        {
            if (problem.Rooms[arc.Target] < size) continue;
            foreach (var group in at[arc.Target])
            {
                // The smallest that makes enough room: where it cannot go, no larger one can.
                if (items.SmallestOf(group, size - left[arc.Target]) is not { } other) continue;
                var elsewhere = TargetWithRoom(group.Class, items.SizeOf(other), arc.Target);
                if (elsewhere < 0) continue;
                Take(other);
                Put(other, elsewhere);
                Put(item, arc.Target);
                return true;
            }
        }

        return false;
    }

    /// <summary>The cheapest target of a class with so much room; -1 when there is none.</summary>
    private int TargetWithRoom(int ofClass, long size, int butNot)
    {
        if (MostRoom(ofClass) < size) return -1;
        foreach (var arc in problem.Classes[ofClass].Arcs)
        {
            if (arc.Target != butNot && left[arc.Target] >= size) return arc.Target;
        }

        return -1;
    }

    private long MostRoom(int ofClass)
    {
        if (mostRoom[ofClass].AtChange == changes) return mostRoom[ofClass].Room;
        var most = 0L;
        foreach (var arc in problem.Classes[ofClass].Arcs) most = Math.Max(most, left[arc.Target]);
        mostRoom[ofClass] = (most, changes);
        return most;
    }

    /// <summary>
    /// Puts the item in the place of lower ones, where the least is displaced; returns what lost its place.
    /// </summary>
    private List<ReplanItem> Displace(ReplanItem item)
    {
        var size = items.SizeOf(item);
        List<ReplanItem>? best = null;
        (int Priority, long Amount) bestLoss = (int.MaxValue, long.MaxValue);
        var bestTarget = -1;
        foreach (var arc in problem.Classes[item.Class].Arcs)
        {
            var (displaced, loss) = LeastDisplaced(arc.Target, size - left[arc.Target], PriorityOf(item));
            if (displaced is null || loss.CompareTo(bestLoss) >= 0) continue;
            (best, bestLoss, bestTarget) = (displaced, loss, arc.Target);
        }

        if (best is null) return [];
        foreach (var displaced in best) Take(displaced);
        Put(item, bestTarget);
        return best;
    }

    private (List<ReplanItem>? Items, (int Priority, long Amount) Loss) LeastDisplaced(
        int target, long needed, int below)
    {
        var lower = at[target].FindAll(group => problem.Classes[group.Class].Priority < below);
        if (lower.Sum(group => group.Amount) < needed) return (null, default);
        lower.Sort((one, other) => (problem.Classes[one.Class].Priority, one.Class)
            .CompareTo((problem.Classes[other.Class].Priority, other.Class)));
        var (taken, amount) = (new List<ReplanItem>(), 0L);
        foreach (var group in lower)
        {
            for (var index = 0; index < group.Ranks.Count && amount < needed; index++)
            {
                var item = new ReplanItem(group.Class, group.Ranks[index]);
                taken.Add(item);
                amount += items.SizeOf(item);
            }
        }

        // Taking smaller ones later may have made some of the first needless.
        for (var index = 0; index < taken.Count; index++)
        {
            if (amount - items.SizeOf(taken[index]) < needed) continue;
            amount -= items.SizeOf(taken[index]);
            taken.RemoveAt(index--);
        }

        return (taken, (taken.Max(PriorityOf), amount));
    }

    private int PriorityOf(ReplanItem item) => problem.Classes[item.Class].Priority;

    private void Put(ReplanItem item, int target)
    {
        var size = items.SizeOf(item);
        items.SetTarget(item, target);
        left[target] -= size;
        bound?.Serve(PriorityOf(item), size);
        var group = at[target].Find(group => group.Class == item.Class);
        if (group is null) at[target].Add(group = new ReplanGroup(item.Class));
        group.Add(item.Rank, size);
        changes++;
    }

    private void Take(ReplanItem item)
    {
        var (size, target) = (items.SizeOf(item), items.TargetOf(item));
        items.SetTarget(item, ReplanPlan.NoTarget);
        left[target] += size;
        bound?.Serve(PriorityOf(item), -size);
        var group = at[target].Find(group => group.Class == item.Class)!; // it was put there
        group.Remove(item.Rank, size);
        if (group.Ranks.Count == 0) at[target].Remove(group);
        changes++;
    }
}
