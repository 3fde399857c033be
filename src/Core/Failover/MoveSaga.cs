using ControlPlane.Inventory;
using ControlPlane.Policies;
using ControlPlane.Workloads;

namespace ControlPlane.Failover;

/// <summary>What a move is judged on.</summary>
public sealed record MoveView(World World, Law Law, Placement Placement, DateTimeOffset Now)
{
    /// <summary>What is known of sites, by site.</summary>
    public required IReadOnlyDictionary<SiteId, SiteSight> Sights { get; init; }

    /// <summary>Timeline of the database: the first half of the next epoch.</summary>
    public required long Timeline { get; init; }

    public Move Move => Placement.Move!; // only placements on a move are viewed

    public IEnumerable<SiteId> Sources => SitesOf(Move.From);

    public IEnumerable<SiteId> Targets => SitesOf(Move.To);

    public SiteCondition? ConditionOf(SiteId site) => World.Sites.Find(site);

    private IEnumerable<SiteId> SitesOf(Seq<UnitBinding> units) =>
        units.Select(unit => World.Fleet.FindPool(unit.Node.Pool)!.Site.Id).Distinct().Order();
}

/// <summary>One row of the table of a saga: from a step, when something holds, to the next.</summary>
/// <param name="From">Step that the row starts from.</param>
/// <param name="Name">What the row stands for, for people.</param>
/// <param name="When">Why it is taken now; null when it is not.</param>
/// <param name="To">Step that it leads to; the same one to park.</param>
public sealed record MoveRow(MoveStep From, string Name, Func<MoveView, LossTerms, string?> When, MoveStep To)
{
    /// <summary>Whether the governor has a say.</summary>
    public bool IsGoverned { get; init; }

    /// <summary>Whether the reason is kept with the step.</summary>
    public bool Explains { get; init; }

    /// <summary>Why the move is undone instead, asked at the last moment before the row is taken.</summary>
    public Func<MoveView, LossTerms, string?>? Unless { get; init; }
}

/// <summary>A step of a move that is due.</summary>
public sealed record MoveProgress(DecisionId Placement, MoveStep Step, long Timeline, string? Because, string Row);

/// <summary>
/// Moves one placement: keep room at the target, let the source stop, start at the target under the next epoch, see it
/// run. Up to the start it can be undone; from then on it only goes forward. Every row looks at the newest state and
/// takes effect only on it, so that repeating one changes nothing. A move may wait for its turn while the law changes:
/// nothing starts where the law of that moment forbids it. Kinds of moves that have more to look at have a table of
/// their own, made of the same steps.
/// </summary>
public static class MoveSaga
{
    /// <summary>The table; the first row that holds is taken.</summary>
    public static Seq<MoveRow> Rows { get; } =
        Leaving(new(MoveStep.Reserved, "undo: source is back", SourceIsBack, MoveStep.Undone), Forbidden);

    /// <summary>The rows of a move that something may call off as long as nothing has stopped.</summary>
    /// <param name="calledOff">The row that calls it off.</param>
    /// <param name="against">Why the source is not asked to stop after all.</param>
    internal static Seq<MoveRow> Leaving(MoveRow calledOff, Func<MoveView, LossTerms, string?> against) =>
    [
        new(MoveStep.Reserved, "undo: target closed", TargetClosed, MoveStep.Undone) { Explains = true },
        calledOff with { Explains = true },
        new(MoveStep.Reserved, "undo: what it is bound to stays", WouldTear, MoveStep.Undone) { Explains = true },
        new(MoveStep.Reserved, "start: source is fenced", SourceFenced, MoveStep.Starting)
        {
            IsGoverned = true, Unless = Forbidden,
        },
        new(MoveStep.Reserved, "stop source", MayStopSource, MoveStep.Stopping)
        {
            IsGoverned = true, Unless = against,
        },
        .. UnderWay,
    ];

    /// <summary>The rows from the stop of the source on, as most kinds of moves have them.</summary>
    internal static Seq<MoveRow> UnderWay =>
    [
        new(MoveStep.Stopping, "undo: what it is bound to stays", WouldTear, MoveStep.Undone) { Explains = true },
        new(MoveStep.Stopping, "start: source has stopped", SourceStopped, MoveStep.Starting) { Unless = Forbidden },
        new(MoveStep.Stopping, "undo: target closed", TargetClosed, MoveStep.Undone) { Explains = true },
        new(MoveStep.Stopping, "undo: source does not stop", SourceTooSlow, MoveStep.Undone) { Explains = true },
        new(MoveStep.Starting, "done: runs at target", RunsAtTarget, MoveStep.Done),
        new(MoveStep.Starting, "done: target is lost in turn", TargetLost, MoveStep.Done) { Explains = true },
        new(MoveStep.Starting, "park: does not run at target", DoesNotRun, MoveStep.Starting) { Explains = true },
    ];

