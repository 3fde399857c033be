using ControlPlane.Inventory;
using ControlPlane.Regions;
using ControlPlane.Workloads;

namespace ControlPlane;

/// <summary>
/// The state that decisions are made on: the declared fleet, what is free on every node, and every placement.
/// It is the fold of the ledger up to <see cref="Position"/>. One thread owns it; a what-if works on a copy.
/// </summary>
public sealed partial class World
{
    private readonly PlacementColumns placements;
    private readonly Dictionary<UsageKey, Usage> usage;
    // Marks count changes from the first; those that were settled are no longer kept.
    private readonly List<Change> changes = [];
    private long settled;
    private readonly SortedSet<DecisionId> moving, away;
    private readonly DependencyIndex dependencies;
    private long[] siteMilliwatts;
    private PriorityBands? bands;

    public World()
    {
        Fleet = Fleet.Empty;
        Nodes = new NodeColumns(Fleet);
        Tenancy = new Tenancy(Fleet);
        Sites = new SiteBook();
        ClosedNodes = new NodeBook();
        siteMilliwatts = [];
        placements = new();
        (usage, moving, away, dependencies) = ([], [], [], new());
    }

    private World(World other)
    {
        Fleet = other.Fleet;
        Nodes = other.Nodes.Copy();
        Tenancy = other.Tenancy.Copy();
        Sites = other.Sites.Copy();
        ClosedNodes = other.ClosedNodes.Copy();
        Position = other.Position;
        siteMilliwatts = [.. other.siteMilliwatts];
        placements = other.placements.Copy();
        Reservations = other.Reservations;
        usage = new(other.usage);
        (moving, away, dependencies) = (new(other.moving), new(other.away), other.dependencies.Copy());
    }

    public Fleet Fleet { get; private set; }

    public NodeColumns Nodes { get; private set; }

    /// <summary>Who runs on which node and at which site.</summary>
    public Tenancy Tenancy { get; private set; }

    /// <summary>How sites are, and what runs at each.</summary>
    public SiteBook Sites { get; }

    /// <summary>Room that is kept for windows of time.</summary>
    public ReservationBook Reservations { get; internal set; } = ReservationBook.Empty;

    /// <summary>Counts the changes of what decisions depend on beside reservations; a refusal is none.</summary>
    internal long Revision { get; private set; }

    /// <summary>What the placer remembers of this world to be fast; a copy starts without.</summary>
    internal object? PlacerMemory { get; set; }

    /// <summary>What the choice of nodes remembers of this world to be fast; likewise.</summary>
    internal object? PackingMemory { get; set; }

    /// <summary>Position of the last ledger record that is folded in; 0 before the first.</summary>
    public long Position { get; internal set; }

    /// <summary>Each is made when it is asked for; looking at all of them takes time.</summary>
    public IReadOnlyCollection<Placement> Placements => placements;

    /// <summary>The same in the form in which they are kept.</summary>
    internal PlacementColumns Columns => placements;

    /// <summary>Placements whose hold has not ended.</summary>
    public IEnumerable<Placement> Held =>
        placements.Others.Where(placement => placement.State == PlacementState.Held);

    /// <summary>What the placements ask for; of those that differ in name only, one.</summary>
    public IEnumerable<PlacementRequest> Requests => placements.Requests.OfType<PlacementRequest>()
        .Concat(placements.Others.Select(placement => placement.Request));

    /// <summary>How many units of which requests run or are held in which pools, added up as far as they are
    /// alike.</summary>
    public IEnumerable<UnitGroup> Groups()
    {
        foreach (var (request, pool, units) in placements.Groups())
            yield return new(request, pool, units, IsHeld: false);
        foreach (var placement in placements.Others)
        {
            foreach (var ofPool in placement.Occupied.CountBy(unit => unit.Node.Pool))
            {
                yield return new(
                    placement.Request, ofPool.Key, ofPool.Value, placement.State == PlacementState.Held);
            }
        }
    }

    /// <summary>Placements that are on a move, ordered by id.</summary>
    public IReadOnlyCollection<DecisionId> Moving => moving;

    /// <summary>Placements that failed over from somewhere, ordered by id.</summary>
    public IReadOnlyCollection<DecisionId> Away => away;

    /// <summary>Placements that need another one near, ordered by id.</summary>
    public IReadOnlyCollection<DecisionId> Dependents => dependencies.Dependents;

    /// <summary>Placements of a tenant that need a workload near, ordered by id.</summary>
    public IReadOnlyCollection<DecisionId> DependentsOf(TenantId tenant, string workload) =>
        dependencies.DependentsOf(tenant, workload);

