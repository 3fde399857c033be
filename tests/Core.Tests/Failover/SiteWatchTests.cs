using ControlPlane.Failover;
using ControlPlane.Inventory;
using ControlPlane.Ledger;
using ControlPlane.Simulation;
using ControlPlane.Workloads;

namespace ControlPlane.Core.Tests.Failover;

public sealed class SiteWatchTests
{
    private static readonly LossTerms Terms = new();
    private static readonly SiteId Site = new("de-a");

    [Fact]
    public void A_silent_site_is_suspected_and_lost_only_when_its_lease_is_surely_over()
    {
        var state = Joined();

        Assert.Equal(SiteHealth.Suspect, HealthAfter(state, Terms.SuspectAfter));
        Assert.Equal(SiteHealth.Suspect, HealthAfter(state, Terms.FenceAfter - TimeSpan.FromMilliseconds(1)));
        Assert.Equal(SiteHealth.Lost, HealthAfter(state, Terms.FenceAfter));
    }

    [Fact]
    public void What_somebody_else_still_reaches_is_not_lost_on_silence_alone()
    {
        var state = Joined();
        var seen = new HealthSignal
        {
            Site = Site, Source = SignalSource.Peer, Healthy = true, ConfidencePercent = 90, AgeMilliseconds = 100,
        };

        HealthAfter(state, Terms.SuspectAfter);
        Assert.Equal(SiteHealth.Suspect, HealthAfter(state, Terms.FenceAfter * 2, seen));
        Assert.Equal(SiteHealth.Lost, HealthAfter(state, Terms.FenceAfter * Terms.Contradicted, seen));
    }

    /// <summary>Peers and provider vote; the lease has to be over in any case.</summary>
    [Theory]
    [InlineData(0, 0, SiteHealth.Lost)]
    [InlineData(1, 0, SiteHealth.Suspect)]
    [InlineData(1, 1, SiteHealth.Lost)]
    [InlineData(2, 1, SiteHealth.Suspect)]
    [InlineData(0, 2, SiteHealth.Lost)]
    public void A_silent_site_is_lost_unless_more_reach_it_than_do_not(int reach, int doNot, SiteHealth then)
    {
        var state = Joined();
        HealthSignal[] said =
        [
            .. Enumerable.Range(0, reach + doNot).Select(number => new HealthSignal
            {
                Site = Site, Source = number % 2 == 0 ? SignalSource.Peer : SignalSource.Provider,
                Healthy = number < reach, ConfidencePercent = 60, AgeMilliseconds = 100,
            }),
        ];

        HealthAfter(state, Terms.SuspectAfter, said);
        Assert.Equal(SiteHealth.Suspect, HealthAfter(state, Terms.FenceAfter - TimeSpan.FromSeconds(1), said));
        Assert.Equal(then, HealthAfter(state, Terms.FenceAfter, said));
    }

    [Theory]
    [InlineData(SignalSource.Driver, 90, 100, SiteHealth.Suspect)]
    [InlineData(SignalSource.Provider, 80, 100, SiteHealth.Suspect)]
    [InlineData(SignalSource.Provider, 79, 100, SiteHealth.Healthy)]
    [InlineData(SignalSource.Provider, 90, 30_001, SiteHealth.Healthy)]
    [InlineData(SignalSource.Peer, 100, 100, SiteHealth.Healthy)]
    public void A_site_that_is_heard_is_suspected_on_the_word_of_its_driver_or_provider_only(
        SignalSource source, int confidence, long age, SiteHealth then)
    {
        var ill = new HealthSignal
        {
            Site = Site, Source = source, Healthy = false, ConfidencePercent = confidence, AgeMilliseconds = age,
        };

        Assert.Equal(then, HealthAfter(Joined(), TimeSpan.Zero, ill));
    }

    [Fact]
    public void When_many_fall_silent_at_once_none_is_lost_and_the_reason_is_told()
    {
        var state = Joined();
        Seq<SiteSight> sights = [.. SimFleet.Sites.Select(site => Silent(site, Terms.FenceAfter * 2))];

        Judge(state, sights);
        var findings = Judge(state, sights);
        var blind = SiteWatch.WhyBlind(Question(state, sights), Terms);
        var mass = SiteWatch.WhyMass(Question(state, sights) with { WatchedFor = TimeSpan.Zero }, Terms);

        Assert.DoesNotContain(findings, finding => finding.Health == FindingKind.Lost);
        Assert.Equal("5 of 5 sites are silent at once: it may be us", blind);
        Assert.Equal(blind, mass);
    }

    [Fact]
    public void A_server_that_just_began_to_listen_takes_nobody_for_lost()
    {
        var state = Joined();
        var question = Question(state, [Silent(Site, Terms.FenceAfter * 2)]) with { WatchedFor = TimeSpan.Zero };

        foreach (var finding in SiteWatch.Judge(question, Terms)) Fold(state, finding);

        Assert.DoesNotContain(SiteWatch.Judge(question, Terms), finding => finding.Health == FindingKind.Lost);
    }

    /// <summary>Each loss doubles the time for which a flapping site is left alone.</summary>
    [Fact]
    public void A_site_that_flaps_a_hundred_times_is_trusted_ever_later()
    {
        var waits = Enumerable.Range(1, 100).Select(Terms.HoldDownAfter).ToList();

        Assert.Equal(Terms.HoldDown, waits[0]);
        Assert.Equal(Terms.HoldDown * 2, waits[1]);
        Assert.Equal(Terms.LongestHoldDown, waits[99]);
        Assert.True(waits.SequenceEqual(waits.Order()));
    }

