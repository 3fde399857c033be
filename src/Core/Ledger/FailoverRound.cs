using ControlPlane.Failover;
using ControlPlane.Inventory;
using ControlPlane.Workloads;

namespace ControlPlane.Ledger;

/// <summary>What one look at all sites and moves is made on, beside the newest state.</summary>
public sealed record RoundQuestion
{
    public required Seq<SiteSight> Sights { get; init; }

    /// <summary>Timeline of the database.</summary>
    public required long Timeline { get; init; }

    /// <summary>How long whoever asks has been able to hear sites on this timeline.</summary>
    public required TimeSpan WatchedFor { get; init; }

    public required DateTimeOffset Now { get; init; }

    /// <summary>Makes up ids for plans.</summary>
    public required Func<Guid> NewId { get; init; }
}

/// <summary>A session that ends with what is appended, unless it was renewed meanwhile; then nothing is.</summary>
public readonly record struct SessionEnd(SiteId Site, long Renewals);

/// <summary>What a look appended, and on what condition it may land.</summary>
public sealed record RoundOutcome(Seq<LedgerRecord> Records, Seq<SessionEnd> Ends)
{
    /// <summary>Why no site is taken for lost at the moment; null when nothing is against it.</summary>
    public string? Blind { get; init; }

    /// <summary>That too many sites are silent at once, for people to look at; null when they are not.</summary>
    public string? Mass { get; init; }
}

/// <summary>
/// Takes one look at all sites and moves, and appends what follows: what is held of sites, plans for what has to leave,
/// and the next step of every move that is due. It lands behind the position it was made on or not at all.
/// </summary>
public static class FailoverRound
{
    /// <summary>Steps of moves in one round, so that nobody else waits long.</summary>
    private const int MostSteps = 2_000;

    public static RoundOutcome Run(LedgerState state, RoundQuestion question, RoundPace pace)
    {
        var records = new List<LedgerRecord>();
        var ends = new List<SessionEnd>();
        var watch = new WatchQuestion(state.World, question.Sights, question.Now, question.WatchedFor);
        var blind = SiteWatch.WhyBlind(watch, pace.Terms);
        var mass = SiteWatch.WhyMass(watch, pace.Terms);
        var findings = SiteWatch.Judge(watch, pace.Terms);
        foreach (var finding in findings)
        {
            records.Add(state.Append(
                new SiteChanged(ChangeOf(finding.Health), finding.Condition, finding.Because), question.Now));
            if (finding.OnlyAfterRenewals is { } renewals) ends.Add(new(finding.Condition.Site, renewals));
        }

        var isNew = findings.Any(finding => finding.Health is FindingKind.Lost or FindingKind.Recovered);
        foreach (var node in DecommissionSaga.Emptied(state.World))
        {
            var statement = state.World.ClosedNodes.Find(node)!.Statement; // it is one of them
            records.Add(state.Append(new NodeChanged(node, NodeDuty.Out, statement), question.Now));
        }

        Plan(state, (question, pace, isNew), records);
        Step(state, (question, pace), records);
        return new RoundOutcome(records.ToSeq(), ends.ToSeq()) { Blind = blind, Mass = mass };
    }

