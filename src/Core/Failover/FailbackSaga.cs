using ControlPlane.Workloads;

namespace ControlPlane.Failover;

/// <summary>
/// Moves one placement back to where it failed over from. The steps are those of every move; as long as nothing has
/// stopped it is looked each time whether its home is still well and stable, and whether policies let it go home, for
/// nothing forces it to leave.
/// </summary>
public static class FailbackSaga
{
    /// <summary>The table; the first row that holds is taken.</summary>
    public static Seq<MoveRow> Rows { get; } = MoveSaga.Leaving(
        new(MoveStep.Reserved, "undo: home is not well", HomeIsIll, MoveStep.Undone), MoveSaga.MayNotGo);

    /// <summary>A home that is only suspected may be lost in a moment; where the work is it is well.</summary>
    private static string? HomeIsIll(MoveView view, LossTerms terms) => view.Placement.Former is not null
        && FailoverPlanner.HomeWellSince(view.World, view.Placement) is null
            ? "its home is not well any more"
            : null;
}
