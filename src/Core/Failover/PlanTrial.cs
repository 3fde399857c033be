using ControlPlane.Inventory;
using ControlPlane.Placements;
using ControlPlane.Policies;
using ControlPlane.Regions;
using ControlPlane.Workloads;

namespace ControlPlane.Failover;

/// <summary>
/// Tries a plan out on the room of the world itself, placement by placement, and takes everything back at the end: what
/// is placed stays as it is all the while, only room, power and quota are counted. Requests that are alike and found no
/// place once find none later in the same plan, and are not tried again. Only those that are bound to each other are
/// moved in the world meanwhile, because where one is decides where another may be.
/// </summary>
internal sealed class PlanTrial(World world, Law law, PlanQuestion question) : IGroupPlacing
{
    private readonly Dictionary<RequestLikeness, StayPut> hopeless = [];
    // What is demanded of how work runs is asked of a move again when it starts, so it has to be asked here.
    private readonly bool mobilityMatters =
        law.Policies.Policies.Any(policy => policy.Rules.Any(rule => rule is MobilityRule or DemandRule));

    private readonly Remedy? remedy =
        question.Kind == MoveKind.Remedy ? new Remedy(world, law, question) : null;

    private readonly List<PlannedMove> moves = [];
    private readonly List<StayPut> stays = [];
    private readonly Dictionary<DecisionId, Placement> ended = [];
    private readonly List<(Placement Placement, Seq<UnitBinding> To)> reserved = [];
    private readonly HashSet<DecisionId> grouped = [];

    public MovePlan Run(IEnumerable<Placement> candidates, Func<Placement, Seq<UnitBinding>> leaving)
    {
        Seq<string> faults;
        // They are made of whole placements, so before anything is tried.
        if (law.MayPreempt) _ = world.Bands;
        var mark = world.Mark();
        var groups = new GroupSearch(world, this);
        groups.Begin();
        try
        {
            foreach (var placement in candidates.ToList())
            {
                if (question.Kind == MoveKind.Decommission && TryBeside(placement, leaving(placement))) continue;
                if (grouped.Contains(placement.Id) || TryGroup(groups, placement, leaving)) continue;
                var units = leaving(placement);
                // Something of higher priority may have ended it within this very plan.
                if (units.Count == 0 || ended.ContainsKey(placement.Id)) continue;
                if (WhyStays(placement) is { } stay) stays.Add(stay);
                else Try(placement, units);
            }

            faults = PlanCheck.Faults(world, law, (question, moves.ToSeq()))
                .Concat(groups.TornSince().Select(id => $"{id} would be away from what it needs"))
                .ToSeq();
        }
        finally
        {
            world.UndoTo(mark, world.Position);
            foreach (var (placement, to) in reserved) world.Count(placement, to, -1);
            foreach (var placement in ended.Values) world.Count(placement, placement.Units, 1);
        }

        if (faults.Count > 0) throw new InvalidOperationException($"a plan is not sound: {faults[0]}");
        return new MovePlan
        {
            Id = question.Id,
            Kind = question.Kind,
            Sites = question.Sites,
            Parent = world.Position,
            PolicyDigest = law.Policies.Digest,
            Moves = moves.ToSeq(),
            Stays = stays.ToSeq(),
        };
    }

    /// <summary>
    /// Moves what is on nodes that are left to others at the same site, which parts it from nothing; false when it has
    /// to go farther, or may not go at all.
    /// </summary>
    private bool TryBeside(Placement placement, Seq<UnitBinding> leaving)
    {
        if (placement.State != PlacementState.Bound || placement.Move is not null) return false;
        var units = placement.Request.Kind == WorkloadKind.Gang
            ? leaving
            : leaving.Where(unit => question.Nodes.Contains(unit.Node)).ToSeq();
        var sites = units.Select(unit => world.Fleet.FindPool(unit.Node.Pool)!.Site.Id).ToHashSet();
        if (Decide(placement, units, pool => sites.Contains(pool.Site.Id)) is not Placed { Preempted.Count: 0 } placed)
            return false;
        Keep(placement, units, placed);
        return true;
    }

    private void Keep(Placement placement, Seq<UnitBinding> units, Placed placed)
    {
        moves.Add(new PlannedMove(placement.Id, units, placed.Units, placed.Score)
        {
            Preempted = placed.Preempted,
        });
        foreach (var id in placed.Preempted) End(world.Find(id)!); // what ends runs
        world.Count(placement, placed.Units, 1);
        reserved.Add((placement, placed.Units));
    }

