using ControlPlane.Failover;
using ControlPlane.Policies;
using ControlPlane.Workloads;

namespace ControlPlane.Simulation;

/// <summary>
/// Sees everything that really runs, and says at once when something runs twice or where it must not.
/// </summary>
internal sealed class SimRuns(VirtualTime time)
{
    private readonly Dictionary<DecisionId, List<(SiteId Site, Epoch Epoch, Seq<int> Units)>> running = [];
    private readonly Dictionary<DecisionId, PlacementSeen> seen = [];
    private readonly Dictionary<(SiteId, DecisionId, Epoch), WorkOrder> ordered = [];

    public List<string> Faults { get; } = [];

    public long Starts { get; private set; }

    public void Begin(SiteId site, WorkOrder order)
    {
        Starts++;
        ordered[(site, order.Placement, order.Epoch)] = order;
        time.Note($"{site} runs {order.Workload} {order.Epoch}");
        if (!running.TryGetValue(order.Placement, out var copies)) running.Add(order.Placement, copies = []);
        var units = order.Units.Select(unit => unit.Ordinal).ToSeq();
        // A placement over several sites has each of its units once.
        foreach (var copy in copies.Where(copy => copy.Site == site || Overlap(order, copy)))
            Fault($"doubled: {order.Workload} {order.Epoch} at {site} and {copy.Epoch} at {copy.Site}");

        if (IsUnlawful(order)) Fault($"unlawful: {order.Workload} at {site}");
        copies.Add((site, order.Epoch, units));
    }

    /// <summary>What ran at a site before is started there once more, by nobody's order.</summary>
    public void Again(SiteId site, DecisionId placement, Epoch epoch) => Begin(site, ordered[(site, placement, epoch)]);

    public void End(SiteId site, DecisionId placement, Epoch epoch)
    {
        time.Note($"{site} stopped {placement.ToString()[..8]} {epoch}");
        running[placement].RemoveAll(copy => copy.Site == site && copy.Epoch == epoch);
    }

    public void Fault(string what)
    {
        time.Note(what);
        Faults.Add(what);
    }

    /// <summary>Whether two copies stand for the same units: together they are more than there are.</summary>
    private bool Overlap(WorkOrder order, (SiteId Site, Epoch Epoch, Seq<int> Units) copy)
    {
        var known = SeenOf(order.Placement);
        return known is null || order.Units.Count + copy.Units.Count > known.Units;
    }

    private bool IsUnlawful(WorkOrder order)
    {
        if (SeenOf(order.Placement) is not { } known) return false;
        var lawful = SimFleet.Origin.Law.LawfulPools(known.Subject, time.Instant);
        return order.Units.Any(unit =>
            !lawful.Contains(SimFleet.Origin.World.Fleet.FindPool(unit.NodePool)!.Index)); // the fleet does not change
    }

    private PlacementSeen? SeenOf(DecisionId id)
    {
        if (seen.TryGetValue(id, out var known)) return known;
        if (SimFleet.Origin.World.Find(id) is not { } placement) return null;
        known = new PlacementSeen(placement.Units.Count, LawSubject.Of(placement.Request));
        seen.Add(id, known);
        return known;
    }

    private sealed record PlacementSeen(int Units, LawSubject Subject);
}
