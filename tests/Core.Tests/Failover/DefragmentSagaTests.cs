using ControlPlane.Failover;
using ControlPlane.Inventory;
using ControlPlane.Ledger;
using ControlPlane.Simulation;
using ControlPlane.Workloads;

namespace ControlPlane.Core.Tests.Failover;

/// <summary>The tools for sagas, on moves that free whole nodes.</summary>
public sealed class DefragmentSagaTests
{
    private static readonly LossTerms Terms = new() { StopPatience = TimeSpan.FromSeconds(5) };

    [Fact]
    public void A_landed_plan_moves_what_it_names_and_frees_the_nodes_it_names()
    {
        var rig = SagaRig.Fragmented(Terms);
        var plan = rig.PlanDefragmentation();
        var before = FreeNodes(rig.State.World);

        rig.Land(plan);
        var taken = rig.Run(30, twice: false);

        Assert.Equal(2, plan.Moves.Count);
        Assert.Equal(
            [MoveStep.Stopping, MoveStep.Starting, MoveStep.Done],
            taken.Where(step => step.Placement == plan.Moves[0].Placement).Select(step => step.Step));
        Assert.Equal(before + 2, FreeNodes(rig.State.World));
        Assert.All(plan.Moves, move => Assert.Equal(
            (2, move.To), (rig.Find(move.Placement).Epoch, rig.Find(move.Placement).Units)));
        Assert.Empty(rig.State.World.Moving);
    }

    [Fact]
    public void Every_step_taken_twice_is_taken_once()
    {
        var rig = SagaRig.Fragmented(Terms);
        rig.Land(rig.PlanDefragmentation());

        var taken = rig.Run(30, twice: true);

        Assert.Equal(taken.Distinct(), taken);
        Assert.Empty(rig.State.World.Moving);
    }

    [Theory]
    [InlineData(MoveStep.Stopping)]
    [InlineData(MoveStep.Starting)]
    [InlineData(MoveStep.Done)]
    public void A_step_that_does_not_land_is_taken_again(MoveStep lost)
    {
        var rig = SagaRig.Fragmented(Terms);
        var plan = rig.PlanDefragmentation();
        rig.Land(plan);

        var lostOnce = rig.RunLosing(lost, plan.Moves[0].Placement, 40);

        Assert.True(lostOnce);
        Assert.All(plan.Moves, move => Assert.Equal(
            (2, move.To), (rig.Find(move.Placement).Epoch, rig.Find(move.Placement).Units)));
    }

    /// <summary>A source that says nothing more is no source that has stopped; then work gets its place back.</summary>
    [Fact]
    public void A_source_that_does_not_stop_keeps_its_work_and_the_undo_is_the_same_when_repeated()
    {
        var rig = SagaRig.Fragmented(Terms);
        var plan = rig.PlanDefragmentation();
        var digest = LedgerSnapshot.DigestTextOf(rig.Whole());
        var room = rig.Room();
        rig.Land(plan);

        rig.RunDeaf(20);
        var undone = rig.Room();
        var again = rig.RunDeaf(5);

        Assert.Equal(room, undone);
        Assert.Empty(again);
        Assert.All(plan.Moves, move => Assert.Equal(
            (1, move.From), (rig.Find(move.Placement).Epoch, rig.Find(move.Placement).Units)));
        Assert.NotEqual(digest, LedgerSnapshot.DigestTextOf(rig.Whole())); // what happened is on the record
    }

    [Fact]
    public void A_move_that_frees_nothing_any_more_is_undone_before_anything_stops()
    {
        var rig = SagaRig.Fragmented(Terms);
        var plan = rig.PlanDefragmentation();
        rig.Land(plan);
        var blocked = plan.Moves[0];
        rig.Occupy(blocked.From[0].Node);

        var taken = rig.Run(20, twice: false);

        var step = Assert.Single(taken, item => item.Placement == blocked.Placement);
        Assert.Equal(MoveStep.Undone, step.Step);
        Assert.Contains("would not become free", step.Because, StringComparison.Ordinal);
        Assert.Equal((1, blocked.From), (rig.Find(blocked.Placement).Epoch, rig.Find(blocked.Placement).Units));
    }

    [Fact]
    public void A_move_that_policies_forbid_since_it_was_approved_is_undone()
    {
        var rig = SagaRig.Fragmented(Terms);
        var plan = rig.PlanDefragmentation();
        rig.Land(plan);
        rig.ForbidMoves();

        var taken = rig.Run(20, twice: false);

        Assert.Equal(2, taken.Count);
        Assert.All(taken, step => Assert.Equal(
            (MoveStep.Undone, "work of this kind does not move"), (step.Step, step.Because)));
    }

    [Fact]
    public void A_target_that_does_not_start_is_parked_with_its_step_named_and_goes_on_when_it_does()
    {
        var rig = SagaRig.Fragmented(Terms with { StartPatience = TimeSpan.FromSeconds(3) });
        var plan = rig.PlanDefragmentation();
        rig.Land(plan);

        rig.RunWhereNothingStarts(30);
        var parked = rig.Find(plan.Moves[0].Placement).Move;
        rig.Run(10, twice: false);

        Assert.Equal(MoveStep.Starting, parked?.Step);
        Assert.Contains("does not run it", parked?.Parked, StringComparison.Ordinal);
        Assert.Empty(rig.State.World.Moving);
    }

    [Fact]
    public void A_plan_lands_only_where_everything_is_as_it_was_made_on_and_else_changes_nothing()
    {
        var rig = SagaRig.Fragmented(Terms);
        var plan = rig.PlanDefragmentation();
        rig.Occupy(plan.Moves[0].From[0].Node);
        var before = LedgerSnapshot.DigestTextOf(rig.Whole());

        var (landed, why) = DefragmentPlan.Land(rig.State, new PlanLanded(plan), VirtualTime.Start);

        Assert.Null(landed);
        Assert.Contains("would not become free", why, StringComparison.Ordinal);
        Assert.Equal(before, LedgerSnapshot.DigestTextOf(rig.Whole()));
    }

    private static int FreeNodes(World world) => world.Fleet.Pools.Sum(pool => Enumerable.Range(0, pool.Nodes)
        .Count(node => world.Nodes.FreeMilli(pool.Index, node)
            == pool.Spec.AcceleratorsPerNode * NodeColumns.WholeMilli));
}