    /// <summary>Placements of a workload, ordered by id; the first question takes time.</summary>
    public IReadOnlyList<DecisionId> Named(TenantId tenant, string workload) =>
        dependencies.Named(tenant, workload, placements);

    /// <summary>Facility power drawn by placements at a site, in milliwatts.</summary>
    public long SiteMilliwatts(int site) => siteMilliwatts[site];

    public Placement? Find(DecisionId id) => placements.Find(id);

    /// <summary>Epoch of a placement; null when there is none.</summary>
    public long? EpochOf(DecisionId id) => placements.EpochOf(id);

    /// <summary>
    /// What a tenant uses of one model in one region; region -1 is all of them, model -1 work without accelerators.
    /// </summary>
    public Usage UsageOf(TenantId tenant, int region, int sku) => usage.GetValueOrDefault(new(tenant, region, sku));

    /// <summary>Placements with units at a site, or with room kept there, in no order.</summary>
    public IReadOnlyCollection<DecisionId> WorkAt(SiteId site) =>
        Sites.WorkAt(site, placements, (Fleet, Position));

    /// <summary>Position at which what should run at a site last changed, or a later one.</summary>
    public long RevisionOf(SiteId site)
    {
        WorkAt(site);
        return Sites.RevisionOf(site);
    }

    public World Copy() => new(this);

    /// <summary>Adds a placement. That there is room is for the decision to know; here it would be a bug.</summary>
    internal void Add(Placement placement)
    {
        placements.Add(placement);
        Account(placement, 1);
        changes.Add(new Change(Removed: null, Added: placement, Before: null));
    }

    internal void Remove(DecisionId id)
    {
        var placement = placements.Remove(id) ?? throw new InvalidOperationException($"there is no placement {id}");
        Account(placement, -1);
        changes.Add(new Change(Removed: placement, Added: null, Before: null));
    }

    /// <summary>Replaces a placement, such as a confirmed hold, or one that moves.</summary>
    internal void Replace(Placement placement) => Replace(placement.Id, _ => placement);

    /// <summary>The same, with what it becomes made of what it is.</summary>
    internal void Replace(DecisionId id, Func<Placement, Placement> next)
    {
        var before = placements.Remove(id) ?? throw new InvalidOperationException($"there is no placement {id}");
        var after = next(before);
        Exchange(before, after);
        changes.Add(new Change(Removed: before, Added: after, Before: null));
    }

    internal void Set(SiteCondition condition)
    {
        changes.Add(new Change(null, null, null) { Condition = (condition.Site, Sites.Find(condition.Site)) });
        Sites.Set(condition.Site, condition);
        // What a site should run depends on whether it is lost.
        Sites.Touch(condition.Site, Position + 1);
        PlacerMemory = null;
    }

    /// <summary>
    /// Changes the declared fleet, unless a placement uses something that would be gone; then nothing changes and
    /// every such place is named.
    /// </summary>
    internal Seq<Problem> Declare(Fleet next, DateTimeOffset asOf)
    {
        var nodes = new NodeColumns(next);
        var milliwatts = new long[next.Sites.Count];
        var problems = FleetChange.Fit(new(Fleet, next, asOf), nodes, milliwatts, placements);
        if (problems.Count > 0) return problems;
        changes.Add(new Change(null, null, new FleetState(Fleet, Nodes, Tenancy, siteMilliwatts, new(usage))));
        Fleet = next;
        Nodes = nodes;
        siteMilliwatts = milliwatts;
        bands = null;
        usage.Clear();
        Sites.ForgetWork();
        Tenancy = new Tenancy(next);
        ClosedNodes.Close(next, Tenancy);
        foreach (var placement in placements) CountTenant(placement, 1);
        return [];
    }

    /// <summary>Takes back every change since the mark, newest first.</summary>
    internal void UndoTo(long mark, long position)
    {
        var kept = (int)(mark - settled); // a list has no more
        for (var index = changes.Count - 1; index >= kept; index--)
        {
            var change = changes[index];
            if (change.Before is { } before) Restore(before);
            else if (change.Condition is { } condition) SetBack(condition);
            else if (change.Node is { } closed) SetNode(closed.Node, closed.Before);
            else if (change is { Removed: { } old, Added: { } next })
            {
                placements.Remove(next.Id);
                Exchange(next, old);
            }
            else if (change.Added is { } added)
            {
                placements.Remove(added.Id);
                Account(added, -1);
            }
            else
            {
                placements.Add(change.Removed!); // one of the two is there
                Account(change.Removed!, 1);
            }
        }

        changes.RemoveRange(kept, changes.Count - kept);
        Sites.UndoTo(position);
        Position = position;
    }

