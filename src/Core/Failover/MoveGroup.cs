using ControlPlane.Placements;
using ControlPlane.Workloads;

namespace ControlPlane.Failover;

/// <summary>
/// Keeps placements together that are bound to each other and move by one plan: none starts before all can, and none
/// goes where the others do not.
/// </summary>
internal static class MoveGroup
{
    /// <summary>Those that a placement is bound to and that are on the same plan.</summary>
    public static IReadOnlyList<Placement> PeersOf(MoveView view) =>
        !IsBound(view)
            ? []
            : [.. Dependencies.GroupOf(view.World, view.Placement)
                .Where(id => id != view.Placement.Id)
                .Select(id => view.World.Find(id)!) // a group is made of what is there
                .Where(peer => peer.Move?.Plan == view.Move.Plan)];

    /// <summary>Whether it would be apart at its target from what it is with here.</summary>
    public static bool WouldTear(MoveView view) => IsBound(view)
        && Bound(view).Any(item => !Dependencies.Hold(view.World, item)
            && Dependencies.Hold(view.World, item, PlaceIfStaying(view, [])));

    /// <summary>
    /// Whether it would be apart here from what has gone ahead; those that may still stay too are taken to do so.
    /// </summary>
    public static bool StayingWouldTear(MoveView view, Func<MoveView, bool> mayStay)
    {
        if (!IsBound(view)) return false;
        var others = PeersOf(view).Where(peer => mayStay(view with { Placement = peer }))
            .Select(peer => peer.Id).ToHashSet();
        return Bound(view).Any(item => Dependencies.Hold(view.World, item)
            && !Dependencies.Hold(view.World, item, PlaceIfStaying(view, others)));
    }

    private static bool IsBound(MoveView view) => view.World.Dependents.Count > 0
        && (view.Placement.Request.DependsOn.Count > 0
            || Dependencies.DependentsOf(view.World, view.Placement).Count > 0);

    private static IEnumerable<Placement> Bound(MoveView view) => Dependencies.DependentsOf(view.World, view.Placement)
        .Prepend(view.Placement.Id).Distinct().Select(id => view.World.Find(id)!); // the index knows what is there

    private static Func<Placement, Seq<UnitBinding>> PlaceIfStaying(MoveView view, HashSet<DecisionId> others) =>
        placement => placement.Id == view.Placement.Id || others.Contains(placement.Id)
            ? placement.Units
            : placement.Destination;
}
