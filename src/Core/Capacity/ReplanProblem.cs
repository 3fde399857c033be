namespace ControlPlane.Capacity;

/// <summary>
/// Work that needs a new place, and the places there are: classes of items that law and hardware treat alike, and
/// targets with room. Amounts are whole accelerators or any other unit that all of them share.
/// </summary>
public sealed class ReplanProblem
{
    private readonly List<ReplanClass> classes = [];
    private readonly List<long> rooms = [];

    public IReadOnlyList<ReplanClass> Classes => classes;

    /// <summary>Amount each target has room for.</summary>
    public IReadOnlyList<long> Rooms => rooms;

    /// <summary>Adds a target with so much room; returns its index.</summary>
    public int AddTarget(long room)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(room);
        rooms.Add(room);
        return rooms.Count - 1;
    }

    /// <summary>Adds a class of items; returns its index.</summary>
    /// <param name="priority">Higher is served first.</param>
    /// <param name="sizes">Amount that each item needs at one target; none is split.</param>
    /// <param name="arcs">Targets the items may go to, each once, with the cost of one amount there.</param>
    public int AddClass(int priority, IReadOnlyList<long> sizes, IReadOnlyList<ReplanArc> arcs)
    {
        if (sizes.Any(size => size <= 0))
            throw new ArgumentOutOfRangeException(nameof(sizes), "an item needs more than nothing");
        var sorted = arcs.OrderBy(arc => arc.Cost).ThenBy(arc => arc.Target).ToArray();
        classes.Add(new ReplanClass(priority, [.. sizes], sorted));
        return classes.Count - 1;
    }
}

/// <summary>Items of one class: how much each needs, and where they may go, cheapest first.</summary>
public sealed class ReplanClass
{
    internal ReplanClass(int priority, long[] sizes, ReplanArc[] arcs)
    {
        Priority = priority;
        Sizes = sizes;
        Arcs = arcs;
        Demand = sizes.Sum();
    }

    public int Priority { get; }

    public IReadOnlyList<long> Sizes { get; }

    public IReadOnlyList<ReplanArc> Arcs { get; }

    /// <summary>Amount of all items.</summary>
    public long Demand { get; }
}

/// <summary>A target that a class may go to, and what one amount costs there.</summary>
public readonly record struct ReplanArc(int Target, long Cost);
