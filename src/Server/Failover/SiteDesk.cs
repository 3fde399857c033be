using ControlPlane.Failover;
using ControlPlane.Inventory;
using ControlPlane.Ledger;
using ControlPlane.Server.Identity;
using ControlPlane.Server.Placements;
using ControlPlane.Workloads;

namespace ControlPlane.Server.Failover;

/// <summary>
/// Answers commands on sites and moves, on the working world; what it appends is part of the batch, and lands with it.
/// </summary>
internal sealed class SiteDesk(LedgerState state, SiteLook look, DateTimeOffset now)
{
    private readonly SiteRounds rounds = look.Rounds;
    private readonly Seq<SiteSight> sights = look.Sights;

    /// <summary>Who asks.</summary>
    public Actor? By { get; init; }

    /// <summary>Sessions that end with what was appended, if they were not renewed since.</summary>
    public List<SessionEnd> Ends { get; } = [];

    /// <summary>Sessions that end with it whatever came in.</summary>
    public List<SiteId> Dead { get; } = [];

    /// <summary>What was appended, in order.</summary>
    public List<LedgerRecord> Records { get; } = [];

    public Answer Answer(SiteCommand about) => about switch
    {
        TakeRound => Round(),
        AskOrders ask => Answer(ask),
        AskSites => States(),
        AskMass => new MassSeen(Mass()),
        AskMoves => new MovesSeen(
            state.World.Moving.Select(id => state.World.Find(id)!).ToSeq(), state.World.Fleet), // as they are moving
        OperateSite operate => Answer(operate),
        Evacuate evacuate => Answer(evacuate),
        LandPlan land => Answer(land),
        AskNodes => NodeDesk.States(state.World),
        OperateNode operate => Answer(operate),
        AskStay ask => Answer(ask),
        _ => throw new System.Diagnostics.UnreachableException(),
    };

    private RoundTaken Round()
    {
        var outcome = FailoverRound.Run(state, rounds.Ask(sights, now), rounds.Pace);
        Records.AddRange(outcome.Records);
        Ends.AddRange(outcome.Ends);
        rounds.Blind = outcome.Blind;
        return new RoundTaken(outcome.Records.Count, outcome.Blind) { Mass = outcome.Mass };
    }

    private Orders Answer(AskOrders ask) => new Orders(
        state.World.RevisionOf(ask.Site), state.Position, SiteWork.OrdersFor(state.World, ask.Site));

    private SitesSeen States()
    {
        var bySite = sights.ToDictionary(sight => sight.Site);
        return new SitesSeen(
            state.World.Sites.Conditions
                .Select(condition => StateOf(condition, bySite.GetValueOrDefault(condition.Site))).ToSeq(),
            rounds.Blind ?? Mass());
    }

    private SiteState StateOf(SiteCondition condition, SiteSight? sight)
    {
        var work = state.World.WorkAt(condition.Site);
        return new SiteState(
            condition, work.Count, work.Count(id => state.World.Find(id)!.Move is not null), sight); // it works there
    }

    private SiteOperated Operated(SiteCondition condition) =>
        new(StateOf(condition, sights.FirstOrDefault(sight => sight.Site == condition.Site)));

    /// <summary>That too many sites are silent at once, by what this server hears; it need not judge.</summary>
    private string? Mass() =>
        SiteWatch.WhyMass(new WatchQuestion(state.World, sights, now, TimeSpan.Zero), rounds.Terms);

    private Answer Answer(OperateSite operate)
    {
        if (state.World.Fleet.Sites.All(site => site.Id != operate.Site))
            return new NotFound($"there is no site {operate.Site}");
        var before = ConditionOf(operate.Site);
        var (after, kind) = operate.Verb switch
        {
            SiteVerb.Cordon => (
                before with { Cordoned = true, Statement = operate.Statement }, SiteChangeKind.Cordoned),
            SiteVerb.Drain => (
                before with { Draining = true, Statement = operate.Statement }, SiteChangeKind.Draining),
            SiteVerb.Uncordon => (
                before with { Cordoned = false, Draining = false, DeclaredDead = false, Statement = null },
                SiteChangeKind.Uncordoned),
            SiteVerb.DeclareDead => (Died(before, operate.Statement), SiteChangeKind.DeclaredDead),
            _ => throw new System.Diagnostics.UnreachableException(),
        };
        // Doing it again changes nothing, so that an operator may repeat it.
        if (after == before) return Operated(before);
        if (operate.Verb == SiteVerb.DeclareDead) Dead.Add(operate.Site);
        rounds.Pace.Forget();
        Append(new SiteChanged(kind, after, operate.Statement));
        return Operated(after);
    }

