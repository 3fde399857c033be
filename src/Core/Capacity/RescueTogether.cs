using ControlPlane.Placements;
using ControlPlane.Policies;
using ControlPlane.Regions;
using ControlPlane.Workloads;

namespace ControlPlane.Capacity;

/// <summary>
/// Takes to new places, as wholes, placements that are bound to each other, by the very search that failover moves them
/// with, and those whose units have to be spread. What is bound stands where it was until its turn, so that the others
/// can be seen from there.
/// </summary>
internal sealed class RescueTogether : IGroupPlacing
{
    private readonly RescueRoom room;
    private readonly Dictionary<DecisionId, Displaced> displaced = [];
    private readonly Dictionary<DecisionId, Seq<DecisionId>> groups = [];
    private readonly Dictionary<DecisionId, GroupStay> stays = [];
    private readonly GroupSearch search;

    public RescueTogether(RescueRoom room, IReadOnlyCollection<Displaced> all)
    {
        this.room = room;
        search = new GroupSearch(After, this);
        foreach (var item in all.Where(IsSpread)) displaced.Add(item.Placement.Id, item);
        Stand(all);
        search.Begin();
    }

    /// <summary>Displaced placements that went along with others although their own place stands.</summary>
    public List<Displaced> Along { get; } = [];

    private World After => room.After;

    bool IGroupPlacing.GoesTogether => true;

    /// <summary>Whether a placement goes as a whole.</summary>
    public bool Has(Displaced item) => displaced.ContainsKey(item.Placement.Id);

    /// <summary>What is displaced of a placement; null when nothing is, or it goes by itself.</summary>
    public Displaced? Find(DecisionId id) => displaced.GetValueOrDefault(id);

    /// <summary>What a displaced placement is bound to, with itself; nothing when it stands alone.</summary>
    public Seq<DecisionId> GroupOf(DecisionId id) => groups.GetValueOrDefault(id, []);

    /// <summary>Why something stays for what it is bound to; null when that is not the reason.</summary>
    public GroupStay? WhyStays(DecisionId id) => stays.GetValueOrDefault(id);

    /// <summary>
    /// What goes as a whole, each with the priority of the most urgent of it, the higher first; running it gives the
    /// places that were found.
    /// </summary>
    public IEnumerable<(int Priority, Func<IEnumerable<RescueShare>> Run)> Turns()
    {
        var turns = new List<(int Priority, DecisionId First, Func<IEnumerable<RescueShare>> Run)>();
        foreach (var (id, item) in displaced)
        {
            if (!groups.TryGetValue(id, out var group)) turns.Add((item.Request.Priority, id, () => TakeSpread(item)));
            else if (group.First(displaced.ContainsKey) == id)
                turns.Add((group.Where(displaced.ContainsKey).Max(other => displaced[other].Request.Priority), id,
                    () => TakeGroup(group)));
        }

        return turns.OrderByDescending(turn => turn.Priority).ThenBy(turn => turn.First)
            .Select(turn => (turn.Priority, turn.Run));
    }

    GroupStay? IGroupPlacing.WhyStays(Placement member, int together) =>
        Mobility.WhyNotSoMany(room.Law, (member.Request, room.AsOf), together) is { } why
            ? new GroupStay(member.Id, ReasonCode.Mobility, why)
            : null;

    PlacementDecision? IGroupPlacing.Place(Placement member, Seq<UnitBinding> units, Func<FleetPool, bool> within)
    {
        After.Count(member, units, -1);
        var decision = Decide(member.Request with { Units = units.Count, Spread = SpreadOf(member, units) }, within);
        After.Count(member, units, 1);
        if (decision is Placed placed)
        {
            After.Replace(member with
            {
                Move = new Move
                {
                    Plan = default, Kind = MoveKind.Failover, Step = MoveStep.Reserved, From = units, To = placed.Units,
                    SteppedAt = After.Position, Since = room.AsOf,
                },
            });
        }

        return decision;
    }