    /// <summary>The same for moves that wait for no stop where the law forbids the target by now.</summary>
    internal static Seq<MoveRow> UnderWayInLaw =>
    [
        new(MoveStep.Stopping, "undo: law forbids the target", Forbidden, MoveStep.Undone) { Explains = true },
        .. UnderWay,
    ];

    /// <summary>The step that is due; null when the move waits.</summary>
    public static MoveProgress? Next(MoveView view, LossTerms terms, MoveGovernor governor)
    {
        foreach (var row in RowsOf(view.Move.Kind))
        {
            if (row.From != view.Move.Step || row.When(view, terms) is not { } because) continue;
            if (row.IsGoverned && !MayStart(view, governor)) return null;
            // What is undone takes no start from those that wait behind it.
            if (row.Unless?.Invoke(view, terms) is { } against)
                return new MoveProgress(view.Placement.Id, MoveStep.Undone, 0, against, $"undo: not {row.Name}");
            if (row.IsGoverned) Start(view, governor);
            return new MoveProgress(
                view.Placement.Id, row.To, row.To == MoveStep.Starting && row.From != row.To ? view.Timeline : 0,
                row.Explains ? because : null, row.Name);
        }

        return null;
    }

    /// <summary>The table that moves of a kind go by.</summary>
    public static Seq<MoveRow> RowsOf(MoveKind kind) => kind switch
    {
        MoveKind.Planned => EvacuateSaga.Rows,
        MoveKind.Failback => FailbackSaga.Rows,
        MoveKind.Defragmentation => DefragmentSaga.Rows,
        MoveKind.Decommission => DecommissionSaga.Rows,
        _ => Rows,
    };

    /// <summary>
    /// What the law of the target has against it now, or against something that it is bound to and that waits with it;
    /// a window in which moves start may close while one is under way.
    /// </summary>
    internal static string? Forbidden(MoveView view, LossTerms terms) =>
        Against(view) ?? MoveGroup.PeersOf(view)
            .Where(peer => peer.Move!.Step != MoveStep.Starting) // peers are on their way
            .Select(peer => Against(view with { Placement = peer }))
            .FirstOrDefault(why => why is not null);

    /// <summary>
    /// What the law of the target, or what policies say about moving, has against it now; or, when it goes to another
    /// site, against something that it is bound to and that waits with it, for it would be apart there.
    /// </summary>
    internal static string? MayNotGo(MoveView view, LossTerms terms)
    {
        if (WhyNotGo(view) is { } own) return own;
        if (!view.Targets.Except(view.Sources).Any()) return null;
        return MoveGroup.PeersOf(view)
            .Where(peer => peer.Move!.Step != MoveStep.Starting) // peers are on their way
            .Select(peer => view with { Placement = peer })
            // A window in which moves start may close once one is under way.
            .Select(peer => peer.Move.Step == MoveStep.Reserved ? WhyNotGo(peer) : Against(peer))
            .FirstOrDefault(why => why is not null);
    }

    private static string? WhyNotGo(MoveView view) => Denied(view, pool => Mobility.MayMove(
        view.Law, new MoveQuestion(view.Placement, pool, view.Move.Kind, [], view.Now)
        {
            StableSince = FailoverPlanner.HomeWellSince(view.World, view.Placement),
        }));

    private static string? Against(MoveView view) => Denied(view, pool => view.Law.JudgeDestination(
        view.World.Fleet.FindPool(pool)!, view.Placement.Request, view.Now)); // room is kept in it

    private static string? Denied(MoveView view, Func<NodePoolId, Seq<Verdict>> judge) =>
        view.Move.To.Select(unit => unit.Node.Pool).Distinct()
            .SelectMany(pool => judge(pool))
            .FirstOrDefault(verdict => verdict.Result == VerdictResult.Denied)?.Because;

    /// <summary>Whether the cap of policies, and then that of the fleet, let it start now.</summary>
    private static bool MayStart(MoveView view, MoveGovernor governor)
    {
        if (HasBegun(view)) return true;
        var peers = MoveGroup.PeersOf(view);
        var inFlight = new Lazy<Seq<Placement>>(() => view.World.Moving.Select(id => view.World.Find(id)!)
            .Where(placement => placement.Id != view.Placement.Id && placement.Move is { Step: not MoveStep.Reserved })
            .ToSeq());
        var subject = LawSubject.Of(view.Placement.Request);
        foreach (var policy in view.Law.Applicable(subject, view.Now))
        {
            foreach (var rule in policy.Rules.OfType<MobilityRule>())
            {
                if (rule.MovesInFlight is { } most
                    && inFlight.Value.Concat(peers)
                        .Count(item => policy.Match.Matches(LawSubject.Of(item.Request))) >= most)
                    return false;
            }
        }

        return governor.MayStart([.. view.Targets], view.Now);
    }

    private static void Start(MoveView view, MoveGovernor governor)
    {
        if (HasBegun(view)) governor.Count(view.Targets);
        else governor.Start([.. view.Targets], view.Now);
    }

