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

    private readonly Fleet fleet;
    private readonly int[] firstNode;
    private readonly int[] firstDevice;
    private readonly long[] freeCpuMilli;
    private readonly long[] freeMemoryMib;
    private readonly short[] freeDeviceMilli;
    private readonly long[] poolFreeAcceleratorMilli;
    private readonly long[] poolFreeCpuMilli;
    private readonly long[] poolFreeMemoryMib;
    private readonly long[] poolCpuMilli;
    private readonly int[] poolFreeAcceleratorShare;
    private readonly int[] poolFreeCpuShare;
    private readonly int[] poolChanges;
    private readonly byte[] nodeWholeFree;
    private readonly int[] nodeFreeMilli;
    private readonly byte[] poolMostWholeFree;

    // Of each pool, how many nodes have 0, 1, 2 ... accelerators that nobody uses.
    private readonly int[] firstCount;
    private readonly int[] nodesWithWhole;
    private readonly NodeBlocks blocks;

    public NodeColumns(Fleet fleet)
    {
        this.fleet = fleet;
        blocks = new NodeBlocks(fleet);
        var pools = fleet.Pools.Count;
        firstNode = new int[pools + 1];
        firstDevice = new int[pools + 1];
        firstCount = new int[pools + 1];
        for (var pool = 0; pool < pools; pool++)
        {
            var nodes = fleet.Pools[pool].Nodes;
            firstCount[pool + 1] = firstCount[pool] + PerNode(pool) + 1;
            firstNode[pool + 1] = firstNode[pool] + nodes;
            firstDevice[pool + 1] = firstDevice[pool] + (nodes * fleet.Pools[pool].Spec.AcceleratorsPerNode);
        }

        freeCpuMilli = new long[firstNode[pools]];
        freeMemoryMib = new long[firstNode[pools]];
        freeDeviceMilli = new short[firstDevice[pools]];
        poolFreeAcceleratorMilli = new long[pools];
        poolFreeCpuMilli = new long[pools];
        poolFreeMemoryMib = new long[pools];
        poolCpuMilli = new long[pools];
        poolFreeAcceleratorShare = new int[pools];
        poolFreeCpuShare = new int[pools];
        poolChanges = new int[pools];
        nodeWholeFree = new byte[firstNode[pools]];
        nodeFreeMilli = new int[firstNode[pools]];
        poolMostWholeFree = new byte[pools];
        nodesWithWhole = new int[firstCount[pools]];
        Array.Fill(freeDeviceMilli, (short)WholeMilli);
        for (var pool = 0; pool < pools; pool++)
        {
            var spec = fleet.Pools[pool].Spec;
            var nodes = fleet.Pools[pool].Nodes;
            Array.Fill(freeCpuMilli, spec.CpuMilliPerNode, firstNode[pool], nodes);
            Array.Fill(freeMemoryMib, spec.MemoryMibPerNode, firstNode[pool], nodes);
            poolFreeAcceleratorMilli[pool] = fleet.Pools[pool].AcceleratorMilli;
            poolFreeCpuMilli[pool] = spec.CpuMilliPerNode * nodes;
            poolFreeMemoryMib[pool] = spec.MemoryMibPerNode * nodes;
            poolCpuMilli[pool] = spec.CpuMilliPerNode * nodes;
            var perNode = PerNode(pool);
            nodesWithWhole[firstCount[pool] + perNode] = nodes;
            Array.Fill(nodeWholeFree, perNode, firstNode[pool], nodes);
            Array.Fill(nodeFreeMilli, spec.AcceleratorsPerNode * WholeMilli, firstNode[pool], nodes);
            poolMostWholeFree[pool] = nodes == 0 ? (byte)0 : perNode;
            CountShares(pool);
        }
    }

    private NodeColumns(NodeColumns other)
    {
        fleet = other.fleet;
        firstNode = other.firstNode;
        firstDevice = other.firstDevice;
        freeCpuMilli = [.. other.freeCpuMilli];
        freeMemoryMib = [.. other.freeMemoryMib];
        freeDeviceMilli = [.. other.freeDeviceMilli];
        poolFreeAcceleratorMilli = [.. other.poolFreeAcceleratorMilli];
        poolFreeCpuMilli = [.. other.poolFreeCpuMilli];
        poolFreeMemoryMib = [.. other.poolFreeMemoryMib];
        poolCpuMilli = other.poolCpuMilli;
        poolFreeAcceleratorShare = [.. other.poolFreeAcceleratorShare];
        poolFreeCpuShare = [.. other.poolFreeCpuShare];
        poolChanges = [.. other.poolChanges];
        nodeWholeFree = [.. other.nodeWholeFree];
        nodeFreeMilli = [.. other.nodeFreeMilli];
        poolMostWholeFree = [.. other.poolMostWholeFree];
        (firstCount, nodesWithWhole) = (other.firstCount, [.. other.nodesWithWhole]);
        blocks = other.blocks.Copy();
    }

    public NodeColumns Copy() => new(this);

    public long FreeAcceleratorMilli(int pool) => poolFreeAcceleratorMilli[pool];

    public long FreeCpuMilli(int pool) => poolFreeCpuMilli[pool];

    public long FreeMemoryMib(int pool) => poolFreeMemoryMib[pool];

    /// <summary>Thousandths of each pool's accelerators that are free; 0 where there are none.</summary>
    internal ReadOnlySpan<int> FreeAcceleratorShares => poolFreeAcceleratorShare;

    /// <summary>Thousandths of each pool's CPU that are free; 0 where there is none.</summary>
    internal ReadOnlySpan<int> FreeCpuShares => poolFreeCpuShare;

    /// <summary>Accelerators that nobody uses on the node of the pool that has the most of them.</summary>
    internal int MostWholeFree(int pool) => poolMostWholeFree[pool];

    /// <summary>Accelerators of a node that nobody uses.</summary>
    internal int WholeFree(int pool, int ordinal) => nodeWholeFree[firstNode[pool] + ordinal];

    /// <summary>Thousandths free on all accelerators of a node.</summary>
    internal int FreeMilli(int pool, int ordinal) => nodeFreeMilli[firstNode[pool] + ordinal];

    /// <summary>Whether nothing at all is taken of a node.</summary>
    internal bool IsEmpty(FleetPool pool, int ordinal)
    {
        var (node, spec) = (firstNode[pool.Index] + ordinal, pool.Spec);
        return freeCpuMilli[node] == spec.CpuMilliPerNode && freeMemoryMib[node] == spec.MemoryMibPerNode
            && nodeFreeMilli[node] == spec.AcceleratorsPerNode * WholeMilli;
    }

    /// <summary>What is free on a node, accelerators before CPU; smaller is tighter.</summary>
    internal long Left(int pool, int ordinal)
    {
        var node = firstNode[pool] + ordinal;
        return (nodeFreeMilli[node] * 1000L)
            + (freeCpuMilli[node] * 1000 / Math.Max(1, fleet.Pools[pool].Spec.CpuMilliPerNode));
    }

    /// <summary>Sums up the block of nodes that begins with a node.</summary>
    internal ref readonly NodeBlock BlockAt(FleetPool pool, int ordinal) => ref blocks.At(this, pool, ordinal);

    /// <summary>Grows with every change of a node of the pool.</summary>
    internal int Changes(int pool) => poolChanges[pool];

    public long FreeCpuMilli(int pool, int ordinal) => freeCpuMilli[firstNode[pool] + ordinal];

    public long FreeMemoryMib(int pool, int ordinal) => freeMemoryMib[firstNode[pool] + ordinal];

    /// <summary>Thousandths free on each accelerator of a node.</summary>
    public ReadOnlySpan<short> Devices(int pool, int ordinal)
    {
        var perNode = fleet.Pools[pool].Spec.AcceleratorsPerNode;
        return freeDeviceMilli.AsSpan(firstDevice[pool] + (ordinal * perNode), perNode);
    }

    /// <summary>How many equal units a node has room for, at most <paramref name="limit"/>.</summary>
    public int Room(int pool, int ordinal, UnitNeed need, int limit)
    {
        var node = firstNode[pool] + ordinal;
        long room = limit;
        if (need.CpuMilli > 0) room = Math.Min(room, freeCpuMilli[node] / need.CpuMilli);
        if (need.MemoryMib > 0) room = Math.Min(room, freeMemoryMib[node] / need.MemoryMib);
        if (room <= 0 || !need.NeedsAccelerator) return (int)Math.Max(room, 0);
        return (int)Math.Min(room, DeviceRoom(Devices(pool, ordinal), need));
    }

    /// <summary>Whether a node has room for one unit.</summary>
    internal bool HasRoom(int pool, int ordinal, UnitNeed need)
    {
        var node = firstNode[pool] + ordinal;
        if (freeCpuMilli[node] < need.CpuMilli || freeMemoryMib[node] < need.MemoryMib) return false;
        if (need.AcceleratorShareMilli == 0) return nodeWholeFree[node] >= need.Accelerators;
        if (nodeWholeFree[node] > 0) return true;
        if (nodeFreeMilli[node] < need.AcceleratorShareMilli) return false;
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
        var node = firstNode[pool] + unit.Node.Ordinal;
        freeCpuMilli[node] += sign * need.CpuMilli;
        freeMemoryMib[node] += sign * need.MemoryMib;
        poolFreeCpuMilli[pool] += sign * need.CpuMilli;
        poolFreeMemoryMib[pool] += sign * need.MemoryMib;
        var milli = unit.ShareMilli > 0 ? unit.ShareMilli : WholeMilli;
        var wholeBefore = nodeWholeFree[node];
        var perNode = fleet.Pools[pool].Spec.AcceleratorsPerNode;
        for (var left = unit.Devices; left != 0; left &= left - 1)
        {
            var device = BitOperations.TrailingZeroCount(left);
            ref var free = ref freeDeviceMilli[firstDevice[pool] + (unit.Node.Ordinal * perNode) + device];
            if (free == WholeMilli) nodeWholeFree[node]--;
            free += (short)(sign * milli);
            if (free == WholeMilli) nodeWholeFree[node]++;
            nodeFreeMilli[node] += sign * milli;
            poolFreeAcceleratorMilli[pool] += sign * milli;
        }

        if (nodeWholeFree[node] != wholeBefore) CountWhole(pool, wholeBefore, nodeWholeFree[node]);
        blocks.Touch(pool, unit.Node.Ordinal);
        CountShares(pool);
        poolChanges[pool]++;
    }

    private void CountWhole(int pool, byte before, byte now)
    {
        var counts = nodesWithWhole.AsSpan(firstCount[pool]..firstCount[pool + 1]);
        counts[before]--;
        counts[now]++;
        ref var most = ref poolMostWholeFree[pool];
        most = Math.Max(most, now);
        while (most > 0 && counts[most] == 0) most--;
    }

    // A unit has at most 64 accelerators of a node, so counting no further loses nothing.
    private byte PerNode(int pool) => (byte)Math.Min(fleet.Pools[pool].Spec.AcceleratorsPerNode, byte.MaxValue);

    private void CountShares(int pool)
    {
        var (milli, cpu) = (fleet.Pools[pool].AcceleratorMilli, poolCpuMilli[pool]);
        poolFreeAcceleratorShare[pool] = milli == 0 ? 0 : (int)(poolFreeAcceleratorMilli[pool] * 1000 / milli);
        poolFreeCpuShare[pool] = cpu == 0 ? 0 : (int)(poolFreeCpuMilli[pool] * 1000 / cpu);
    }

    /// <summary>Whether nothing on a node is below zero or above what the node has.</summary>
    public bool IsSound(int pool, int ordinal)
    {
        var spec = fleet.Pools[pool].Spec;
        if (FreeCpuMilli(pool, ordinal) is var cpu && (cpu < 0 || cpu > spec.CpuMilliPerNode)) return false;
        if (FreeMemoryMib(pool, ordinal) is var memory && (memory < 0 || memory > spec.MemoryMibPerNode)) return false;
        foreach (var free in Devices(pool, ordinal))
        {
            if (free is < 0 or > WholeMilli) return false;
        }

        return true;
    }
}