    /// <summary>Plans for a placement with all that it is bound to; false when it stands alone.</summary>
    private bool TryGroup(GroupSearch groups, Placement placement, Func<Placement, Seq<UnitBinding>> leaving)
    {
        if (world.Dependents.Count == 0) return false;
        var group = Dependencies.GroupOf(world, placement);
        if (group.Count == 1) return false;
        grouped.UnionWith(group);
        if (group.Any(ended.ContainsKey))
        {
            stays.AddRange(group.Where(id => !ended.ContainsKey(id) && leaving(world.Find(id)!).Count > 0)
                .Select(id => new StayPut(
                    id, StayReason.Dependency, "something that it is bound to ends for more urgent work")));
            return true;
        }

        var (going, staying) = groups.Run(group, leaving);
        moves.AddRange(going.Select(move => new PlannedMove(move.Placement, move.From, move.To, move.Score)));
        stays.AddRange(staying.Select(stay => new StayPut(stay.Placement, stay.Reason, stay.Because)));
        return true;
    }

    bool IGroupPlacing.GoesTogether => question.GoesTogether;

    GroupStay? IGroupPlacing.WhyStays(Placement member, int together) =>
        WhyStays(member) is { } stay ? new GroupStay(stay.Placement, stay.Reason, stay.Because)
            : Mobility.WhyNotSoMany(law, (member.Request, question.AsOf), together) is { } why
                ? new GroupStay(member.Id, StayReason.Mobility, why)
            : null;

    /// <summary>What keeps a placement where it is, before any place is looked for.</summary>
    private StayPut? WhyStays(Placement placement)
    {
        if (placement.State != PlacementState.Bound)
            return new(placement.Id, StayReason.OnlyHeld, "it is only held, and nothing runs yet");
        if (remedy is not null) return remedy.WhyStays(placement);
        if (question.Kind != MoveKind.Failover) return null;
        NodePoolId? last = null;
        foreach (var unit in placement.Units.Span)
        {
            if (unit.Node.Pool == last) continue;
            last = unit.Node.Pool;
            var site = world.Fleet.FindPool(unit.Node.Pool)!.Site.Id;
            if (!question.Sites.Contains(site)) continue;
            if (world.Sites.Find(site) is not { Health: SiteHealth.Lost } condition || condition.DeclaredDead) continue;
            // What the site reported is no stop: until it was lost the work was wanted there, so that what did not run
            // may have been started after the report.
            if (placement.Request.RunClass == RunClass.Sticky)
                return new(placement.Id, StayReason.Sticky,
                    $"it is sticky and may still run at {site}; nobody confirmed that it stopped");
            if (!condition.WasGuarded)
                return new(placement.Id, StayReason.NotGuarded,
                    $"{site} does not stop work by itself at the end of its lease, and may still run it");
        }

        return null;
    }

    private void Try(Placement placement, Seq<UnitBinding> units)
    {
        // Only once something found no place does it pay to know what is alike.
        if (hopeless.Count > 0
            && hopeless.TryGetValue(RequestLikeness.Of(placement, units.Count), out var known))
        {
            stays.Add(known with { Placement = placement.Id });
            return;
        }

        var decision = Decide(placement, units, within: null);
        // Only a loss is worth ending other work for, and not what this plan has led to another place.
        if (decision is Placed { Preempted: { Count: > 0 } ends }
            && (question.Kind != MoveKind.Failover || moves.Exists(move => ends.Contains(move.Placement))))
            decision = new Refused(RefusalReason.NoCapacity);
        if (decision is Placed placed)
        {
            Keep(placement, units, placed);
            return;
        }

        var reason = RefusalSentence.ReasonOf(decision);
        var stay = new StayPut(placement.Id, reason, RefusalSentence.Of(reason));
        stays.Add(stay);
        hopeless[RequestLikeness.Of(placement, units.Count)] = stay;
    }

    /// <summary>Looks for a place for some units of a placement, and moves it there in the world if there is one.
    /// </summary>
    /// <param name="placement">What moves.</param>
    /// <param name="units">Units of it that leave.</param>
    /// <param name="within">Pools that are looked at.</param>
    public PlacementDecision? Place(Placement placement, Seq<UnitBinding> units, Func<FleetPool, bool> within)
    {
        var decision = Decide(placement, units, within);
        if (decision is Placed placed) world.Replace(placement with { Move = MoveOf(units, placed.Units) });
        return decision;
    }

    /// <summary>Decides on units that leave; their room and their share of the quota count once.</summary>
    private PlacementDecision? Decide(Placement placement, Seq<UnitBinding> units, Func<FleetPool, bool>? within)
    {
        // That it is not sent where it is, sites and nodes that are left being closed sees to.
        var counted = question.Kind == MoveKind.Decommission
            ? units.Where(unit => world.ClosedNodes.Find(unit.Node) is not null).ToSeq()
            : units;
        world.Count(placement, counted, -1);
        try
        {
            return Decide(placement, RequestOf(placement, units.Count), within);
        }
        finally
        {
            world.Count(placement, counted, 1);
        }
    }

    private void End(Placement victim)
    {
        world.Count(victim, victim.Units, -1);
        ended.Add(victim.Id, victim);
    }

