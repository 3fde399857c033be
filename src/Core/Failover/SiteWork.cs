using ControlPlane.Inventory;
using ControlPlane.Regions;
using ControlPlane.Workloads;

namespace ControlPlane.Failover;

/// <summary>Says what a site should run, and compares it with what the site reports.</summary>
public static class SiteWork
{
    /// <summary>
    /// The orders of a site, all of them, ordered by placement. A site that is lost is told to run nothing exclusive
    /// until it is known to be back, and nothing at all when it was stated to be dead: until then its work may be
    /// started elsewhere.
    /// </summary>
    public static Seq<WorkOrder> OrdersFor(World world, SiteId site)
    {
        var lost = world.Sites.Find(site) is { Health: SiteHealth.Lost } condition ? condition : null;
        return world.WorkAt(site).Order()
            .Select(id => world.Find(id)!)
            .Where(placement => placement.State == PlacementState.Bound)
            .Where(placement => lost is null
                || (placement.Request.RunClass == RunClass.Sticky && !lost.DeclaredDead))
            .Select(placement => OrderOf(world.Fleet, placement, site))
            .OfType<WorkOrder>()
            .ToSeq();
    }

    /// <summary>Whether a site reports nothing live that it should not run, in its newest session.</summary>
    public static bool IsClean(World world, SiteSight sight) =>
        sight.Report is { } report
        && report.Session == sight.Lease.Session
        && report.Work.All(work => !work.IsLive || IsWanted(world, sight.Site, work));

    /// <summary>
    /// Whether a site has surely stopped a placement: it reported so in its newest session, after it knew of the step.
    /// </summary>
    public static bool HasStopped(SiteSight sight, DecisionId placement, long steppedAt) =>
        sight.Report is { } report
        && report.Session == sight.Lease.Session
        && report.Revision >= steppedAt
        && !report.Work.Any(work => work.Placement == placement && work.IsLive);

    /// <summary>How far a site reports an epoch of a placement to be; null when it says nothing.</summary>
    public static ObservedWork? Find(SiteSight sight, DecisionId placement, Epoch epoch) =>
        sight.Report is { } report && report.Session == sight.Lease.Session
            ? report.Work.FirstOrDefault(work => work.Placement == placement && work.Epoch == epoch)
            : null;

    private static bool IsWanted(World world, SiteId site, ObservedWork work) =>
        world.Find(work.Placement) is { } placement
        && placement.EpochAt(site) == work.Epoch
        && Running(world.Fleet, placement, site).Any();

    /// <summary>Units that should run at a site now, with their place in the placement.</summary>
    private static IEnumerable<(UnitBinding Unit, int Ordinal, FleetPool Pool)> Running(
        Fleet fleet, Placement placement, SiteId site)
    {
        var move = placement.Move is { Step: MoveStep.Stopping } stopping ? stopping : null;
        // What goes on at the site that it leaves starts again there under another epoch, all of it.
        if (move is not null && HasUnits(fleet, move.From, site) && HasUnits(fleet, move.To, site)) yield break;
        var leaving = move is null ? [] : move.From.ToHashSet();
        for (var ordinal = 0; ordinal < placement.Units.Count; ordinal++)
        {
            var unit = placement.Units[ordinal];
            var pool = fleet.FindPool(unit.Node.Pool)!;
            if (pool.Site.Id == site && !leaving.Contains(unit)) yield return (unit, ordinal, pool);
        }
    }

    private static bool HasUnits(Fleet fleet, Seq<UnitBinding> units, SiteId site) =>
        units.Any(unit => fleet.FindPool(unit.Node.Pool)!.Site.Id == site);

    private static WorkOrder? OrderOf(Fleet fleet, Placement placement, SiteId site)
    {
        var units = Running(fleet, placement, site).Select(item => new OrderUnit
        {
            Ordinal = item.Ordinal,
            Cluster = item.Pool.Cluster.Id,
            NodePool = item.Pool.Id,
            Node = item.Unit.Node.Ordinal,
            Sku = item.Pool.Sku?.Id,
            Devices = DevicesOf(item.Unit.Devices),
        }).ToSeq();
        if (units.Count == 0) return null;
        var request = placement.Request;
        return new WorkOrder
        {
            Placement = placement.Id,
            Epoch = placement.EpochAt(site),
            Tenant = request.Tenant,
            Workload = request.Workload,
            Kind = request.Kind,
            RunClass = request.RunClass,
            DataClass = request.DataClass,
            Priority = request.Priority,
            Accelerators = request.Unit.Accelerators,
            AcceleratorShareMilli = request.Unit.AcceleratorShareMilli,
            CpuMilli = request.Unit.CpuMilli,
            MemoryMib = request.Unit.MemoryMib,
            Artefact = request.Artefact?.Digest,
            Labels = request.Labels,
            Units = units,
            // Absent where there is none, so that agents that do not know it yet read every other order.
            After = placement.Preempted.Count == 0 ? null : placement.Preempted,
        };
    }

    private static Seq<int> DevicesOf(ulong mask) =>
        Enumerable.Range(0, 64).Where(device => (mask >> device & 1) == 1).ToSeq();
}