    private void SetBack((SiteId Site, SiteCondition? Before) condition)
    {
        Sites.Set(condition.Site, condition.Before);
        PlacerMemory = null;
    }

    private void Exchange(Placement before, Placement next)
    {
        Revision++;
        placements.Add(next);
        if (before.Units == next.Units && before.Move == next.Move && before.Former == next.Former) return;
        if (before.Units == next.Units && before.Former == next.Former && before.Move is null
            && next.Move is { HoldsTarget: true } move)
        {
            // What begins a move keeps all it has; the room at its target comes to it.
            Sites.Count(next, 1, (Fleet, Position + 1));
            moving.Add(next.Id);
            Count(next, move.To, 1);
            return;
        }

        Account(before, -1);
        Account(next, 1);
    }

    /// <summary>
    /// Counts room, power, quota and bands of units of a placement, and nothing else: for trying something out that
    /// whoever tries it takes back.
    /// </summary>
    internal void Count(Placement placement, Seq<UnitBinding> units, int sign)
    {
        foreach (var unit in units.Span)
        {
            var pool = Fleet.FindPool(unit.Node.Pool)!;
            Account(pool, unit, placement.Request.Unit, sign);
            CountTenant(pool, unit.Node.Ordinal, (placement.Request, placement.Isolation), sign);
            bands?.Add(pool, unit, placement, sign);
        }
    }

    private void Restore(FleetState before)
    {
        (Fleet, Nodes, Tenancy, siteMilliwatts) = (before.Fleet, before.Nodes, before.Tenancy, before.SiteMilliwatts);
        bands = null;
        usage.Clear();
        Sites.ForgetWork();
        foreach (var (key, value) in before.Usage) usage.Add(key, value);
    }

    private void Account(Placement placement, int sign)
    {
        Sites.Count(placement, sign, (Fleet, Position + 1));
        dependencies.Count(placement.Id, placement.Request, sign);
        if (placement.Move is not null) Mark(moving, placement.Id, sign);
        if (placement.Former is not null) Mark(away, placement.Id, sign);
        Count(placement, Occupied(placement), sign);
    }

    private void Account(FleetPool pool, in UnitBinding unit, UnitNeed need, int sign)
    {
        Revision++;
        if (sign > 0) Nodes.Take(pool.Index, unit, need);
        else Nodes.Give(pool.Index, unit, need);
        siteMilliwatts[pool.Site.Index] += sign * pool.UnitMilliwatts(need.AcceleratorMilli, need.CpuMilli);
    }

    private static void Mark(SortedSet<DecisionId> set, DecisionId id, int sign)
    {
        if (sign > 0) set.Add(id);
        else set.Remove(id);
    }

    /// <summary>Where it runs, and what a move keeps for it.</summary>
    private static Seq<UnitBinding> Occupied(Placement placement) =>
        placement.Move is { HoldsTarget: true } ? placement.Occupied.ToSeq() : placement.Units;

    /// <summary>Accounts for what was put into the columns without it, after a snapshot was read.</summary>
    internal void AccountForAll()
    {
        var pools = Columns.PoolIds.Select(id => Fleet.FindPool(id)).ToArray();
        for (var row = 0; row < Columns.Rows; row++)
        {
            var (request, at) = Columns.At(row);
            var shared = Columns.Requests[request]!; // rows refer to what is there
            var pool = pools[at] ?? throw new InvalidOperationException($"there is no pool {Columns.PoolIds[at]}");
            var unit = Columns.UnitOf(row);
            if (shared.DependsOn.Count > 0) dependencies.Count(new DecisionId(Columns.RowAt(row).Id), shared, 1);
            Account(pool, unit, shared.Unit, 1);
            CountTenant(pool, unit.Node.Ordinal, (shared, (IsolationLevel)Columns.RowAt(row).Isolation), 1);
        }

        foreach (var placement in Columns.Others) Account(placement, 1);
    }

    private sealed record Change(Placement? Removed, Placement? Added, FleetState? Before)
    {
        public (SiteId Site, SiteCondition? Before)? Condition { get; init; }

        public (NodeId Node, NodeCondition? Before)? Node { get; init; }
    }

    private sealed record FleetState(
        Fleet Fleet, NodeColumns Nodes, Tenancy Tenancy, long[] SiteMilliwatts, Dictionary<UsageKey, Usage> Usage);
}
