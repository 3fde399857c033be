using ControlPlane.Failover;
using ControlPlane.Inventory;
using ControlPlane.Ledger;
using ControlPlane.Workloads;

namespace ControlPlane.Core.Tests.Failover;

/// <summary>The tools for sagas, on work that goes home.</summary>
public sealed class FailbackSagaTests
{
    private static readonly SiteId Home = new("de-a");
    private static readonly DecisionId Solver = new(new Guid(1, 0, 0, new byte[8]));

    private static readonly LossTerms Terms = new()
    {
        StopPatience = TimeSpan.FromSeconds(5), HoldDown = TimeSpan.FromSeconds(3),
        FailbackAfter = TimeSpan.FromSeconds(3), PlanAgain = TimeSpan.FromSeconds(4),
    };

    [Fact]
    public void Every_step_taken_twice_is_taken_once()
    {
        var rig = Away(Terms);

        var taken = rig.Run(60, twice: true);

        Assert.NotEmpty(taken);
        Assert.Equal(taken.Distinct(), taken);
        Assert.Equal((3, Home), (rig.Find(Solver).Epoch, rig.SiteOf(rig.Find(Solver).Units[0].Node)));
        Assert.Empty(rig.State.World.Moving);
        Assert.Empty(rig.State.World.Away);
    }

    [Theory]
    [InlineData(MoveStep.Stopping)]
    [InlineData(MoveStep.Starting)]
    [InlineData(MoveStep.Done)]
    public void A_step_that_does_not_land_is_taken_again(MoveStep lost)
    {
        var rig = Away(Terms);

        Assert.True(rig.RunLosing(lost, Solver, 60));

        Assert.Equal((3, Home), (rig.Find(Solver).Epoch, rig.SiteOf(rig.Find(Solver).Units[0].Node)));
    }

    [Fact]
    public void Where_it_does_not_stop_it_stays_each_time_and_no_room_stays_kept()
    {
        var rig = Away(Terms);
        var room = rig.Room();
        while (rig.State.World.Moving.Count == 0) rig.Run(1, twice: false);

        rig.AssertStays(Solver, 60, () => rig.Operate(Home, SiteChangeKind.Cordoned), room);
    }

    [Fact]
    public void What_waits_to_go_home_stays_when_its_home_falls_ill()
    {
        var rig = Away(Terms with { StartsPerMinute = 1, PlanAgain = TimeSpan.FromMinutes(1) });
        while (rig.State.World.Moving.Count == 0) rig.Run(1, twice: false);
        var waiting = rig.State.World.Moving.Select(rig.Find)
            .Where(placement => placement.Move!.Step == MoveStep.Reserved).ToList(); // they are moving

        rig.Silence(Home);
        var taken = rig.Run(8, twice: true);

        Assert.NotEmpty(waiting);
        Assert.Equal(
            waiting.Select(item => new MoveStepped(item.Id, MoveStep.Undone, 0, "its home is not well any more"))
                .ToHashSet(),
            taken.Where(step => step.Step == MoveStep.Undone && waiting.Any(item => item.Id == step.Placement))
                .ToHashSet());
        Assert.All(waiting, item => Assert.Equal(item.Epoch, rig.Find(item.Id).Epoch));
    }

    [Fact]
    public void Nothing_goes_home_before_its_home_was_well_for_the_window()
    {
        var rig = Away(Terms with { FailbackAfter = TimeSpan.FromSeconds(30) });
        while (rig.State.World.Sites.Find(Home) is not { Health: SiteHealth.Healthy }) rig.Run(1, twice: false);

        var early = rig.Run(29, twice: false);
        var late = rig.Run(30, twice: false);

        Assert.Empty(early);
        Assert.Contains(late, step => step.Placement == Solver && step.Step == MoveStep.Done);
    }

    /// <summary>What was at home runs elsewhere; nothing was heard of its home since, until now.</summary>
    private static SagaRig Away(LossTerms terms)
    {
        var rig = SagaRig.Plain(terms with { StartsPerMinute = 6_000 }).Crowd(Home, 4);
        rig.Silence(Home);
        rig.Run(40, twice: false);
        Assert.Equal((2, null), (rig.Find(Solver).Epoch, rig.Find(Solver).Move));
        rig.Silence(Home, isSilent: false);
        return rig.With(terms);
    }
}
