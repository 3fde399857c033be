using System.Runtime.InteropServices;
using ControlPlane.Inventory;
using ControlPlane.Regions;
using ControlPlane.Workloads;

namespace ControlPlane;

/// <summary>
/// The state that decisions are made on: the declared fleet, what is free on every node, and every placement.
/// It is the fold of the ledger up to <see cref="Position"/>. One thread owns it; a what-if works on a copy.
/// </summary>
public sealed class World
{
    private readonly PlacementColumns placements;
    private readonly Dictionary<UsageKey, Usage> usage;
    private readonly List<Change> changes = [];
    private long[] siteMilliwatts;

    public World()
    {
        Fleet = Fleet.Empty;
        Nodes = new NodeColumns(Fleet);
        Tenancy = new Tenancy(Fleet);
        siteMilliwatts = [];
        placements = new();
        usage = [];
    }

    private World(World other)
    {
        Fleet = other.Fleet;
        Nodes = other.Nodes.Copy();
        Tenancy = other.Tenancy.Copy();
        Position = other.Position;
        siteMilliwatts = [.. other.siteMilliwatts];
        placements = other.placements.Copy();
        usage = new(other.usage);
    }

    public Fleet Fleet { get; private set; }

    public NodeColumns Nodes { get; private set; }

    /// <summary>Who runs on which node and at which site.</summary>
    public Tenancy Tenancy { get; private set; }

    /// <summary>What the placer remembers of this world to be fast; a copy starts without.</summary>
    internal object? PlacerMemory { get; set; }

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
            foreach (var ofPool in placement.Units.CountBy(unit => unit.Node.Pool))
            {
                yield return new(
                    placement.Request, ofPool.Key, ofPool.Value, placement.State == PlacementState.Held);
            }
        }
    }

    /// <summary>Facility power drawn by placements at a site, in milliwatts.</summary>
    public long SiteMilliwatts(int site) => siteMilliwatts[site];

    public Placement? Find(DecisionId id) => placements.Find(id);

    /// <summary>What a tenant uses of one model in one region; model -1 is work without accelerators.</summary>
    public Usage UsageOf(TenantId tenant, int region, int sku) => usage.GetValueOrDefault(new(tenant, region, sku));

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

    /// <summary>Replaces a placement by one that uses the same nodes, such as a confirmed hold.</summary>
    internal void Replace(Placement placement)
    {
        var before = placements.Remove(placement.Id);
        placements.Add(placement);
        changes.Add(new Change(Removed: before, Added: placement, Before: null));
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
        usage.Clear();
        Tenancy = new Tenancy(next);
        foreach (var placement in placements) CountTenant(placement, 1);
        return [];
    }

    /// <summary>A mark to which <see cref="UndoTo"/> can return.</summary>
    internal int Mark() => changes.Count;

    /// <summary>Forgets how to undo; what happened so far stays.</summary>
    internal void Settle() => changes.Clear();

    /// <summary>Takes back every change since the mark, newest first.</summary>
    internal void UndoTo(int mark, long position)
    {
        for (var index = changes.Count - 1; index >= mark; index--)
        {
            var change = changes[index];
            if (change.Before is { } before) Restore(before);
            else if (change is { Removed: { } old, Added: { } })
            {
                placements.Remove(old.Id);
                placements.Add(old);
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

        changes.RemoveRange(mark, changes.Count - mark);
        Position = position;
    }

    private void Restore(FleetState before)
    {
        (Fleet, Nodes, Tenancy, siteMilliwatts) = (before.Fleet, before.Nodes, before.Tenancy, before.SiteMilliwatts);
        usage.Clear();
        foreach (var (key, value) in before.Usage) usage.Add(key, value);
    }

    private void Account(Placement placement, int sign)
    {
        foreach (var unit in placement.Units.Span)
        {
            var pool = Fleet.FindPool(unit.Node.Pool)!;
            Account(pool, unit, placement.Request.Unit, sign);
            CountTenant(pool, unit.Node.Ordinal, (placement.Request, placement.Isolation), sign);
        }
    }

    private void Account(FleetPool pool, in UnitBinding unit, UnitNeed need, int sign)
    {
        if (sign > 0) Nodes.Take(pool.Index, unit, need);
        else Nodes.Give(pool.Index, unit, need);
        siteMilliwatts[pool.Site.Index] += sign * pool.UnitMilliwatts(need.AcceleratorMilli, need.CpuMilli);
    }

    private void CountTenant(Placement placement, int sign)
    {
        foreach (var unit in placement.Units.Span)
        {
            CountTenant(
                Fleet.FindPool(unit.Node.Pool)!, unit.Node.Ordinal, (placement.Request, placement.Isolation), sign);
        }
    }

    private void CountTenant(
        FleetPool pool, int ordinal, (PlacementRequest Request, IsolationLevel Isolation) of, int sign)
    {
        var need = of.Request.Unit;
        Tenancy.Add(pool, ordinal, (of.Request.Tenant, of.Isolation), sign);
        var key = new UsageKey(of.Request.Tenant, pool.Region.Index, need.NeedsAccelerator ? pool.SkuIndex : -1);
        ref var sum = ref CollectionsMarshal.GetValueRefOrAddDefault(usage, key, out _);
        sum = new Usage(
            sum.AcceleratorMilli + (sign * need.AcceleratorMilli),
            sum.CpuMilli + (sign * need.CpuMilli),
            sum.MemoryMib + (sign * need.MemoryMib));
        if (sum == default) usage.Remove(key);
    }

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
            Account(pool, unit, shared.Unit, 1);
            CountTenant(pool, unit.Node.Ordinal, (shared, (IsolationLevel)Columns.RowAt(row).Isolation), 1);
        }

        foreach (var placement in Columns.Others) Account(placement, 1);
    }

    private readonly record struct UsageKey(TenantId Tenant, int Region, int Sku);

    private sealed record Change(Placement? Removed, Placement? Added, FleetState? Before);

    private sealed record FleetState(
        Fleet Fleet, NodeColumns Nodes, Tenancy Tenancy, long[] SiteMilliwatts, Dictionary<UsageKey, Usage> Usage);
}

/// <summary>What is used: accelerators and CPU in thousandths, memory in MiB.</summary>
public readonly record struct Usage(long AcceleratorMilli, long CpuMilli, long MemoryMib);

/// <summary>Counts units of one request in one pool.</summary>
public readonly record struct UnitGroup(PlacementRequest Request, NodePoolId Pool, long Units, bool IsHeld);
