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

    public NodeColumns(Fleet fleet)
    {
        this.fleet = fleet;
        var pools = fleet.Pools.Count;
        firstNode = new int[pools + 1];
        firstDevice = new int[pools + 1];
        for (var pool = 0; pool < pools; pool++)
        {
            var nodes = fleet.Pools[pool].Nodes;
            firstNode[pool + 1] = firstNode[pool] + nodes;
            firstDevice[pool + 1] = firstDevice[pool] + (nodes * fleet.Pools[pool].Spec.AcceleratorsPerNode);
        }

        freeCpuMilli = new long[firstNode[pools]];
        freeMemoryMib = new long[firstNode[pools]];
        freeDeviceMilli = new short[firstDevice[pools]];
        poolFreeAcceleratorMilli = new long[pools];
        poolFreeCpuMilli = new long[pools];
        poolFreeMemoryMib = new long[pools];
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
    }

    public NodeColumns Copy() => new(this);

    public long FreeAcceleratorMilli(int pool) => poolFreeAcceleratorMilli[pool];

    public long FreeCpuMilli(int pool) => poolFreeCpuMilli[pool];

    public long FreeMemoryMib(int pool) => poolFreeMemoryMib[pool];

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

    private static int DeviceRoom(ReadOnlySpan<short> devices, UnitNeed need)
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
        var perNode = fleet.Pools[pool].Spec.AcceleratorsPerNode;
        for (var left = unit.Devices; left != 0; left &= left - 1)
        {
            var device = BitOperations.TrailingZeroCount(left);
            freeDeviceMilli[firstDevice[pool] + (unit.Node.Ordinal * perNode) + device] += (short)(sign * milli);
            poolFreeAcceleratorMilli[pool] += sign * milli;
        }
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
