using System.Numerics;
using ControlPlane.Regions;
using ControlPlane.Workloads;

namespace ControlPlane.Inventory;

/// <summary>
/// What is free on every node, in columns: one array for each kind of resource, nodes of a pool side by side.
/// Shapes: CPU in thousandths of a core, memory in MiB, each accelerator in thousandths.
/// </summary>
public sealed class NodeColumns
{
    /// <summary>Thousandths of a whole accelerator.</summary>
    public const int WholeMilli = 1000;

    // What changes together lies together: a decision touches few nodes and pools, each of them in many ways.
    private readonly NodeRoom[] nodes;
    private readonly PoolRoom[] pools;
    private readonly PoolGlance[] glances;
    private readonly short[] freeDeviceMilli;

    // Of each pool, how many nodes have 0, 1, 2 ... accelerators that nobody uses.
    private readonly int[] nodesWithWhole;
    private readonly NodeBlocks blocks;

    // Of pools that somebody follows node by node; a copy is followed by nobody.
    private NodeLog?[]? logs;

    public NodeColumns(Fleet fleet)
    {
        blocks = new NodeBlocks(fleet);
        pools = new PoolRoom[fleet.Pools.Count];
        glances = new PoolGlance[fleet.Pools.Count];
        var (firstNode, firstDevice, firstCount) = (0, 0, 0);
        foreach (var pool in fleet.Pools)
        {
            pools[pool.Index] = PoolRoom.OfEmpty(pool) with
            {
                FirstNode = firstNode, FirstDevice = firstDevice, FirstCount = firstCount,
            };
            firstNode += pool.Nodes;
            firstDevice += pool.Nodes * pool.Spec.AcceleratorsPerNode;
            firstCount += PerNode(pool) + 1;
        }

        nodes = new NodeRoom[firstNode];
        freeDeviceMilli = new short[firstDevice];
        nodesWithWhole = new int[firstCount];
        Array.Fill(freeDeviceMilli, (short)WholeMilli);
        foreach (var pool in fleet.Pools)
        {
            var perNode = PerNode(pool);
            nodes.AsSpan(pools[pool.Index].FirstNode, pool.Nodes).Fill(new NodeRoom
            {
                FreeCpuMilli = pool.Spec.CpuMilliPerNode,
                FreeMemoryMib = pool.Spec.MemoryMibPerNode,
                FreeMilli = pool.Spec.AcceleratorsPerNode * WholeMilli,
                WholeFree = perNode,
            });
            nodesWithWhole[pools[pool.Index].FirstCount + perNode] = pool.Nodes;
            glances[pool.Index].MostWholeFree = pool.Nodes == 0 ? (byte)0 : perNode;
            CountShares(pools[pool.Index], ref glances[pool.Index]);
        }
    }

    private NodeColumns(NodeColumns other)
    {
        (nodes, pools, glances) = ([.. other.nodes], [.. other.pools], [.. other.glances]);
        freeDeviceMilli = [.. other.freeDeviceMilli];
        nodesWithWhole = [.. other.nodesWithWhole];
        blocks = other.blocks.Copy();
    }

    public NodeColumns Copy() => new(this);

    public long FreeAcceleratorMilli(int pool) => pools[pool].FreeAcceleratorMilli;

    public long FreeCpuMilli(int pool) => pools[pool].FreeCpuMilli;

    public long FreeMemoryMib(int pool) => pools[pool].FreeMemoryMib;

    /// <summary>What a search looks at first, of every pool.</summary>
    internal ReadOnlySpan<PoolGlance> Glances => glances;

    /// <summary>Accelerators that nobody uses on the node of the pool that has the most of them.</summary>
    internal int MostWholeFree(int pool) => glances[pool].MostWholeFree;

    /// <summary>Accelerators of a node that nobody uses.</summary>
    internal int WholeFree(int pool, int ordinal) => NodeAt(pool, ordinal).WholeFree;

    /// <summary>Thousandths free on all accelerators of a node.</summary>
    internal int FreeMilli(int pool, int ordinal) => NodeAt(pool, ordinal).FreeMilli;

