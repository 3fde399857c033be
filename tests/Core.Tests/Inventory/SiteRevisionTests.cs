using ControlPlane.Ledger;
using ControlPlane.Simulation;

namespace ControlPlane.Core.Tests.Inventory;

/// <summary>A revision names one content of the work of a site, whatever was tried and taken back.</summary>
public sealed class SiteRevisionTests
{
    private static readonly SiteId Site = new("de-a");
    private static readonly DecisionId Solver = new(new Guid(1, 0, 0, [0, 0, 0, 0, 0, 0, 0, 0]));

    [Fact]
    public void A_revision_first_asked_for_on_what_is_taken_back_is_no_newer_than_what_stays()
    {
        var state = SimFleet.Origin.CopyWithoutKeys();
        var stays = state.Position;
        var mark = state.Mark();
        state.Append(new PlacementReleased(Solver, ReleaseReason.Released), VirtualTime.Start);
        Assert.Equal(stays + 1, state.World.RevisionOf(Site));

        state.UndoTo(mark);

        Assert.Equal(stays, state.World.RevisionOf(Site));
    }

    [Fact]
    public void What_follows_the_undone_is_newer_than_what_was_said_before()
    {
        var state = SimFleet.Origin.CopyWithoutKeys();
        var mark = state.Mark();
        state.Append(new PlacementReleased(Solver, ReleaseReason.Released), VirtualTime.Start);
        _ = state.World.RevisionOf(Site);
        state.UndoTo(mark);
        var said = state.World.RevisionOf(Site);

        state.Append(new PlacementReleased(Solver, ReleaseReason.Released), VirtualTime.Start);
        state.Settle();

        Assert.True(state.World.RevisionOf(Site) > said, $"{state.World.RevisionOf(Site)} after {said}");
    }
}
