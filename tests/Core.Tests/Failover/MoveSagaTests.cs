using ControlPlane.Failover;
using ControlPlane.Inventory;
using ControlPlane.Ledger;
using ControlPlane.Simulation;
using ControlPlane.Workloads;

namespace ControlPlane.Core.Tests.Failover;

/// <summary>The tools for sagas: every step run twice, every step failed in turn, every undo repeated.</summary>
public sealed class MoveSagaTests
{
    private static readonly LossTerms Terms = new() { StopPatience = TimeSpan.FromSeconds(5) };
    private static readonly SiteId Source = new("de-a");
    private static readonly DecisionId Solver = new(new Guid(1, 0, 0, [0, 0, 0, 0, 0, 0, 0, 0]));

    [Fact]
    public void Every_step_taken_twice_is_taken_once()
    {
        var state = Draining(out var pace);
        var taken = new List<MoveStep>();

        for (var second = 0; second < 60; second++)
        {
            var sights = Obedient(state);
            var at = VirtualTime.Start.AddSeconds(second);
            var once = Round(state, pace, sights, at);
            var twice = Round(state, pace, sights, at);
            taken.AddRange(StepsOf(once));
            Assert.Empty(StepsOf(twice).Intersect(StepsOf(once)));
        }

        Assert.Equal([MoveStep.Stopping, MoveStep.Starting, MoveStep.Done], taken.Take(3));
        Assert.Null(state.World.Find(Solver)!.Move);
        Assert.Equal(2, state.World.Find(Solver)!.Epoch);
    }

    [Theory]
    [InlineData(MoveStep.Stopping)]
    [InlineData(MoveStep.Starting)]
    [InlineData(MoveStep.Done)]
    public void A_step_that_does_not_land_is_taken_again(MoveStep lost)
    {
        var state = Draining(out var pace);
        var lostOnce = false;

        for (var second = 0; second < 60; second++)
        {
            var mark = state.Mark();
            var records = Unsettled(state, pace, Obedient(state), VirtualTime.Start.AddSeconds(second));
            if (!lostOnce && StepsOf(records).Contains(lost))
            {
                state.UndoTo(mark);
                pace.Forget();
                lostOnce = true;
            }
            else state.Settle();
        }

        Assert.True(lostOnce);
        Assert.Null(state.World.Find(Solver)!.Move);
        Assert.Equal(2, state.World.Find(Solver)!.Epoch);
    }

    [Fact]
    public void A_source_that_does_not_stop_gets_its_work_back_and_the_target_its_room()
    {
        var state = Draining(out var pace);
        var free = state.World.Nodes.FreeAcceleratorMilli(1);
        var undone = new List<MoveStep>();

        for (var second = 0; second < 20; second++)
        {
            // Nobody confirms anything.
            var records = Round(
                state, pace, [.. SagaRig.Heard().Select(sight => sight with { Report = null })],
                VirtualTime.Start.AddSeconds(second));
            undone.AddRange(StepsOf(records).Where(step => step == MoveStep.Undone));
            if (undone.Count > 0 && state.World.Find(Solver)!.Move is null) break;
        }

        Assert.NotEmpty(undone);
        Assert.Equal(1, state.World.Find(Solver)!.Epoch);
        Assert.Equal(Source, state.World.Fleet.FindPool(state.World.Find(Solver)!.Units[0].Node.Pool)!.Site.Id);
        Assert.True(state.World.Nodes.FreeAcceleratorMilli(1) <= free);
    }

    [Fact]
    public void A_target_that_does_not_start_is_parked_with_its_step_named()
    {
        var state = Draining(out var pace, Terms with { StartPatience = TimeSpan.FromSeconds(3) });
        for (var second = 0; second < 40; second++)
        {
            // What stops is confirmed; nothing ever runs at the target.
            Seq<SiteSight> sights =
                [.. SagaRig.Heard().Select(sight => sight with { Report = SagaRig.ReportOf(sight, state, []) })];
            Round(state, pace, sights, VirtualTime.Start.AddSeconds(second));
        }

        var move = state.World.Find(Solver)!.Move;
        Assert.Equal(MoveStep.Starting, move?.Step);
        Assert.Contains("does not run it", move?.Parked, StringComparison.Ordinal);
    }

