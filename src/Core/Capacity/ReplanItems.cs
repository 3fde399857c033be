namespace ControlPlane.Capacity;

/// <summary>An item of a class by its rank among the class's items, the largest first.</summary>
internal readonly record struct ReplanItem(int Class, int Rank);

/// <summary>Items of one class at one target, the largest first.</summary>
internal sealed class ReplanGroup(int ofClass)
{
    public int Class => ofClass;

    /// <summary>Ascending, so the largest items come first.</summary>
    public List<int> Ranks { get; } = [];

    public long Amount { get; private set; }

    public void Add(int rank, long size)
    {
        Amount += size;
        if (Ranks.Count == 0 || Ranks[^1] < rank) Ranks.Add(rank);
        else Ranks.Insert(~Ranks.BinarySearch(rank), rank);
    }

    public void Remove(int rank, long size)
    {
        Amount -= size;
        Ranks.RemoveAt(Ranks.BinarySearch(rank));
    }
}

/// <summary>All items of a problem with their sizes and where they are.</summary>
internal sealed class ReplanItems
{
    private readonly ReplanProblem problem;
    private readonly int[][] itemOfRank;
    private readonly long[][] sizes;
    private readonly int[][] targets;

    public ReplanItems(ReplanProblem problem)
    {
        this.problem = problem;
        itemOfRank = [.. problem.Classes.Select(LargestFirst)];
        sizes = [.. problem.Classes.Select((own, index) => itemOfRank[index].Select(item => own.Sizes[item])
            .ToArray())];
        targets = [.. problem.Classes.Select(own => Enumerable.Repeat(ReplanPlan.NoTarget, own.Sizes.Count).ToArray())];
    }

    public int Count(int ofClass) => sizes[ofClass].Length;

    public long SizeOf(ReplanItem item) => sizes[item.Class][item.Rank];

    public int TargetOf(ReplanItem item) => targets[item.Class][item.Rank];

    public void SetTarget(ReplanItem item, int target) => targets[item.Class][item.Rank] = target;

    /// <summary>Targets in the order in which the problem names the items.</summary>
    public int[][] Targets()
    {
        var named = targets.Select(ofClass => new int[ofClass.Length]).ToArray();
        for (var index = 0; index < named.Length; index++)
        {
            for (var rank = 0; rank < named[index].Length; rank++)
                named[index][itemOfRank[index][rank]] = targets[index][rank];
        }

        return named;
    }

    /// <summary>Items without a place, higher priority first, then larger.</summary>
    public List<ReplanItem> Unplaced()
    {
        var found = new List<((int, long, int, int) Order, ReplanItem Item)>();
        for (var index = 0; index < targets.Length; index++)
        {
            for (var rank = 0; rank < targets[index].Length; rank++)
            {
                if (targets[index][rank] != ReplanPlan.NoTarget) continue;
                found.Add((OrderOf(new(index, rank)), new(index, rank)));
            }
        }

        found.Sort((one, other) => one.Order.CompareTo(other.Order));
        return found.ConvertAll(entry => entry.Item);
    }

    public (int, long, int, int) OrderOf(ReplanItem item) =>
        (-problem.Classes[item.Class].Priority, -SizeOf(item), item.Class, item.Rank);

    /// <summary>The smallest item of a group that is at least so large; null when none is.</summary>
    public ReplanItem? SmallestOf(ReplanGroup group, long atLeast)
    {
        var (low, high) = (0, group.Ranks.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (sizes[group.Class][group.Ranks[middle]] >= atLeast) low = middle + 1;
            else high = middle;
        }

        return low == 0 ? null : new ReplanItem(group.Class, group.Ranks[low - 1]);
    }

    private static int[] LargestFirst(ReplanClass own)
    {
        var order = Enumerable.Range(0, own.Sizes.Count).ToArray();
        Array.Sort(order, (one, other) =>
            own.Sizes[one] == own.Sizes[other] ? one.CompareTo(other) : own.Sizes[other].CompareTo(own.Sizes[one]));
        return order;
    }
}

/// <summary>
/// What could still be served of each priority at most. The flow serves as much as can be of the highest, of the
/// highest two, and so on, so an item that is larger than what is left needs no look.
/// </summary>
internal sealed class ReplanBound
{
    private readonly Dictionary<int, int> rankOf;
    private readonly long[] left;

    public ReplanBound(ReplanProblem problem, TransportFlow flow)
    {
        rankOf = problem.Classes.Select(own => own.Priority).Distinct().OrderDescending()
            .Select((priority, rank) => (priority, rank)).ToDictionary(item => item.priority, item => item.rank);
        left = new long[rankOf.Count];
        for (var index = 0; index < problem.Classes.Count; index++)
            left[rankOf[problem.Classes[index].Priority]] += problem.Classes[index].Demand - flow.Unserved[index];
    }

    /// <summary>Amount of a priority that is served from now on, or no more when negative.</summary>
    public void Serve(int priority, long amount) => left[rankOf[priority]] -= amount;

    /// <summary>Amount of a priority that may still be served without displacing higher ones.</summary>
    public long Left(int priority)
    {
        var sum = 0L;
        for (var rank = 0; rank <= rankOf[priority]; rank++) sum += left[rank];
        return sum;
    }
}
