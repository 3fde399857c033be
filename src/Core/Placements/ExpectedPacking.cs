using ControlPlane.Inventory;
using ControlPlane.Placements.Packing;
using ControlPlane.Policies;
using ControlPlane.Regions;
using ControlPlane.Workloads;

namespace ControlPlane.Placements;

/// <summary>
/// Chooses nodes such that what is left of them is of most use to the work that the preferences expect: of a pool the
/// node, and between pools by a term of their score. Of each pool that it is asked about it remembers what every node
/// would cost, until the node changes. That changes how fast a node is found, never which.
/// </summary>
internal sealed class ExpectedPacking
{
    /// <summary>Numbers of four bytes remembered at once; past it all are forgotten.</summary>
    private const long MostNumbers = 48_000_000;

    private readonly World world;
    private readonly NodeColumns nodes;
    private readonly Seq<ExpectedWork> expected;
    private readonly Dictionary<int, PackedPool> pools = [];
    private ExpectedPacking? other;
    private long numbers;

    private ExpectedPacking(World world, Seq<ExpectedWork> expected)
    {
        (this.world, this.expected, nodes) = (world, expected, world.Nodes);
        Terms = LeftoverTerms.Of(expected);
    }

    public LeftoverTerms Terms { get; }

    /// <summary>The choice that preferences ask for; null when they expect nothing in particular.</summary>
    public static ExpectedPacking? Of(World world, Preferences preferences)
    {
        var expected = preferences.ExpectedWork;
        if (expected.Count == 0) return null;
        var known = world.PackingMemory as ExpectedPacking;
        if (known?.IsFor(world, expected) == true) return known;
        // Two sets of policies are compared by deciding under the one and the other in turns.
        var next = known?.other?.IsFor(world, expected) == true ? known.other : new ExpectedPacking(world, expected);
        if (known is not null) known.other = null;
        next.other = known;
        world.PackingMemory = next;
        return next;
    }

    /// <summary>The same for the nodes of one pool; null also where no rest of a node is judged.</summary>
    public static ExpectedPacking? Of(World world, Preferences preferences, FleetPool pool) =>
        Serves(pool) ? Of(world, preferences) : null;

    /// <summary>The packing that has a say in which pool is chosen; units that are spread are not meant to be packed.
    /// </summary>
    public static ExpectedPacking? For(World world, Preferences preferences, PlacementRequest request) =>
        request.Spread is null ? Of(world, preferences) : null;

    /// <summary>Whether what is left of the nodes of a pool can be of more or less use.</summary>
    public static bool Serves(FleetPool pool) =>
        pool.Spec.AcceleratorsPerNode is > 0 and <= ExpectedWork.MostAccelerators;

    /// <summary>The node that one unit is bound to; -1 when none has room.</summary>
    public int Best(FleetPool pool, PlacementRequest request) =>
        Best(pool, request.Unit, NodeGuest.For(world, pool, request));

    /// <summary>The same for whoever may come to some nodes only.</summary>
    public int Best(FleetPool pool, UnitNeed need, in NodeGuest guest) => Find(Of(pool), KindOf(need), (pool, guest));

    /// <summary>
    /// What one unit would cost in use of what is idle, on the node that it would be bound to: less than the middle
    /// where idle room that is of no use goes away, more where some comes; all where no node has room.
    /// </summary>
    public int Term(FleetPool pool, PlacementRequest request)
    {
        var of = Of(pool);
        var kind = KindOf(request.Unit);
        var node = Find(of, kind, (pool, NodeGuest.For(world, pool, request)));
        return node < 0 ? LeftoverRule.MostTerm : LeftoverRule.TermOf(of.Nodes.Index.Costs(kind).Nodes[node]);
    }

    /// <summary>Binds one unit to a node that has room.</summary>
    public UnitBinding BindOne(FleetPool pool, int node, UnitNeed need)
    {
        var at = Of(pool).Now();
        return new(new NodeId(pool.Id, node), at.Rule.Choose(at.Nodes, node, KindOf(need)), need.AcceleratorShareMilli);
    }

    /// <summary>Binds as many units as there is room for, one after the other, to some nodes of a pool.</summary>
    public void Bind(
        FleetPool pool, (int First, int Count) among, (PlacementRequest Request, int Units) asked,
        List<UnitBinding> bindings)
    {
        var of = Of(pool);
        var at = of.Now();
        var need = asked.Request.Unit;
        var kind = KindOf(need);
        var guest = NodeGuest.For(world, pool, asked.Request);
        var first = bindings.Count;
        for (var unit = 0; unit < asked.Units && at.Find(kind, among, guest) is >= 0 and var node; unit++)
            bindings.Add(new(new NodeId(pool.Id, node), at.Take(node, kind), need.AcceleratorShareMilli));
        // What is decided is not done yet: the nodes are as the world has them again.
        for (var unit = first; unit < bindings.Count; unit++)
            at.Give(bindings[unit].Node.Ordinal, kind, bindings[unit].Devices);
        Count(of);
    }

    public static PackingKind KindOf(UnitNeed need) => new(
        (int)Math.Min(need.CpuMilli, int.MaxValue), (int)Math.Min(need.MemoryMib, int.MaxValue), need.Accelerators,
        need.AcceleratorShareMilli, PackingKind.AnyModel);

    private int Find(PackedPool of, in PackingKind kind, (FleetPool Pool, NodeGuest Guest) asked)
    {
        var found = of.Now().Find(kind, (0, asked.Pool.Nodes), asked.Guest);
        Count(of);
        return found;
    }

    private PackedPool Of(FleetPool pool)
    {
        if (pools.TryGetValue(pool.Index, out var known)) return known;
        var fresh = new PackedPool(nodes, pool, Terms);
        pools.Add(pool.Index, fresh);
        return fresh;
    }

    private void Count(PackedPool of)
    {
        numbers += of.Grown();
        if (numbers <= MostNumbers) return;
        pools.Clear();
        numbers = 0;
    }

    private bool IsFor(World asked, Seq<ExpectedWork> work) =>
        ReferenceEquals(asked.Nodes, nodes) && work == expected;
}