    private static void Plan(
        LedgerState state, (RoundQuestion Question, RoundPace Pace, bool IsNew) round, List<LedgerRecord> records)
    {
        var world = state.World;
        var lost = SitesWhere(world, condition => condition.Health == SiteHealth.Lost);
        var draining = SitesWhere(world, condition => condition is { Draining: true, Health: SiteHealth.Healthy });
        var nodes = world.ClosedNodes.Draining;
        var ahead = round.Pace.AheadOf(state.Law, round.Question.Now);
        var denied = state.InForce.Findings.Keys
            .Concat(round.Pace.Soon(world, ahead, round.Question.Now)).Distinct().ToList();
        if (!FailoverPlanner.HasWork(world, lost) && !FailoverPlanner.HasWork(world, draining)
            && !DecommissionSaga.HasWork(world, nodes)
            && world.Away.Count + world.Dependents.Count + denied.Count == 0)
            return;
        if (!round.Pace.TryPlan(round.Question.Now) && !round.IsNew) return;
        foreach (var (kind, sites) in (ReadOnlySpan<(MoveKind, Seq<SiteId>)>)
            [
                (MoveKind.Failover, lost), (MoveKind.Planned, draining), (MoveKind.Remedy, []),
                (MoveKind.Failback, []), (MoveKind.Planned, []),
            ])
        {
            var question = new PlanQuestion
            {
                Id = round.Question.NewId(), Kind = kind, Sites = sites, AsOf = round.Question.Now, Ahead = ahead,
            };
            var plan = kind == MoveKind.Remedy
                ? Tellable(FailoverPlanner.PlanRemedy(world, state.Law, question, denied))
                : kind == MoveKind.Failback
                ? FailoverPlanner.PlanFailback(world, state.Law, question, round.Pace.Terms)
                : kind == MoveKind.Planned && sites.Count == 0
                ? FailoverPlanner.PlanReunion(world, state.Law, question)
                : FailoverPlanner.Plan(world, state.Law, question);
            // What stays is said once, with the loss; later only when something moves.
            var isNews = kind == MoveKind.Remedy
                ? round.Pace.IsNews(plan.Stays)
                : round.IsNew && plan.Stays.Count > 0 && kind == MoveKind.Failover;
            if (plan.Moves.Count == 0 && !isNews) continue;
            records.Add(state.Append(new PlanLanded(plan), round.Question.Now));
        }

        if (!DecommissionSaga.HasWork(world, nodes)) return;
        var emptying = DecommissionSaga.Plan(
            world, state.Law, DecommissionSaga.Question(world, nodes, round.Question.NewId(), round.Question.Now));
        if (emptying.Moves.Count > 0) records.Add(state.Append(new PlanLanded(emptying), round.Question.Now));
    }

    // What nobody could stop is for whoever runs it to move, and is told as a finding.
    private static MovePlan Tellable(MovePlan plan) =>
        plan with { Stays = plan.Stays.Where(stay => stay.Reason != StayReason.NoAgent).ToSeq() };

    private static Seq<SiteId> SitesWhere(World world, Func<SiteCondition, bool> holds) =>
        world.Sites.Conditions.Where(holds).Select(condition => condition.Site).ToSeq();

    private static void Step(
        LedgerState state, (RoundQuestion Question, RoundPace Pace) round, List<LedgerRecord> records)
    {
        var world = state.World;
        if (world.Moving.Count == 0) return;
        var sights = round.Question.Sights.ToDictionary(sight => sight.Site);
        var governor = round.Pace.Governor;
        governor.Begin();
        var views = world.Moving.Select(id => new MoveView(world, state.Law, world.Find(id)!, round.Question.Now)
        {
            Sights = sights, Timeline = round.Question.Timeline,
        }).ToList();
        foreach (var view in views.Where(view => view.Move.Step != MoveStep.Reserved)) governor.Count(view.Targets);
        var steps = 0;
        foreach (var view in views.OrderByDescending(view => view.Placement.Request.Priority))
        {
            // What waits for its turn is not even looked at; that its target closed is seen when its turn comes.
            if (governor.IsFull && view.Move.Step == MoveStep.Reserved) continue;
            if (MoveSaga.Next(view, round.Pace.Terms, governor) is not { } next) continue;
            records.Add(state.Append(
                new MoveStepped(next.Placement, next.Step, next.Timeline, next.Because), round.Question.Now));
            if (++steps == MostSteps) return;
        }
    }

    private static SiteChangeKind ChangeOf(FindingKind kind) => kind switch
    {
        FindingKind.Joined => SiteChangeKind.Joined,
        FindingKind.Suspected => SiteChangeKind.Suspected,
        FindingKind.Cleared => SiteChangeKind.Cleared,
        FindingKind.Lost => SiteChangeKind.Lost,
        FindingKind.Returned => SiteChangeKind.Returned,
        FindingKind.Wavered => SiteChangeKind.Wavered,
        FindingKind.Recovered => SiteChangeKind.Recovered,
        _ => throw new System.Diagnostics.UnreachableException(),
    };
}