    /// <summary>Whether nothing at all is taken of a node.</summary>
    internal bool IsEmpty(FleetPool pool, int ordinal)
    {
        ref readonly var node = ref NodeAt(pool.Index, ordinal);
        return node.FreeCpuMilli == pool.Spec.CpuMilliPerNode && node.FreeMemoryMib == pool.Spec.MemoryMibPerNode
            && node.FreeMilli == pool.Spec.AcceleratorsPerNode * WholeMilli;
    }

    /// <summary>What is free on a node, accelerators before CPU; smaller is tighter.</summary>
    internal long Left(int pool, int ordinal)
    {
        ref readonly var node = ref NodeAt(pool, ordinal);
        return (node.FreeMilli * 1000L) + (node.FreeCpuMilli * 1000 / Math.Max(1, pools[pool].CpuMilliPerNode));
    }

    /// <summary>Sums up the block of nodes that begins with a node.</summary>
    internal ref readonly NodeBlock BlockAt(FleetPool pool, int ordinal) => ref blocks.At(this, pool, ordinal);

    /// <summary>Grows with every change of a node of the pool.</summary>
    internal int Changes(int pool) => glances[pool].Changes;

    /// <summary>Which nodes of a pool change from now on.</summary>
    internal NodeLog LogOf(FleetPool pool) => (logs ??= new NodeLog?[pools.Length])[pool.Index] ??= new(pool.Nodes);

    public long FreeCpuMilli(int pool, int ordinal) => NodeAt(pool, ordinal).FreeCpuMilli;

    public long FreeMemoryMib(int pool, int ordinal) => NodeAt(pool, ordinal).FreeMemoryMib;

    /// <summary>Thousandths free on each accelerator of a node.</summary>
    public ReadOnlySpan<short> Devices(int pool, int ordinal)
    {
        ref readonly var room = ref pools[pool];
        return freeDeviceMilli.AsSpan(room.FirstDevice + (ordinal * room.PerNode), room.PerNode);
    }

    /// <summary>How many equal units a node has room for, at most <paramref name="limit"/>.</summary>
    public int Room(int pool, int ordinal, UnitNeed need, int limit)
    {
        ref readonly var node = ref NodeAt(pool, ordinal);
        long room = limit;
        // Of nodes with more accelerators than are counted, each is looked at.
        var isCounted = pools[pool].PerNode <= byte.MaxValue;
        if (need.Accelerators > 0 && isCounted) room = Math.Min(room, node.WholeFree / need.Accelerators);
        if (need.CpuMilli > 0) room = Most(room, need.CpuMilli, node.FreeCpuMilli);
        if (need.MemoryMib > 0) room = Most(room, need.MemoryMib, node.FreeMemoryMib);
        if (room <= 0) return 0;
        return need.NeedsAccelerator && !(need.Accelerators > 0 && isCounted)
            ? (int)Math.Min(room, DeviceRoom(Devices(pool, ordinal), need))
            : (int)room;
    }

    // That all of them fit is told without a division.
    private static long Most(long units, long each, long free) => units * each <= free ? units : free / each;

    /// <summary>Whether a node has room for one unit.</summary>
    internal bool HasRoom(int pool, int ordinal, UnitNeed need)
    {
        ref readonly var node = ref NodeAt(pool, ordinal);
        if (node.FreeCpuMilli < need.CpuMilli || node.FreeMemoryMib < need.MemoryMib) return false;
        if (need.AcceleratorShareMilli == 0) return node.WholeFree >= need.Accelerators;
        if (node.WholeFree > 0) return true;
        if (node.FreeMilli < need.AcceleratorShareMilli) return false;
        foreach (var free in Devices(pool, ordinal))
        {
            if (free >= need.AcceleratorShareMilli) return true;
        }

        return false;
    }

    /// <summary>How many equal units the accelerators of a node have room for.</summary>
    internal static int DeviceRoom(ReadOnlySpan<short> devices, UnitNeed need)
    {
        var room = 0;
        if (need.Accelerators > 0)
        {
            foreach (var free in devices)
            {
                if (free == WholeMilli) room++;
            }

            return room / need.Accelerators;
        }

        foreach (var free in devices) room += free / need.AcceleratorShareMilli;
        return room;
    }