    /// <summary>Whether something that it is bound to is let go already: what is bound goes as one.</summary>
    private static bool HasBegun(MoveView view) =>
        MoveGroup.PeersOf(view).Any(peer => peer.Move!.Step != MoveStep.Reserved); // peers are on their way

    internal static string? TargetClosed(MoveView view, LossTerms terms)
    {
        foreach (var site in view.Targets)
        {
            // A target that is only suspected may be heard again in a moment.
            if (view.ConditionOf(site) is { IsOpen: false, Health: not SiteHealth.Suspect } condition)
                return $"{site} is {(condition.Health == SiteHealth.Healthy ? "closed" : condition.Health)}";
        }

        foreach (var unit in view.Move.To)
        {
            if (view.World.ClosedNodes.Find(unit.Node) is { } node)
                return $"{node.Node} is {node.Duty.ToString().ToLowerInvariant()}";
        }

        return null;
    }

    private static string? SourceIsBack(MoveView view, LossTerms terms)
    {
        return MayStay(view) && !MoveGroup.StayingWouldTear(view, MayStay)
            ? "its site is back, and it runs there"
            : null;
    }

    private static bool MayStay(MoveView view) =>
        view.Move is { Kind: MoveKind.Failover, Step: MoveStep.Reserved }
        && !view.Sources.Any(site => IsGone(view, site));

    internal static string? WouldTear(MoveView view, LossTerms terms) =>
        MoveGroup.WouldTear(view) ? "what it is bound to does not go there" : null;

    internal static string? SourceFenced(MoveView view, LossTerms terms)
    {
        return CanStart(view) && view.Move.Step == MoveStep.Reserved && PeersCanStart(view)
            ? "nothing of it can run any more"
            : null;
    }

    /// <summary>Sources that are lost are waited for; the others are asked to stop.</summary>
    internal static string? MayStopSource(MoveView view, LossTerms terms)
    {
        if (!TargetsOpen(view)) return null;
        if (view.Sources.Any(site => view.ConditionOf(site) is { Health: not SiteHealth.Healthy })) return null;
        return "both ends are well";
    }

    internal static string? SourceStopped(MoveView view, LossTerms terms) =>
        CanStart(view) && PeersCanStart(view) ? "its source confirmed" : null;

    /// <summary>Whether its target is open, and nothing of it can run at its source.</summary>
    private static bool CanStart(MoveView view) =>
        TargetsOpen(view) && view.Sources.All(site => IsFenced(view, site)
            || (view.Move.Step == MoveStep.Stopping && view.Sights.TryGetValue(site, out var sight)
                && SiteWork.HasStopped(sight, view.Placement.Id, view.Move.SteppedAt)));

    /// <summary>Those that it is bound to start with it, or have.</summary>
    private static bool PeersCanStart(MoveView view) => MoveGroup.PeersOf(view).All(peer =>
        peer.Move!.Step == MoveStep.Starting || CanStart(view with { Placement = peer })); // peers are on their way

    internal static string? SourceTooSlow(MoveView view, LossTerms terms) =>
        view.Now - view.Move.Since >= terms.StopPatience && !view.Sources.Any(site => IsGone(view, site))
            ? $"its source did not stop within {terms.StopPatience.TotalSeconds:0} s"
            : null;

    internal static string? RunsAtTarget(MoveView view, LossTerms terms) =>
        view.Targets.All(site => view.Sights.TryGetValue(site, out var sight)
            ? SiteWork.Find(sight, view.Placement.Id, view.Placement.EpochAt(site)) is
                { Status: WorkStatus.Running or WorkStatus.Finished }
            // A site without an agent reports nothing; there is nobody to wait for.
            : true)
            ? "its target reports it"
            : null;

    internal static string? TargetLost(MoveView view, LossTerms terms) =>
        view.Targets.Any(site => IsGone(view, site)) ? "its target was lost while it started" : null;

    internal static string? DoesNotRun(MoveView view, LossTerms terms) =>
        view.Move.Parked is null && view.Now - view.Move.Since >= terms.StartPatience
            ? $"its target does not run it after {terms.StartPatience.TotalSeconds:0} s"
            : null;

    private static bool TargetsOpen(MoveView view) =>
        view.Targets.All(site => view.ConditionOf(site) is null or { IsOpen: true });

    private static bool IsGone(MoveView view, SiteId site) =>
        view.ConditionOf(site) is { Health: SiteHealth.Lost };

    /// <summary>
    /// Whether nothing of a placement can run at a site any more, whatever it reports or does not. A report of what is
    /// still wanted there says nothing on what is started after it.
    /// </summary>
    private static bool IsFenced(MoveView view, SiteId site)
    {
        // Also where a site is stated to be dead its lease is waited for: the statement may be wrong.
        if (view.ConditionOf(site) is not { Health: SiteHealth.Lost } condition) return false;
        return condition.DeclaredDead
            || (condition.WasGuarded && view.Placement.Request.RunClass == RunClass.Exclusive);
    }
}
