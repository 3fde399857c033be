using System.Numerics;
using ControlPlane.Inventory;
using ControlPlane.Placements.Packing;
using ControlPlane.Regions;
using ControlPlane.Workloads;

namespace ControlPlane.Placements;

/// <summary>
/// Some nodes of a pool as they would be if work on them ended: whether all units of a request would have room then,
/// and where. The world itself stays as it is.
/// </summary>
internal sealed class ClearedNodes(Question question)
{
    private readonly World world = question.World;
    private readonly PlacementRequest request = question.Request;
    private long[] cpuMilli = [];
    private long[] memoryMib = [];
    private short[] devices = [];
    private int[] rooms = [];
    private FleetPool pool = null!; // Look comes first
    private int first;
    private long units;
    private long freedMilli;
    private long freedMilliwatts;
    private (long Milli, long Milliwatts) missing;

    /// <summary>Whether there is room for all units, and what caps and the site's power still miss is freed.</summary>
    public bool Suffices => units >= request.Units && freedMilli >= missing.Milli
        && freedMilliwatts >= missing.Milliwatts;

    /// <summary>Looks at nodes as they are.</summary>
    /// <param name="at">The pool.</param>
    /// <param name="nodes">The nodes, consecutive ones.</param>
    /// <param name="lacks">What must be freed in the pool, beside the room on nodes.</param>
    public void Look(FleetPool at, (int First, int Count) nodes, (long Milli, long Milliwatts) lacks)
    {
        (pool, first, missing) = (at, nodes.First, lacks);
        (units, freedMilli, freedMilliwatts) = (0, 0, 0);
        var perNode = at.Spec.AcceleratorsPerNode;
        if (rooms.Length < nodes.Count)
        {
            (cpuMilli, memoryMib) = (new long[nodes.Count], new long[nodes.Count]);
            rooms = new int[nodes.Count];
        }

        if (devices.Length < nodes.Count * perNode) devices = new short[nodes.Count * perNode];
        for (var node = 0; node < nodes.Count; node++)
        {
            cpuMilli[node] = world.Nodes.FreeCpuMilli(at.Index, first + node);
            memoryMib[node] = world.Nodes.FreeMemoryMib(at.Index, first + node);
            world.Nodes.Devices(at.Index, first + node).CopyTo(devices.AsSpan(node * perNode));
            rooms[node] = RoomOn(node);
            units += rooms[node];
        }

        Count = nodes.Count;
    }

    /// <summary>Thousandths free on all accelerators of the nodes.</summary>
    public long FreeMilli
    {
        get
        {
            long milli = 0;
            foreach (var free in devices.AsSpan(0, Count * pool.Spec.AcceleratorsPerNode)) milli += free;
            return milli;
        }
    }

    /// <summary>Nodes that are looked at.</summary>
    public int Count { get; private set; }

    /// <summary>Lets a placement end (1), or run again (-1).</summary>
    public void Change(Placement victim, int sign)
    {
        var need = victim.Request.Unit;
        foreach (var unit in victim.Units.Span)
        {
            if (unit.Node.Pool != pool.Id) continue;
            freedMilli += sign * need.AcceleratorMilli;
            freedMilliwatts += sign * pool.UnitMilliwatts(need.AcceleratorMilli, need.CpuMilli);
            var node = unit.Node.Ordinal - first;
            if (node < 0 || node >= Count) continue;
            cpuMilli[node] += sign * need.CpuMilli;
            memoryMib[node] += sign * need.MemoryMib;
            Give(DevicesOf(node), unit, sign);
            units -= rooms[node];
            rooms[node] = RoomOn(node);
            units += rooms[node];
        }
    }

    /// <summary>Thousandths of accelerators that a placement has on the nodes.</summary>
    public long MilliOf(Placement victim)
    {
        long milli = 0;
        foreach (var unit in victim.Units.Span)
        {
            if (unit.Node.Pool == pool.Id && unit.Node.Ordinal >= first && unit.Node.Ordinal < first + Count)
                milli += victim.Request.Unit.AcceleratorMilli;
        }

        return milli;
    }

    /// <summary>Binds all units: to the lowest nodes that have room, or as the preferences have it.</summary>
    public Seq<UnitBinding> Bind()
    {
        var packing = ExpectedPacking.Of(world, question.Law.Policies.Preferences, pool);
        var bindings = packing is null ? BindLowest() : BindPacked(packing.Terms);
        return bindings.OrderBy(unit => unit.Node).ThenBy(unit => unit.Devices).ToSeq();
    }

    private List<UnitBinding> BindLowest()
    {
        var bindings = new List<UnitBinding>(request.Units);
        for (var node = 0; node < Count && bindings.Count < request.Units; node++)
        {
            for (var unit = 0; unit < rooms[node] && bindings.Count < request.Units; unit++)
            {
                var chosen = NodeColumns.ChooseDevices(DevicesOf(node), request.Unit);
                var binding = new UnitBinding(
                    new NodeId(pool.Id, first + node), chosen, request.Unit.AcceleratorShareMilli);
                Give(DevicesOf(node), binding, -1);
                bindings.Add(binding);
            }
        }

        return bindings;
    }

    private List<UnitBinding> BindPacked(LeftoverTerms terms)
    {
        var open = Enumerable.Range(0, Count).Where(node => rooms[node] > 0).ToList();
        var shape = new NodeShape(0, 0, pool.Spec.AcceleratorsPerNode, 0);
        var packed = new PackedNodes(new PackingNodes([.. open.Select(_ => shape)]), terms);
        for (var at = 0; at < open.Count; at++)
            packed.Set(at, (cpuMilli[open[at]], memoryMib[open[at]]), DevicesOf(open[at]));
        var kind = ExpectedPacking.KindOf(request.Unit);
        var bindings = new List<UnitBinding>(request.Units);
        while (bindings.Count < request.Units && packed.Index.Find(kind) is >= 0 and var at)
        {
            bindings.Add(new(
                new NodeId(pool.Id, first + open[at]), packed.Take(at, kind), request.Unit.AcceleratorShareMilli));
        }

        return bindings;
    }

    private Span<short> DevicesOf(int node) =>
        devices.AsSpan(node * pool.Spec.AcceleratorsPerNode, pool.Spec.AcceleratorsPerNode);

    private static void Give(Span<short> free, in UnitBinding unit, int sign)
    {
        var milli = unit.ShareMilli > 0 ? unit.ShareMilli : NodeColumns.WholeMilli;
        for (var left = unit.Devices; left != 0; left &= left - 1)
            free[BitOperations.TrailingZeroCount(left)] += (short)(sign * milli);
    }

    private int RoomOn(int node)
    {
        var need = request.Unit;
        long room = request.Units;
        if (need.CpuMilli > 0) room = Math.Min(room, cpuMilli[node] / need.CpuMilli);
        if (need.MemoryMib > 0) room = Math.Min(room, memoryMib[node] / need.MemoryMib);
        if (room > 0 && need.NeedsAccelerator) room = Math.Min(room, NodeColumns.DeviceRoom(DevicesOf(node), need));
        if (room <= 0) return 0;
        // Whom the node keeps out now it keeps out whatever ends: nothing is ended to be alone somewhere.
        return world.Tenancy.NodeAdmits(pool.Index, first + node, request.Tenant, request.Isolation) ? (int)room : 0;
    }
}