    /// <summary>
    /// Accelerators that a unit takes of those of a node: the lowest whole free ones, or for a share the fullest one
    /// with enough left, lowest first. The node must have room.
    /// </summary>
    public static ulong ChooseDevices(ReadOnlySpan<short> devices, UnitNeed need)
    {
        if (need.Accelerators > 0)
        {
            ulong chosen = 0;
            var left = need.Accelerators;
            for (var device = 0; device < devices.Length && left > 0; device++)
            {
                if (devices[device] != WholeMilli) continue;
                chosen |= 1UL << device;
                left--;
            }

            return chosen;
        }

        var best = -1;
        for (var device = 0; device < devices.Length && need.AcceleratorShareMilli > 0; device++)
        {
            if (devices[device] >= need.AcceleratorShareMilli && (best < 0 || devices[device] < devices[best]))
                best = device;
        }

        return best < 0 ? 0 : 1UL << best;
    }

    /// <summary>Takes what a unit uses.</summary>
    internal void Take(int pool, in UnitBinding unit, UnitNeed need) => Change(pool, unit, need, -1);

    /// <summary>Gives back what a unit used.</summary>
    internal void Give(int pool, in UnitBinding unit, UnitNeed need) => Change(pool, unit, need, 1);

    private void Change(int pool, in UnitBinding unit, UnitNeed need, int sign)
    {
        ref var room = ref pools[pool];
        ref var glance = ref glances[pool];
        ref var node = ref nodes[room.FirstNode + unit.Node.Ordinal];
        node.FreeCpuMilli += sign * need.CpuMilli;
        node.FreeMemoryMib += sign * need.MemoryMib;
        room.FreeCpuMilli += sign * need.CpuMilli;
        room.FreeMemoryMib += sign * need.MemoryMib;
        var milli = unit.ShareMilli > 0 ? unit.ShareMilli : WholeMilli;
        var wholeBefore = node.WholeFree;
        for (var left = unit.Devices; left != 0; left &= left - 1)
        {
            var device = BitOperations.TrailingZeroCount(left);
            ref var free = ref freeDeviceMilli[room.FirstDevice + (unit.Node.Ordinal * room.PerNode) + device];
            if (free == WholeMilli) node.WholeFree--;
            free += (short)(sign * milli);
            if (free == WholeMilli) node.WholeFree++;
            node.FreeMilli += sign * milli;
            room.FreeAcceleratorMilli += sign * milli;
        }

        if (node.WholeFree != wholeBefore)
        {
            var counts = nodesWithWhole.AsSpan(room.FirstCount);
            counts[wholeBefore]--;
            counts[node.WholeFree]++;
            glance.MostWholeFree = Math.Max(glance.MostWholeFree, node.WholeFree);
            while (glance.MostWholeFree > 0 && counts[glance.MostWholeFree] == 0) glance.MostWholeFree--;
        }

        blocks.Touch(pool, unit.Node.Ordinal);
        CountShares(room, ref glance);
        logs?[pool]?.Add(glance.Changes, unit.Node.Ordinal);
        glance.Changes++;
    }

    // A unit has at most 64 accelerators of a node, so counting no further loses nothing.
    private static byte PerNode(FleetPool pool) => (byte)Math.Min(pool.Spec.AcceleratorsPerNode, byte.MaxValue);

    private static void CountShares(in PoolRoom room, ref PoolGlance glance)
    {
        glance.FreeAcceleratorShare = Share(room.FreeAcceleratorMilli, room.AcceleratorMilli);
        glance.FreeCpuShare = Share(room.FreeCpuMilli, room.CpuMilli);
    }

    /// <summary>Thousandths that a part is of a whole, rounded down; 0 of nothing.</summary>
    internal static ushort Share(long part, long whole) =>
        whole == 0 ? (ushort)0 : (ushort)Math.Clamp(part * 1000 / whole, 0, 1000);

    private ref readonly NodeRoom NodeAt(int pool, int ordinal) => ref nodes[pools[pool].FirstNode + ordinal];

    /// <summary>Whether nothing on a node is below zero or above what the node has.</summary>
    public bool IsSound(int pool, int ordinal)
    {
        ref readonly var room = ref pools[pool];
        if (FreeCpuMilli(pool, ordinal) is var cpu && (cpu < 0 || cpu > room.CpuMilliPerNode)) return false;
        if (FreeMemoryMib(pool, ordinal) is var memory && (memory < 0 || memory > room.MemoryMibPerNode)) return false;
        foreach (var free in Devices(pool, ordinal))
        {
            if (free is < 0 or > WholeMilli) return false;
        }

        return true;
    }
}