    /// <summary>A policy comes into force while moves wait for their turn, or for their sources to stop.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Nothing_starts_where_the_law_forbids_it_by_now(bool isLost)
    {
        var rig = SagaRig.Plain(Terms with { StartsPerMinute = 6, StopPatience = TimeSpan.FromMinutes(1) })
            .Crowd(Source, 4);
        if (isLost) rig.Silence(Source);
        else rig.Operate(Source, SiteChangeKind.Draining);
        while (rig.State.World.Moving.Count == 0) rig.Run(1, twice: false);
        var waiting = rig.State.World.Moving.Select(rig.Find)
            .Where(placement => placement.Move!.HoldsTarget).ToList(); // they are moving

        rig.AllowGermanyOnly();
        var forbidden = waiting.Where(item => item.Move!.To.Any(unit => rig.SiteOf(unit.Node).Value[..2] != "de"))
            .Select(item => item.Id).ToList();
        var taken = rig.Run(90, twice: false);

        Assert.NotEmpty(forbidden);
        Assert.All(forbidden, id => Assert.Contains(
            taken, step => step.Placement == id && step is { Step: MoveStep.Undone, Because: not null }));
        Assert.DoesNotContain(taken, step => step.Step == MoveStep.Starting
            && rig.SiteOf(rig.Find(step.Placement).Units[0].Node).Value[..2] != "de");
    }

    /// <summary>The agent may start, right after it said so, what does not run and is still wanted.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void That_wanted_work_did_not_run_is_no_stop_when_its_site_is_lost(bool isGuarded)
    {
        var state = Draining(out var pace, Terms);
        var steps = new List<MoveStep>();
        // It is drained no more: nothing was ever asked to leave.
        state.Append(
            new SiteChanged(
                SiteChangeKind.Uncordoned, state.World.Sites.Find(Source)! with { Draining = false }, "test"),
            VirtualTime.Start);
        state.Settle();
        foreach (var silence in new[] { Terms.SuspectAfter, Terms.FenceAfter, Terms.FenceAfter * 2 })
        {
            Seq<SiteSight> sights =
            [
                .. SagaRig.Heard().Select(sight => sight.Site != Source ? sight : sight with
                {
                    Lease = sight.Lease with { IsGuarded = isGuarded },
                    SilentFor = silence,
                    Report = SagaRig.ReportOf(sight, state, []),
                }),
            ];
            steps.AddRange(StepsOf(Round(state, pace, sights, VirtualTime.Start + silence)));
        }

        Assert.Equal(SiteHealth.Lost, state.World.Sites.Find(Source)!.Health); // it joined
        Assert.Equal(isGuarded, steps.Contains(MoveStep.Starting));
    }

    private static LedgerState Draining(out RoundPace pace, LossTerms? terms = null)
    {
        var state = SimFleet.Origin.CopyWithoutKeys();
        pace = new RoundPace(terms ?? Terms);
        foreach (var site in SimFleet.Sites)
        {
            var condition = new SiteCondition { Site = site, Health = SiteHealth.Healthy, Since = VirtualTime.Start };
            state.Append(new SiteChanged(SiteChangeKind.Joined, condition, "test"), VirtualTime.Start);
        }

        var draining = state.World.Sites.Find(Source)! with { Draining = true }; // it joined above
        state.Append(new SiteChanged(SiteChangeKind.Draining, draining, "test"), VirtualTime.Start);
        state.Settle();
        return state;
    }

    private static Seq<LedgerRecord> Round(
        LedgerState state, RoundPace pace, Seq<SiteSight> sights, DateTimeOffset at)
    {
        var records = Unsettled(state, pace, sights, at);
        state.Settle();
        return records;
    }

    private static Seq<LedgerRecord> Unsettled(
        LedgerState state, RoundPace pace, Seq<SiteSight> sights, DateTimeOffset at)
    {
        var outcome = FailoverRound.Run(state, new RoundQuestion
        {
            Sights = sights,
            Timeline = 1,
            WatchedFor = TimeSpan.FromHours(1),
            Now = at,
            NewId = () => new Guid(9, 9, 9, new byte[8]),
        }, pace);
        return outcome.Records;
    }

    private static IEnumerable<MoveStep> StepsOf(Seq<LedgerRecord> records) => records
        .Select(record => record.Event).OfType<MoveStepped>()
        .Where(stepped => stepped.Placement == Solver).Select(stepped => stepped.Step);

    /// <summary>Sites that run what they are told, at once, and say so.</summary>
    private static Seq<SiteSight> Obedient(LedgerState state) =>
    [
        .. SagaRig.Heard().Select(sight => sight with
        {
            Report = SagaRig.ReportOf(sight, state, SiteWork.OrdersFor(state.World, sight.Site)),
        }),
    ];
}
