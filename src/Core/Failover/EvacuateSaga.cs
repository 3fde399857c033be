using ControlPlane.Inventory;
using ControlPlane.Workloads;

namespace ControlPlane.Failover;

/// <summary>
/// Moves one placement away from a site that is emptied, or to what it has to be near. The steps are those of every
/// move; as long as nothing has stopped it stays where it is when its site is not emptied any more, when policies let
/// it move no more, and when what it is bound to stays.
/// </summary>
public static class EvacuateSaga
{
    /// <summary>The table; the first row that holds is taken.</summary>
    public static Seq<MoveRow> Rows { get; } = MoveSaga.Leaving(
        new(MoveStep.Reserved, "undo: called off", CalledOff, MoveStep.Undone), MoveSaga.MayNotGo);

    /// <summary>
    /// What goes along with something that has to leave, or to it, is not called off: it would be apart here.
    /// </summary>
    private static string? CalledOff(MoveView view, LossTerms terms) =>
        MayStay(view) && MoveGroup.PeersOf(view).All(peer => MayStay(view with { Placement = peer }))
            && !MoveGroup.StayingWouldTear(view, MayStay)
            ? "its site is not emptied any more"
            : null;

    private static bool MayStay(MoveView view) => view.Move.Step == MoveStep.Reserved
        && view.Sources.All(site => view.ConditionOf(site) is null or { Health: SiteHealth.Healthy, Draining: false });
}
