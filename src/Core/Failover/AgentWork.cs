using ControlPlane.Workloads;

namespace ControlPlane.Failover;

/// <summary>
/// What an agent should run, what it sees, and what it is about to do. Starts that may not be in what was seen count as
/// starting, so that a report never says that something does not run which may.
/// </summary>
internal sealed class AgentWork
{
    private readonly SortedDictionary<DecisionId, WorkOrder> desired = [];
    private readonly SortedDictionary<WorkKey, ObservedWork> seen = [];
    private readonly SortedDictionary<WorkKey, WorkOrder?> acting = [];
    private readonly SortedDictionary<WorkKey, Unsure> unsure = [];
    private readonly HashSet<WorkKey> actedSinceLook = [];
    private readonly SortedDictionary<DecisionId, Epoch> newest = [];

    /// <summary>Revision of what is desired; 0 while nothing is known in this session.</summary>
    public long Revision { get; private set; }

    /// <summary>Whether all that is desired is known in this session.</summary>
    public bool IsKnown { get; private set; }

    /// <summary>Whether the site was looked at.</summary>
    public bool IsSeen { get; private set; }

    public Seq<ObservedWork> Seen => seen.Values.ToSeq();

    /// <summary>Whether exclusive work is here, or may be, that is not desired.</summary>
    public bool HasUnwantedExclusive => seen.Any(item =>
        item.Value is { RunClass: RunClass.Exclusive, IsLive: true } && !IsDesired(item.Key));

    /// <summary>A new session knows nothing until it is told; what runs goes on meanwhile.</summary>
    public void Forget()
    {
        desired.Clear();
        (Revision, IsKnown) = (0, false);
    }

    /// <summary>
    /// Takes desired work in. What is older than what is known, or leaves a gap, or asks for an epoch that is past, is
    /// passed over whole: missing data never means delete.
    /// </summary>
    public bool Take(DesiredWork work)
    {
        if (work.Revision < Revision || (!work.Full && (!IsKnown || work.After != Revision))) return false;
        if (work.Orders.Any(order => newest.TryGetValue(order.Placement, out var known) && order.Epoch < known))
            return false;
        if (work.Full) desired.Clear();
        foreach (var id in work.Removed) desired.Remove(id);
        foreach (var order in work.Orders)
        {
            desired[order.Placement] = order;
            newest[order.Placement] = order.Epoch;
        }

        (Revision, IsKnown) = (work.Revision, true);
        return true;
    }

    /// <summary>Begins to look: it shows starts that ended before; those under way it may miss.</summary>
    public void Look()
    {
        foreach (var (key, start) in unsure.ToList())
            unsure[key] = start with { IsCovered = acting.GetValueOrDefault(key) is null };
    }

    public void Take(Seq<ObservedWork> work)
    {
        seen.Clear();
        foreach (var item in work) seen[KeyOf(item)] = item;
        actedSinceLook.Clear();
        foreach (var (key, start) in unsure.ToList())
        {
            if (start.IsCovered) unsure.Remove(key);
            else seen.TryAdd(key, Starting(start.Order));
        }

        IsSeen = true;
        foreach (var item in work)
        {
            if (!newest.TryGetValue(item.Placement, out var known) || known < item.Epoch)
                newest[item.Placement] = item.Epoch;
        }

        var busy = Busy();
        var gone = newest.Keys.Where(id => !desired.ContainsKey(id) && !busy.Contains(id)).ToList();
        foreach (var id in gone) newest.Remove(id);
    }

    /// <summary>An action came to its end; what it did shows at the next look, and is not done again before.</summary>
    public void Acted(DecisionId placement, Epoch epoch)
    {
        acting.Remove(new(placement, epoch));
        actedSinceLook.Add(new(placement, epoch));
    }

    /// <summary>Whether an order still stands; for the moment at which it is carried out.</summary>
    public bool IsWanted(WorkOrder order) => IsKnown && IsDesired(new(order.Placement, order.Epoch));

    /// <summary>Stops, then starts, that bring what runs to what should.</summary>
    /// <param name="leaseHolds">Whether anything may be started.</param>
    /// <param name="leaseIsOver">Whether what is exclusive has to stop.</param>
    /// <param name="guardOpen">Whether the guard follows the lease, so that exclusive work may be started.</param>
    public IEnumerable<AgentAction> Act(bool leaseHolds, bool leaseIsOver, bool guardOpen = true)
    {
        if (!IsSeen) yield break;
        foreach (var (key, item) in seen.ToList())
        {
            var fenced = leaseIsOver && item is { RunClass: RunClass.Exclusive, IsLive: true };
            var unwanted = IsKnown && !IsDesired(key);
            // A start that is under way ends by itself first; it asks again before it starts anything.
            if ((!fenced && !unwanted) || acting.ContainsKey(key) || actedSinceLook.Contains(key)) continue;
            acting.Add(key, null);
            yield return new StopWork(key.Placement, key.Epoch);
        }

        if (!leaseHolds || !IsKnown) yield break;
        var busy = Busy();
        foreach (var order in desired.Values)
        {
            var key = new WorkKey(order.Placement, order.Epoch);
            if (order.RunClass == RunClass.Exclusive && !guardOpen) continue;
            if (seen.ContainsKey(key) || busy.Contains(order.Placement) || actedSinceLook.Contains(key)) continue;
            // What made room holds its accelerators until a look shows that it has stopped.
            if (order.After is { } after && after.Any(busy.Contains)) continue;
            acting.Add(key, order);
            unsure[key] = new Unsure(order, IsCovered: false);
            yield return new StartWork(order);
        }
    }

    private bool IsDesired(WorkKey key) =>
        desired.TryGetValue(key.Placement, out var wanted) && wanted.Epoch == key.Epoch;

    /// <summary>Placements of which some epoch runs here, or is being started or stopped.</summary>
    private HashSet<DecisionId> Busy() =>
    [
        .. seen.Where(item => item.Value.IsLive).Select(item => item.Key.Placement),
        .. acting.Keys.Select(key => key.Placement),
        .. unsure.Keys.Select(key => key.Placement),
    ];

    private static ObservedWork Starting(WorkOrder order) => new()
    {
        Placement = order.Placement, Epoch = order.Epoch, RunClass = order.RunClass, Status = WorkStatus.Starting,
    };

    private static WorkKey KeyOf(ObservedWork work) => new(work.Placement, work.Epoch);

    /// <summary>A start that no look has shown or not shown since it ended.</summary>
    private sealed record Unsure(WorkOrder Order, bool IsCovered);

    private readonly record struct WorkKey(DecisionId Placement, Epoch Epoch) : IComparable<WorkKey>
    {
        public int CompareTo(WorkKey other)
        {
            var byPlacement = Placement.CompareTo(other.Placement);
            return byPlacement != 0 ? byPlacement : Epoch.CompareTo(other.Epoch);
        }
    }
}
