using System.Diagnostics;
using ControlPlane.Inventory;
using ControlPlane.Placements;
using ControlPlane.Policies;
using ControlPlane.Regions;
using ControlPlane.Workloads;

namespace ControlPlane.Capacity;

/// <summary>
/// Takes what runs today over to a changed world: what keeps its nodes stays, and the rest looks for a place as anybody
/// does, near what it is bound to or not at all.
/// </summary>
internal sealed class WhatIfTrial(
    World today, (World World, Law Law) on, Seq<DecisionId> ended, DateTimeOffset asOf)
{
    private readonly World world = on.World;

    public List<WhatIfRefusal> Refusals { get; } = [];

    /// <summary>
    /// Adds what keeps its nodes; returns what would lose them, higher priority first, and what is needed before what
    /// needs it.
    /// </summary>
    public List<Placement> Stay()
    {
        var lost = new List<Placement>();
        foreach (var placement in today.Placements.Where(placement => !ended.Contains(placement.Id))
            .OrderByDescending(placement => placement.Request.Priority).ThenBy(placement => placement.Id))
        {
            if (!TryKeep(placement)) lost.Add(placement);
        }

        if (today.Dependents.Count == 0) return lost;
        var byId = lost.ToDictionary(placement => placement.Id);
        return [.. lost.SelectMany(placement => Dependencies.GroupOf(today, placement)).Distinct()
            .Where(byId.ContainsKey).Select(id => byId[id])];
    }

    /// <summary>Whether it keeps its nodes with all it uses of them; a move to nodes that would be gone it does not.
    /// </summary>
    private bool TryKeep(Placement placement)
    {
        if (!Keeps(placement, placement.Units)) return false;
        world.Add(placement.Move is { } move && !Keeps(placement, move.From.Concat(move.To))
            ? placement with { Move = null }
            : placement);
        if (placement.Units.All(unit => world.Nodes.IsSound(
            world.Fleet.FindPool(unit.Node.Pool)!.Index, unit.Node.Ordinal))) return true; // it is there, as it is kept
        world.Remove(placement.Id);
        return false;
    }

    private bool Keeps(Placement placement, IEnumerable<UnitBinding> units) =>
        units.All(unit => world.Fleet.FindPool(unit.Node.Pool) is { } pool
            && FleetChange.Stays(today.Fleet, pool, unit, placement.Request.Unit))
        && !(placement.Request.Kind == WorkloadKind.Gang && FleetChange.IsTorn(world.Fleet, placement.Units));

    /// <summary>Whether something that would lose its nodes finds others; they are taken.</summary>
    public bool TryMove(Placement placement)
    {
        var request = placement.Request;
        if (NeedsWhatIsGone(request))
            return Take(placement, new Refused(RefusalReason.DependencyUnmet), runsToday: true);
        if (NearDependents(request) is not { } near) return Take(placement, Decide(request), runsToday: true);
        var decision = Placer.DecideWithin(world, on.Law, (request, asOf), near);
        return Take(
            placement, decision is Refused { Reason: RefusalReason.NoActiveSite }
                ? new Refused(RefusalReason.DependencyUnmet)
                : decision,
            runsToday: true);
    }

    /// <summary>Whether something new finds a place; it is taken.</summary>
    public bool TryPlace(Placement added) => Take(added, Decide(added.Request), runsToday: false);

    private PlacementDecision Decide(PlacementRequest request) => Admission.Decide(world, on.Law, request, asOf);

    private bool Take(Placement placement, PlacementDecision decision, bool runsToday)
    {
        switch (decision)
        {
            case Placed placed:
                foreach (var id in placed.Preempted)
                {
                    // It stands there, from today or since something moved or was added.
                    Refusals.Add(new(
                        world.Find(id)!.Request, RefusalReason.NoCapacity, RunsToday: today.Find(id) is not null));
                    world.Remove(id);
                }

                world.Add(placement with { Units = placed.Units, Isolation = placed.Isolation, Move = null });
                return true;
            case Refused refused:
                Refusals.Add(new(placement.Request, refused.Reason, runsToday));
                return false;
            default:
                throw new UnreachableException();
        }
    }

    /// <summary>Whether something that it needs runs today, is not to end, and found no place.</summary>
    private bool NeedsWhatIsGone(PlacementRequest request) => request.DependsOn.Any(need =>
        today.Named(request.Tenant, need.Workload).Any(id => !ended.Contains(id))
        && world.Named(request.Tenant, need.Workload).Count == 0);

    /// <summary>Pools near all that needs it and stands already; null when nothing does, or has another of its name.
    /// </summary>
    private Func<FleetPool, bool>? NearDependents(PlacementRequest request)
    {
        if (world.Named(request.Tenant, request.Workload).Count > 0) return null;
        var limits = world.DependentsOf(request.Tenant, request.Workload)
            .Select(id => world.Find(id)!) // the index knows what is there
            .SelectMany(dependent => dependent.Request.DependsOn
                .Where(need => need.Workload == request.Workload)
                .SelectMany(need => dependent.Units.Select(unit =>
                    (need.Within, world.Fleet.FindPool(unit.Node.Pool)!.Site))))
            .Distinct()
            .ToList();
        return limits.Count == 0
            ? null
            : pool => limits.TrueForAll(limit => limit.Within == DependencyScope.Site
                ? pool.Site == limit.Site
                : pool.Region == limit.Site.Region);
    }
}