    private Answer Answer(Evacuate evacuate)
    {
        if (evacuate.Sites.Where(id => state.World.Fleet.Sites.All(site => site.Id != id)).ToSeq() is { Count: > 0 } no)
            return new NotFound($"there is no site {no[0]}");
        if (evacuate.Nodes.Where(node => !NodeDesk.IsThere(state.World, node)).ToSeq() is { Count: > 0 } none)
            return new NotFound($"there is no node {none[0]}");
        var (mark, records) = (state.Mark(), Records.Count);
        foreach (var node in evacuate.Nodes)
        {
            if (NodeDesk.Of(state.World, new OperateNode(node, NodeVerb.Drain, evacuate.Statement)) is { } closed)
                Append(closed);
        }

        foreach (var site in evacuate.Sites)
        {
            var before = ConditionOf(site);
            Append(new SiteChanged(
                SiteChangeKind.Draining, before with { Draining = true, Statement = evacuate.Statement },
                evacuate.Statement));
        }

        var plan = evacuate.Nodes.Count > 0
            ? NodeDesk.Plan(state, evacuate.Nodes, now)
            : FailoverPlanner.Plan(state.World, state.Law, new PlanQuestion
            {
                Id = Guid.CreateVersion7(now), Kind = MoveKind.Planned, Sites = evacuate.Sites, AsOf = now,
            });
        var digest = PlanDigest.Of(plan);
        var refused = Refused(evacuate, plan);
        if (evacuate.Approved == digest && refused is null)
        {
            if (evacuate.Nodes.Count == 0 || plan.Moves.Count > 0) Append(new PlanLanded(plan));
            return EvacuationPlanned.Of(state.World, (plan, digest), isApplied: true);
        }

        Records.RemoveRange(records, Records.Count - records);
        state.UndoTo(mark);
        return refused
            ?? (evacuate.Approved is null
                ? EvacuationPlanned.Of(state.World, (plan, digest), isApplied: false)
                : new PlanVoid(digest));
    }

    private Answer Answer(OperateNode operate)
    {
        if (!NodeDesk.IsThere(state.World, operate.Node)) return new NotFound($"there is no node {operate.Node}");
        if (NodeDesk.Of(state.World, operate) is { } changed)
        {
            rounds.Pace.Forget();
            Append(changed);
        }

        return new NodeOperated(NodeDesk.StateOf(state.World, operate.Node));
    }

    private Answer Answer(LandPlan land)
    {
        if (state.Grants.Refusal(By, AgentUse.Of(state.World, land.Plan), now) is { } beyond)
            return new AgentRefused(beyond);
        var (landed, isVoid) = DefragmentPlan.Land(state, new PlanLanded(land.Plan) { By = By }, now);
        if (landed is null) return new PlanOutdated(isVoid!); // one of the two is there
        Records.Add(landed);
        return EvacuationPlanned.Of(state.World, (land.Plan, land.Digest), isApplied: true);
    }

    /// <summary>Why whoever asks may not see or land a plan, whose work and how much of it is moved.</summary>
    private Answer? Refused(Evacuate evacuate, MovePlan plan)
    {
        if (evacuate.Tenants is { } own && plan.Moves.Select(move => move.Placement)
            .Concat(plan.Stays.Select(stay => stay.Placement))
            .Any(id => !own.Contains(state.World.Find(id)!.Request.Tenant.Value))) // planned, so it is there
            return new PlanForeign();
        if (evacuate.Approved is null) return null;
        var beyond = state.Grants.Refusal(By, AgentUse.Of(state.World, plan), now);
        return beyond is null ? null : new AgentRefused(beyond);
    }

