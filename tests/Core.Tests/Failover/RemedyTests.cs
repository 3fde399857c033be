using ControlPlane.Failover;
using ControlPlane.Files;
using ControlPlane.Inventory;
using ControlPlane.Ledger;
using ControlPlane.Placements;
using ControlPlane.Policies;
using ControlPlane.Simulation;
using ControlPlane.Workloads;

namespace ControlPlane.Core.Tests.Failover;

/// <summary>What the law denies where it runs, today or within days, leaves for where it may stay.</summary>
public sealed class RemedyTests
{
    private static readonly DateTimeOffset At = VirtualTime.Start;

    [Fact]
    public void What_will_be_unlawful_within_days_leaves_for_where_it_may_stay()
    {
        var state = State(validFrom: At.AddDays(3), allow: "FR");
        var placement = InGermany(state);

        var plan = Round(state).Single();

        Assert.True(state.Law.IsLawful(placement, At));
        Assert.Equal((MoveKind.Remedy, 0), (plan.Kind, plan.Stays.Count));
        var move = plan.Moves.Single(move => move.Placement == placement.Id);
        Assert.Equal(["fr-a"], move.To.Select(unit => SiteOf(state, unit)).Distinct());
        Assert.Equal(MoveKind.Remedy, state.World.Find(placement.Id)!.Move!.Kind);
    }

    [Fact]
    public void What_is_unlawful_already_leaves_too()
    {
        var state = State(validFrom: At.AddDays(-3), allow: "FR");
        var placement = InGermany(state);
        state.Append(BindingAudit.Of(state, At)!, At);

        var plan = Round(state).Single();

        Assert.False(state.Law.IsLawful(placement, At));
        Assert.Contains(plan.Moves, move => move.Placement == placement.Id);
    }

    [Fact]
    public void What_is_denied_only_long_after_stays_and_nothing_is_said()
    {
        var state = State(validFrom: At.AddDays(8), allow: "FR");

        Assert.Empty(Round(state));
    }

    [Fact]
    public void Where_nowhere_is_lawful_it_stays_and_that_is_said_once()
    {
        var state = State(validFrom: At.AddDays(3), allow: "US");
        var placement = InGermany(state);
        var pace = new RoundPace(new LossTerms());

        var first = Round(state, pace).Single();
        var second = Round(state, pace, At.AddMinutes(11));

        Assert.Empty(first.Moves);
        Assert.Equal(
            RefusalReason.NoLawfulRegion, first.Stays.Single(stay => stay.Placement == placement.Id).Reason);
        Assert.Empty(second);
    }

    [Fact]
    public void What_no_agent_could_stop_is_left_to_whoever_runs_it()
    {
        var state = State(validFrom: At.AddDays(3), allow: "FR", agents: false);
        var placement = InGermany(state);
        var ahead = LawAhead.Of(state.Law, At, new LossTerms().LawAhead);

        var plan = FailoverPlanner.PlanRemedy(state.World, state.Law, new PlanQuestion
        {
            Id = Guid.Empty, Kind = MoveKind.Remedy, Sites = [], AsOf = At, Ahead = ahead,
        }, [placement.Id]);

        Assert.Equal([StayReason.NoAgent], plan.Stays.Select(stay => stay.Reason));
        Assert.Empty(Round(state));
    }

    [Fact]
    public void What_may_not_stay_another_day_goes_even_to_where_it_may_stay_for_some()
    {
        // Germany is denied today, and everywhere else from the third day on.
        var state = State(validFrom: At.AddDays(-3), allow: "FR", after: (At.AddDays(3), "US"));
        var placement = InGermany(state);
        state.Append(BindingAudit.Of(state, At)!, At);

        var plan = Round(state).Single();

        Assert.Contains(plan.Moves, move => move.Placement == placement.Id);
    }

    private static Seq<MovePlan> Round(LedgerState state, RoundPace? pace = null, DateTimeOffset? now = null) =>
        FailoverRound.Run(
            state,
            new RoundQuestion
            {
                Sights = [], Timeline = 1, WatchedFor = TimeSpan.Zero, Now = now ?? At,
                NewId = () => new Guid(9, 0, 0, new byte[8]),
            },
            pace ?? new RoundPace(new LossTerms()))
        .Records.Select(record => record.Event).OfType<PlanLanded>().Select(landed => landed.Plan).ToSeq();

    /// <summary>Something of the policies' class that runs in Germany.</summary>
    private static Placement InGermany(LedgerState state) => state.World.Placements
        .Where(placement => placement.Request.DataClass == new DataClassId("records"))
        .First(placement => placement.Units.All(
            unit => SiteOf(state, unit).StartsWith("de", StringComparison.Ordinal)));

    private static string SiteOf(LedgerState state, UnitBinding unit) =>
        state.World.Fleet.FindPool(unit.Node.Pool)!.Site.Id.Value;

    private static LedgerState State(
        DateTimeOffset validFrom, string allow, bool agents = true, (DateTimeOffset From, string Allow)? after = null)
    {
        var state = SimFleet.Origin.CopyWithoutKeys();
        foreach (var site in agents ? SimFleet.Sites : [])
        {
            state.Append(new SiteChanged(SiteChangeKind.Joined, new SiteCondition
            {
                Site = site, Health = SiteHealth.Healthy, Since = At.AddDays(-1),
            }, "test"), At);
        }

        Seq<SourceFile> files =
        [
            new("policies/records.yaml", Policy("records", validFrom, allow)),
            .. after is { } later
                ? [new SourceFile("policies/later.yaml", Policy("later", later.From, later.Allow))]
                : Array.Empty<SourceFile>(),
        ];
        state.Append(new PoliciesActivated(files, PolicyFiles.Parse(files).Value.Digest) { Version = 1 }, At);
        return state;
    }

    private static string Policy(string id, DateTimeOffset validFrom, string allow) => $$"""
        schemaVersion: 1
        id: {{id}}
        because: The tests need it.
        source: { law: Rules of the tests }
        owner: tests
        validFrom: {{validFrom:yyyy-MM-dd}}
        enforcement: mandatory
        match:
          dataClasses: [records]
        rules:
          - { rule: place, kind: residency, allow: ["{{allow}}"] }

        """;
}