    /// <summary>At most one move of a workload in a hold-down, however often its site comes and goes.</summary>
    [Theory]
    [InlineData(20, 10)]
    [InlineData(20, 45)]
    [InlineData(25, 200)]
    public void A_site_that_flaps_a_hundred_times_moves_its_work_once_in_a_hold_down(int down, int up)
    {
        var terms = Terms with { FailbackAfter = TimeSpan.FromSeconds(1), PlanAgain = TimeSpan.FromSeconds(1) };
        var rig = SagaRig.Plain(terms);
        var left = new Dictionary<DecisionId, List<int>>();
        var (second, losses) = (0, 0);

        for (var flap = 0; flap < 100; flap++)
        {
            foreach (var (isSilent, span) in new[] { (true, down), (false, up) })
            {
                rig.Silence(Site, isSilent);
                for (var end = second + span; second < end; second++)
                {
                    foreach (var step in rig.Run(1, twice: false).Where(step => step.Step == MoveStep.Starting))
                    {
                        if (rig.SiteOf(rig.Find(step.Placement).Units[0].Node) == Site) continue;
                        if (!left.TryGetValue(step.Placement, out var times)) left.Add(step.Placement, times = []);
                        times.Add(second);
                    }
                }
            }

            losses = Math.Max(losses, rig.State.World.Sites.Find(Site)!.Losses); // it joined
        }

        Assert.Equal(100, losses);
        Assert.NotEmpty(left);
        // Where the hold-down is longer than it is ever well, nothing comes back to it at all.
        Assert.All(left.Values, times => Assert.True(times.Count <= 4, string.Join(' ', times)));
        Assert.All(left.Values, times => Assert.All(
            times.Zip(times.Skip(1)), pair => Assert.True(pair.Second - pair.First > terms.HoldDown.TotalSeconds)));
    }

    [Fact]
    public void A_suspected_site_is_well_again_only_after_it_was_heard_for_a_while()
    {
        var state = Joined();
        HealthAfter(state, Terms.SuspectAfter);
        var heard = Silent(Site, TimeSpan.Zero);

        var early = SiteWatch.Judge(
            Question(state, [heard]) with { Now = Since() + Terms.CalmAfter - TimeSpan.FromSeconds(1) }, Terms);
        var late = SiteWatch.Judge(Question(state, [heard]) with { Now = Since() + Terms.CalmAfter }, Terms);

        Assert.Empty(early);
        Assert.Equal([FindingKind.Cleared], late.Select(finding => finding.Health));

        DateTimeOffset Since() => state.World.Sites.Find(Site)!.Since; // it joined
    }

    [Fact]
    public void A_site_that_came_back_is_trusted_only_when_it_was_stable_and_runs_nothing_that_it_should_not()
    {
        var rig = SagaRig.Plain(Terms);
        rig.Silence(Site);
        rig.Run(40, twice: false);
        rig.Silence(Site, isSilent: false);
        rig.Run(1, twice: false);

        var states = Enumerable.Range(1, 35).Select(_ =>
        {
            rig.Run(1, twice: false);
            return rig.State.World.Sites.Find(Site)!.Health; // it joined
        }).ToList();

        var recovering = states.TakeWhile(health => health == SiteHealth.Recovering).Count();
        Assert.Equal(Terms.HoldDown.TotalSeconds, recovering + 1);
        Assert.All(states.Skip(recovering), health => Assert.Equal(SiteHealth.Healthy, health));
    }

    /// <summary>The statement ended the session; that another one was opened since refutes it.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_site_that_came_back_after_it_was_stated_to_be_dead_is_not_lost_on_that_word(bool isOver)
    {
        var state = Joined();
        state.Append(
            new SiteChanged(
                SiteChangeKind.DeclaredDead, state.World.Sites.Find(Site)! with { DeclaredDead = true }, "burnt down"),
            VirtualTime.Start);
        var silent = Silent(Site, Terms.FenceAfter);
        Seq<SiteSight> sights = [silent with { Lease = silent.Lease with { IsOver = isOver } }];

        Judge(state, sights);
        Judge(state, sights);

        var condition = state.World.Sites.Find(Site)!; // it joined
        Assert.Equal(
            (SiteHealth.Lost, isOver, !isOver), (condition.Health, condition.DeclaredDead, condition.Cordoned));
    }

    private static LedgerState Joined()
    {
        var state = SimFleet.Origin.CopyWithoutKeys();
        foreach (var site in SimFleet.Sites)
        {
            var condition = new SiteCondition { Site = site, Health = SiteHealth.Healthy, Since = VirtualTime.Start };
            state.Append(new SiteChanged(SiteChangeKind.Joined, condition, "test"), VirtualTime.Start);
        }

        return state;
    }

    private static SiteHealth HealthAfter(LedgerState state, TimeSpan silence, params HealthSignal[] signals)
    {
        Judge(state, [Silent(Site, silence) with { Signals = [.. signals] }]);
        return state.World.Sites.Find(Site)!.Health; // it joined
    }

    private static Seq<SiteFinding> Judge(LedgerState state, Seq<SiteSight> sights)
    {
        var findings = SiteWatch.Judge(Question(state, sights), Terms);
        foreach (var finding in findings) Fold(state, finding);
        return findings;
    }

    private static void Fold(LedgerState state, SiteFinding finding) => state.Append(
        new SiteChanged(SiteChangeKind.Suspected, finding.Condition, finding.Because), VirtualTime.Start);

    private static WatchQuestion Question(LedgerState state, Seq<SiteSight> sights) =>
        new(state.World, sights, VirtualTime.Start.AddMinutes(1), TimeSpan.FromHours(1));

    private static SiteSight Silent(SiteId site, TimeSpan silence) => new()
    {
        Lease = new SiteLease { Site = site, Session = new AgentSession(1, "a"), Renewals = 3, IsGuarded = true },
        SilentFor = silence,
    };
}