    private Answer Answer(AskStay ask)
    {
        if (state.World.Find(ask.Id) is not { } placement) return new NotFound($"no placement {ask.Id}");
        if (placement.Move is { } move)
            return new StayExplained(placement, "moving", move.Parked ?? $"it is on its way: {move.Step}");
        var sites = placement.Units.Select(unit => state.World.Fleet.FindPool(unit.Node.Pool)!.Site.Id).Distinct()
            .Where(site => state.World.Sites.Find(site) is { } condition
                && (condition.Health == SiteHealth.Lost || condition.Draining)).ToSeq();
        if (sites.Count == 0 && placement.Units.Select(unit => unit.Node)
            .Where(node => state.World.ClosedNodes.Find(node) is { Duty: NodeDuty.Draining })
            .Distinct().ToSeq() is { Count: > 0 } nodes)
            return Explain(placement, NodeDesk.Plan(state, nodes, now));
        if (sites.Count == 0)
            return Denied(placement) ?? new StayExplained(placement, "nothing-forces-it", WhyNothing(placement));
        var isLost = sites.Any(site => state.World.Sites.Find(site) is { Health: SiteHealth.Lost });
        var plan = FailoverPlanner.Plan(state.World, state.Law, new PlanQuestion
        {
            Id = Guid.Empty, Kind = isLost ? MoveKind.Failover : MoveKind.Planned, Sites = sites, AsOf = now,
        });
        return Explain(placement, plan);
    }

    private static StayExplained Explain(Placement placement, MovePlan plan) =>
        plan.Stays.FirstOrDefault(stay => stay.Placement == placement.Id) is { } why
            ? new StayExplained(placement, why.Reason, why.Because)
            : new StayExplained(placement, "will-move", "there is a place; it is planned with the next round");

    /// <summary>Why something stays that the law denies where it is, or will before long; null otherwise.</summary>
    private StayExplained? Denied(Placement placement)
    {
        var plan = FailoverPlanner.PlanRemedy(state.World, state.Law, new PlanQuestion
        {
            Id = Guid.Empty, Kind = MoveKind.Remedy, Sites = [], AsOf = now,
            Ahead = rounds.Pace.AheadOf(state.Law, now),
        }, [placement.Id]);
        if (plan.Stays.FirstOrDefault(stay => stay.Placement == placement.Id) is { } why)
        {
            return new StayExplained(
                placement, why.Reason, $"the law denies it where it is, or will before long, but {why.Because}");
        }

        return plan.Moves.Any(move => move.Placement == placement.Id)
            ? new StayExplained(placement, "will-move",
                "the law denies it where it is, or will before long; its move is planned with the next round")
            : null;
    }

    private string WhyNothing(Placement placement)
    {
        var conditions = placement.Units
            .Select(unit => state.World.Sites.Find(state.World.Fleet.FindPool(unit.Node.Pool)!.Site.Id))
            .OfType<SiteCondition>().Distinct().ToList();
        var suspect = conditions.Find(condition => condition.Health == SiteHealth.Suspect);
        if (suspect is not null && rounds.Blind is { } blind) return $"{suspect.Site} is suspect, but {blind}";
        if (suspect is not null && sights.FirstOrDefault(sight => sight.Site == suspect.Site) is { } sight
            && SiteWatch.Witnesses(sight, rounds.Terms) is var (reach, doNot) && reach > doNot)
        {
            return $"{suspect.Site} is only suspect; {reach} of {reach + doNot} others still reach it, so it is waited "
                + $"{rounds.Terms.Contradicted} times as long";
        }

        return suspect is not null
            ? $"{suspect.Site} is only suspect; silence is no loss before its lease is surely over"
            : "its site is neither lost nor being emptied";
    }

    /// <summary>Nobody hears of a site without an agent: what the operator says is all there is.</summary>
    private SiteCondition Died(SiteCondition before, string statement) =>
        sights.Any(sight => sight.Site == before.Site && sight.Lease.Session is not null)
            ? before with { DeclaredDead = true, Statement = statement }
            : before with
            {
                DeclaredDead = true, Statement = statement, Health = SiteHealth.Lost, Since = now, WasGuarded = true,
                Losses = before.Losses + 1,
            };

    private SiteCondition ConditionOf(SiteId site) => state.World.Sites.Find(site)
        ?? new SiteCondition { Site = site, Health = SiteHealth.Healthy, Since = now };

    private void Append(LedgerEvent ledgerEvent) =>
        Records.Add(state.Append(By is null ? ledgerEvent : ledgerEvent with { By = By }, now));
}