    private PlacementDecision Decide(PlacementRequest request, Func<FleetPool, bool> within) => Placer.DecideBeside(
        After, room.Law, (request, room.AsOf, IsFailover: true),
        pool => room.Stands(pool) && within(pool) && room.MayGo(pool, request));

    private static SpreadNeed? SpreadOf(Placement member, Seq<UnitBinding> units) =>
        units.Count == member.Units.Count ? member.Request.Spread : null;

    /// <summary>Units that are spread stay so only when all of them find a place at once.</summary>
    private static bool IsSpread(Displaced item) =>
        item.Request.Spread is not null && !item.IsOne && item.Staying.Count == 0;

    /// <summary>Puts what is bound to others back to where it was, and notes who is bound to whom.</summary>
    private void Stand(IReadOnlyCollection<Displaced> all)
    {
        var needed = After.Dependents.Select(id => After.Find(id)!).Concat(all.Select(item => item.Placement))
            .SelectMany(placement => placement.Request.DependsOn
                .Select(dependency => (placement.Request.Tenant, dependency.Workload)))
            .ToHashSet();
        if (needed.Count == 0) return;
        var bound = all.Where(item => item.Request.DependsOn.Count > 0
            || needed.Contains((item.Request.Tenant, item.Request.Workload))).ToList();
        foreach (var item in bound)
        {
            if (item.Staying.Count > 0) After.Remove(item.Placement.Id);
            After.Add(item.Placement with { Move = null });
        }

        foreach (var item in bound)
        {
            var group = Dependencies.GroupOf(After, After.Find(item.Placement.Id)!); // it was put there
            if (group.Count == 1) continue;
            foreach (var member in group) groups[member] = group;
            displaced[item.Placement.Id] = item;
        }

        foreach (var item in bound.Where(item => !groups.ContainsKey(item.Placement.Id))) Leave(item);
    }

    /// <summary>Takes away the units that have no place, and leaves those that keep theirs.</summary>
    private void Leave(Displaced item)
    {
        After.Remove(item.Placement.Id);
        if (item.Staying.Count > 0) After.Add(item.Placement with { Units = item.Staying, Move = null });
    }

    private List<RescueShare> TakeSpread(Displaced item)
    {
        if (Decide(item.Request, _ => true) is not Placed placed) return [];
        After.Add(item.Placement with { Units = placed.Units, Isolation = placed.Isolation, Move = null });
        return SharesOf(item, placed.Units);
    }

    private List<RescueShare> TakeGroup(Seq<DecisionId> group)
    {
        var (moves, stay) = search.Run(
            group, member => displaced.TryGetValue(member.Id, out var item) ? item.Moving : []);
        var shares = new List<RescueShare>();
        foreach (var move in moves)
        {
            var member = After.Find(move.Placement)!; // it is on its way
            var left = move.From.ToHashSet();
            var units = member.Units.Where(unit => !left.Remove(unit)).Concat(move.To)
                .OrderBy(unit => unit.Node).ThenBy(unit => unit.Devices).ToSeq();
            After.Replace(member with { Units = units, Move = null });
            shares.AddRange(SharesOf(ItemOf(member, move.From), move.To));
        }

        foreach (var item in stay)
        {
            stays.Add(item.Placement, item);
            Leave(displaced[item.Placement]);
        }

        return shares;
    }

    /// <summary>What moves: what was displaced, or all of what goes along.</summary>
    private Displaced ItemOf(Placement member, Seq<UnitBinding> from)
    {
        if (displaced.TryGetValue(member.Id, out var item) && item.Moving.Count == from.Count) return item;
        var along = new Displaced
        {
            Placement = member with { Move = null }, Request = member.Request, Moving = from, Staying = [],
            IsUnlawful = item?.IsUnlawful ?? false, GoesAlong = item is null,
        };
        Along.Add(along);
        return along;
    }

    private List<RescueShare> SharesOf(Displaced item, Seq<UnitBinding> to) =>
    [
        .. to.CountBy(unit => unit.Node.Pool)
            .Select(pool => new RescueShare(item, After.Fleet.FindPool(pool.Key)!, pool.Value)),
    ];
}
