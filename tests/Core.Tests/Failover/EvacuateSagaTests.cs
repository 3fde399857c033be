using ControlPlane.Failover;
using ControlPlane.Ledger;
using ControlPlane.Simulation;
using ControlPlane.Workloads;

namespace ControlPlane.Core.Tests.Failover;

/// <summary>The tools for sagas, on sites that are emptied.</summary>
public sealed class EvacuateSagaTests
{
    private static readonly LossTerms Terms = new() { StopPatience = TimeSpan.FromSeconds(5) };
    private static readonly SiteId Source = new("de-a");
    private static readonly DecisionId Solver = new(new Guid(1, 0, 0, new byte[8]));

    [Fact]
    public void Every_step_taken_twice_is_taken_once()
    {
        var rig = SagaRig.Plain(Terms);
        rig.Operate(Source, SiteChangeKind.Draining);

        var taken = rig.Run(60, twice: true);

        Assert.NotEmpty(taken);
        Assert.Equal(taken.Distinct(), taken);
        Assert.Equal(2, rig.Find(Solver).Epoch);
        Assert.NotEqual(Source, rig.SiteOf(rig.Find(Solver).Units[0].Node));
        Assert.Empty(rig.State.World.Moving);
    }

    [Theory]
    [InlineData(MoveStep.Stopping)]
    [InlineData(MoveStep.Starting)]
    [InlineData(MoveStep.Done)]
    public void A_step_that_does_not_land_is_taken_again(MoveStep lost)
    {
        var rig = SagaRig.Plain(Terms);
        rig.Operate(Source, SiteChangeKind.Draining);

        Assert.True(rig.RunLosing(lost, Solver, 60));

        Assert.Equal((2, null), (rig.Find(Solver).Epoch, rig.Find(Solver).Move));
    }

    [Fact]
    public void A_source_that_does_not_stop_keeps_its_work_each_time_and_no_room_stays_kept()
    {
        var rig = SagaRig.Plain(Terms with { PlanAgain = TimeSpan.FromSeconds(8) });
        var room = rig.Room();
        rig.Operate(Source, SiteChangeKind.Draining);

        rig.AssertStays(Solver, 30, () => rig.Operate(Source, SiteChangeKind.Uncordoned), room);
    }

    [Fact]
    public void What_has_not_stopped_stays_when_the_site_is_not_emptied_any_more()
    {
        // One stops at once; the others wait for their turn.
        var rig = SagaRig.Plain(Terms with { StartsPerMinute = 0 }).Crowd(Source, 4);
        rig.Operate(Source, SiteChangeKind.Draining);
        var begun = rig.Run(1, twice: false).Select(step => step.Placement).ToList();
        var waiting = rig.State.World.Moving.Except(begun).ToList();

        rig.Operate(Source, SiteChangeKind.Uncordoned);
        var taken = rig.Run(20, twice: true);

        Assert.NotEmpty(begun);
        Assert.NotEmpty(waiting);
        Assert.Equal(
            waiting.Select(id => new MoveStepped(id, MoveStep.Undone, 0, "its site is not emptied any more"))
                .ToHashSet(),
            taken.Where(step => step.Step == MoveStep.Undone).ToHashSet());
        Assert.All(waiting, id => Assert.Equal((1, null), (rig.Find(id).Epoch, rig.Find(id).Move)));
        Assert.All(begun, id => Assert.Equal((2, null), (rig.Find(id).Epoch, rig.Find(id).Move)));
    }

    [Fact]
    public void What_policies_let_move_no_more_stays_when_its_turn_comes_and_takes_no_turn_from_others()
    {
        // One may start every ten seconds at each target.
        var rig = SagaRig.Plain(Terms with { StartsPerMinute = 6 }).Crowd(Source, 4);
        rig.Operate(Source, SiteChangeKind.Draining);
        var begun = rig.Run(1, twice: false).Select(step => step.Placement).ToList();
        var waiting = rig.State.World.Moving.Except(begun).ToList();
        var targets = waiting.ConvertAll(id => rig.SiteOf(rig.Find(id).Move!.To[0].Node)); // they are moving

        rig.ForbidMoves();
        var taken = rig.Run(12, twice: false);

        Assert.True(targets.Distinct().Count() < targets.Count, string.Join(", ", targets));
        Assert.All(waiting, id => Assert.Contains(
            taken, step => step.Placement == id && step is { Step: MoveStep.Undone, Because: not null }));
        Assert.All(waiting, id => Assert.Equal((1, null), (rig.Find(id).Epoch, rig.Find(id).Move)));
    }

    [Fact]
    public void Nothing_of_what_is_bound_to_each_other_stops_when_policies_keep_one_of_it()
    {
        var label = new Label("kind", "kept");
        var rig = SagaRig.Plain(Terms with { MostMovingToSite = 0 });
        foreach (var id in rig.State.World.Placements.Select(placement => placement.Id).ToList())
            rig.Append(new PlacementReleased(id, ReleaseReason.Released));
        // What is more urgent is looked at first, and nothing keeps it by itself.
        var store = rig.Place(700, SimFleet.Request("store", RunClass.Exclusive, null, 1) with { Priority = 9 });
        var front = rig.Place(701, GroupWorld.Bound("front", "store", DependencyScope.Site) with { Labels = [label] });
        rig.Operate(rig.SiteOf(rig.Find(store).Units[0].Node), SiteChangeKind.Draining);
        rig.Run(1, twice: false);
        Assert.All([store, front], id => Assert.Equal(MoveStep.Reserved, rig.Find(id).Move?.Step));

        rig.ForbidMovesOf(label);
        var taken = rig.With(Terms).Run(3, twice: false);

        Assert.Equal(
            [MoveStep.Undone],
            taken.Where(step => step.Placement == store).Select(step => step.Step));
        Assert.All([store, front], id => Assert.Equal((1, null), (rig.Find(id).Epoch, rig.Find(id).Move)));
    }
}
