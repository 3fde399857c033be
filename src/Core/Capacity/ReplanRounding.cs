namespace ControlPlane.Capacity;

/// <summary>
/// Whole items at targets with room, changed step by step: shares of a flow become items, items without a place are
/// given one by filling gaps, by moving one other item, and by displacing lower priorities.
/// </summary>
internal sealed class ReplanRounding
{
    private readonly ReplanProblem problem;
    private readonly long[] left;
    private readonly int[][] bySize;
    private readonly List<Item>[] at;

    public ReplanRounding(ReplanProblem problem)
    {
        this.problem = problem;
        left = [.. problem.Rooms];
        Targets = [.. problem.Classes.Select(item => Filled(item.Sizes.Count))];
        bySize = [.. problem.Classes.Select(LargestFirst)];
        at = [.. problem.Rooms.Select(_ => new List<Item>())];
    }

    /// <summary>Target of each item of each class.</summary>
    public int[][] Targets { get; }

    /// <summary>Gives the items of each class the shares of a flow, the largest items first.</summary>
    public void Round(TransportFlow flow)
    {
        for (var start = 0; start < flow.Shares.Length;)
        {
            var end = start;
            while (end < flow.Shares.Length && flow.Shares[end].Class == flow.Shares[start].Class) end++;
            var shares = flow.Shares.AsSpan(start, end - start);
            foreach (var item in bySize[shares[0].Class]) PutIntoShare(shares, new(shares[0].Class, item));
            start = end;
        }
    }

    /// <summary>Puts every item that has no place where there is still room, by priority, size and cost.</summary>
    public void Fill()
    {
        foreach (var item in Unplaced()) TryFill(item);
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
        var changed = false;
        var queue = new PriorityQueue<Item, (int, long, int, int)>();
        foreach (var item in Unplaced()) queue.Enqueue(item, OrderOf(item));
        while (queue.TryDequeue(out var item, out _))
        {
            if (TryFill(item) || TryMoveAnother(item))
            {
                changed = true;
                continue;
            }

            foreach (var displaced in Displace(item))
            {
                changed = true;
                queue.Enqueue(displaced, OrderOf(displaced));
            }
        }

        return changed;
    }

    private void PutIntoShare(Span<FlowShare> shares, Item item)
    {
        var size = SizeOf(item);
        foreach (ref var share in shares)
        {
            if (share.Amount < size || left[share.Target] < size) continue;
            share = share with { Amount = share.Amount - size };
            Put(item, share.Target);
            return;
        }
    }

    private bool TryFill(Item item)
    {
        var size = SizeOf(item);
        foreach (var arc in ClassOf(item).Arcs)
        {
            if (left[arc.Target] < size) continue;
            Put(item, arc.Target);
            return true;
        }

        return false;
    }

    /// <summary>Makes room by moving one item of the target to where it fits as well.</summary>
    private bool TryMoveAnother(Item item)
    {
        var size = SizeOf(item);
        foreach (var arc in ClassOf(item).Arcs)
        {
            foreach (var other in at[arc.Target])
            {
                var freed = SizeOf(other);
                if (left[arc.Target] + freed < size) continue;
                var elsewhere = ElsewhereFor(other, arc.Target);
                if (elsewhere < 0) continue;
                Take(other);
                Put(other, elsewhere);
                Put(item, arc.Target);
                return true;
            }
        }

        return false;
    }

    private int ElsewhereFor(Item item, int butNot)
    {
        var size = SizeOf(item);
        foreach (var arc in ClassOf(item).Arcs)
        {
            if (arc.Target != butNot && left[arc.Target] >= size) return arc.Target;
        }

        return -1;
    }

    /// <summary>
    /// Puts the item in the place of lower ones, where the least is displaced; returns what lost its place.
    /// </summary>
    private List<Item> Displace(Item item)
    {
        var size = SizeOf(item);
        var priority = ClassOf(item).Priority;
        List<Item>? best = null;
        (int Priority, long Amount) bestLoss = (int.MaxValue, long.MaxValue);
        var bestTarget = -1;
        foreach (var arc in ClassOf(item).Arcs)
        {
            var (displaced, loss) = LeastDisplaced(arc.Target, size - left[arc.Target], priority);
            if (displaced is null || loss.CompareTo(bestLoss) >= 0) continue;
            (best, bestLoss, bestTarget) = (displaced, loss, arc.Target);
        }

        if (best is null) return [];
        foreach (var displaced in best) Take(displaced);
        Put(item, bestTarget);
        return best;
    }

    private (List<Item>? Items, (int Priority, long Amount) Loss) LeastDisplaced(int target, long needed, int below)
    {
        var lower = at[target].FindAll(item => ClassOf(item).Priority < below);
        lower.Sort((one, other) =>
            (ClassOf(one).Priority, -SizeOf(one), one.Class, one.Index)
                .CompareTo((ClassOf(other).Priority, -SizeOf(other), other.Class, other.Index)));
        var (taken, amount) = (new List<Item>(), 0L);
        foreach (var item in lower)
        {
            if (amount >= needed) break;
            taken.Add(item);
            amount += SizeOf(item);
        }

        if (amount < needed) return (null, default);
        // Taking smaller ones first may have made some of them needless.
        for (var index = 0; index < taken.Count; index++)
        {
            if (amount - SizeOf(taken[index]) < needed) continue;
            amount -= SizeOf(taken[index]);
            taken.RemoveAt(index--);
        }

        return (taken, (taken.Max(item => ClassOf(item).Priority), amount));
    }

    private IEnumerable<Item> Unplaced() =>
        from index in Enumerable.Range(0, Targets.Length)
        from item in bySize[index]
        where Targets[index][item] == ReplanPlan.NoTarget
        let entry = new Item(index, item)
        orderby OrderOf(entry)
        select entry;

    private (int, long, int, int) OrderOf(Item item) =>
        (-ClassOf(item).Priority, -SizeOf(item), item.Class, item.Index);

    private ReplanClass ClassOf(Item item) => problem.Classes[item.Class];

    private long SizeOf(Item item) => problem.Classes[item.Class].Sizes[item.Index];

    private void Put(Item item, int target)
    {
        Targets[item.Class][item.Index] = target;
        left[target] -= SizeOf(item);
        at[target].Add(item);
    }

    private void Take(Item item)
    {
        var target = Targets[item.Class][item.Index];
        Targets[item.Class][item.Index] = ReplanPlan.NoTarget;
        left[target] += SizeOf(item);
        at[target].Remove(item);
    }

    private static int[] Filled(int count)
    {
        var targets = new int[count];
        Array.Fill(targets, ReplanPlan.NoTarget);
        return targets;
    }

    private static int[] LargestFirst(ReplanClass item)
    {
        var order = Enumerable.Range(0, item.Sizes.Count).ToArray();
        Array.Sort(order, (one, other) =>
            item.Sizes[one] == item.Sizes[other] ? one.CompareTo(other) : item.Sizes[other].CompareTo(item.Sizes[one]));
        return order;
    }

    private readonly record struct Item(int Class, int Index);
}