    /// <summary>What is asked for the units that leave; those that stay are spread as they are.</summary>
    private static PlacementRequest RequestOf(Placement placement, int leaving) =>
        leaving == placement.Units.Count && leaving == placement.Request.Units
            ? placement.Request
            : placement.Request with
            {
                Units = leaving, Spread = leaving == placement.Units.Count ? placement.Request.Spread : null,
            };

    /// <summary>
    /// A place that law, room and what policies say about moving allow; null when moving is what fails.
    /// </summary>
    private PlacementDecision? Decide(
        Placement placement, PlacementRequest request, Func<FleetPool, bool>? within)
    {
        return question.Kind == MoveKind.Failback ? GoHome(placement, request, within)
            : remedy is null ? DecideOpen(placement, request, within)
            : DecideRemedy(remedy, (placement, request), within);
    }

    /// <summary>Where it may stay; what may not stay another day is better off where it may for some.</summary>
    private PlacementDecision? DecideRemedy(
        Remedy remedy, (Placement Placement, PlacementRequest Request) leaver, Func<FleetPool, bool>? within)
    {
        var lasting = DecideAmong(remedy.Lasting(leaver.Placement));
        return lasting is Placed || !remedy.IsDeniedToday(leaver.Placement)
            ? lasting
            : DecideAmong(remedy.Today(leaver.Placement));

        PlacementDecision? DecideAmong(PoolSet lawful) => lawful.Count == 0
            ? new Refused(RefusalReason.NoLawfulRegion)
            : DecideOpen(leaver.Placement, leaver.Request, pool =>
                lawful.Contains(pool.Index) && remedy.HasAgent(pool) && within?.Invoke(pool) != false);
    }

    private PlacementDecision? DecideOpen(
        Placement placement, PlacementRequest request, Func<FleetPool, bool>? within)
    {
        var decision = DecideIn(request, within, mayEnd: within is null);
        if (!mobilityMatters || decision is not Placed placed || MayGo(placement, placed)) return decision;
        // The best place is none that the move may lead to; another may be.
        var open = new Dictionary<NodePoolId, bool>();
        return DecideIn(request, mayEnd: within is null, within: pool =>
        {
            if (within?.Invoke(pool) == false) return false;
            if (!open.TryGetValue(pool.Id, out var may)) open.Add(pool.Id, may = MayGo(placement, pool.Id));
            return may;
        }) as Placed;
    }

    private PlacementDecision DecideIn(PlacementRequest request, Func<FleetPool, bool>? within, bool mayEnd)
    {
        var isFailover = question.Kind == MoveKind.Failover;
        if (isFailover && mayEnd) return Placer.DecideFailover(world, law, (request, question.AsOf), within);
        // For what is bound to others nothing ends: where it would have to be is not settled yet.
        return within is null
            ? Placer.Decide(world, law, request, question.AsOf)
            : Placer.DecideBeside(world, law, (request, question.AsOf, isFailover), within);
    }

    private PlacementDecision? GoHome(
        Placement placement, PlacementRequest request, Func<FleetPool, bool>? within)
    {
        var home = placement.Former!.Pools; // only what has one is asked about
        // Where it would have to leave again before long is no home.
        var lasting = question.Ahead is { Changes: true }
            ? new Remedy(world, law, question).Lasting(placement)
            : null;
        // Nothing ends for a return: what is away runs where it is.
        var decision = Placer.DecideBeside(
            world, law, (request, question.AsOf, IsFailover: false), pool => home.Contains(pool.Id)
            && lasting?.Contains(pool.Index) != false && within?.Invoke(pool) != false);
        return decision is Placed placed && !MayGo(placement, placed) ? null : decision;
    }

    private bool MayGo(Placement placement, Placed placed) =>
        placed.Units.Select(unit => unit.Node.Pool).Distinct().All(pool => MayGo(placement, pool));

    private bool MayGo(Placement placement, NodePoolId to) =>
        Mobility.MayMove(law, new MoveQuestion(placement, to, question.Kind, [], question.AsOf)
        {
            StableSince = FailoverPlanner.HomeWellSince(world, placement),
        }).All(verdict => verdict.Result != VerdictResult.Denied);

    private Move MoveOf(Seq<UnitBinding> from, Seq<UnitBinding> to) => new()
    {
        Plan = question.Id, Kind = question.Kind, Step = MoveStep.Reserved, From = from, To = to,
        SteppedAt = world.Position, Since = question.AsOf,
    };
}

/// <summary>Requests that are placed alike when the world is the same.</summary>
internal sealed record RequestLikeness(LawSubject Subject, PlacementRequest Request)
{
    public static RequestLikeness Of(Placement placement, int units) => new(
        LawSubject.Of(placement.Request),
        placement.Request with { Workload = "", Labels = [], Units = units, Deadline = null });
}
