using System.Numerics;
using ControlPlane.Inventory;

namespace ControlPlane.Placements.Packing;

/// <summary>
/// What is free on each node of one or more clusters, in columns. Nodes stand in the order in which ties are broken.
/// CPU in thousandths of a core, memory in MiB, each accelerator in thousandths.
/// </summary>
internal sealed class PackingNodes
{
    private readonly int[] firstDevice;
    private readonly int[] cpuMilli;
    private readonly int[] memoryMib;
    private readonly short[] deviceMilli;
    private readonly int[] idleMilli;
    private readonly int[] wholeFree;
    private readonly byte[] models;
    private readonly int[] changes;

    public PackingNodes(IReadOnlyList<NodeShape> shapes)
    {
        Count = shapes.Count;
        firstDevice = new int[Count + 1];
        for (var node = 0; node < Count; node++) firstDevice[node + 1] = firstDevice[node] + shapes[node].Accelerators;
        cpuMilli = [.. shapes.Select(shape => shape.CpuMilli)];
        memoryMib = [.. shapes.Select(shape => shape.MemoryMib)];
        idleMilli = [.. shapes.Select(shape => shape.Accelerators * NodeColumns.WholeMilli)];
        wholeFree = [.. shapes.Select(shape => shape.Accelerators)];
        models = [.. shapes.Select(shape => (byte)shape.Model)];
        changes = new int[Count];
        deviceMilli = new short[firstDevice[Count]];
        Array.Fill(deviceMilli, (short)NodeColumns.WholeMilli);
    }

    public int Count { get; }

    /// <summary>Accelerators of all nodes in thousandths, free or not.</summary>
    public long InstalledMilli => (long)deviceMilli.Length * NodeColumns.WholeMilli;

    public int CpuMilli(int node) => cpuMilli[node];

    public int MemoryMib(int node) => memoryMib[node];

    /// <summary>Free thousandths of all accelerators of a node.</summary>
    public int IdleMilli(int node) => idleMilli[node];

    /// <summary>Accelerators of a node that nobody uses.</summary>
    public int WholeFree(int node) => wholeFree[node];

    public int Model(int node) => models[node];

    /// <summary>Grows with every change of a node.</summary>
    public int Changes(int node) => changes[node];

    public ReadOnlySpan<short> Devices(int node) =>
        deviceMilli.AsSpan(firstDevice[node], firstDevice[node + 1] - firstDevice[node]);

    public bool Fits(int node, in PackingKind kind)
    {
        if (cpuMilli[node] < kind.CpuMilli || memoryMib[node] < kind.MemoryMib) return false;
        if (!kind.NeedsAccelerator) return true;
        if ((kind.Models >> models[node] & 1) == 0) return false;
        if (kind.ShareMilli == 0) return wholeFree[node] >= kind.Accelerators;
        if (wholeFree[node] > 0) return true;
        if (idleMilli[node] < kind.ShareMilli) return false;
        foreach (var free in Devices(node))
        {
            if (free >= kind.ShareMilli) return true;
        }

        return false;
    }

    /// <summary>The lowest accelerators that are wholly free.</summary>
    public ulong LowestWhole(int node, int count)
    {
        ulong chosen = 0;
        var devices = Devices(node);
        for (var device = 0; device < devices.Length && count > 0; device++)
        {
            if (devices[device] != NodeColumns.WholeMilli) continue;
            chosen |= 1UL << device;
            count--;
        }

        return chosen;
    }

    /// <summary>The fullest accelerator with room for a share, the lowest of equals.</summary>
    public ulong Fullest(int node, int shareMilli)
    {
        var devices = Devices(node);
        var best = -1;
        for (var device = 0; device < devices.Length; device++)
        {
            if (devices[device] >= shareMilli && (best < 0 || devices[device] < devices[best])) best = device;
        }

        return best < 0 ? 0 : 1UL << best;
    }

    /// <summary>Says what is free on a node.</summary>
    /// <returns>Whether that is anything else than before.</returns>
    public bool Set(int node, int cpu, int memory, ReadOnlySpan<short> devices)
    {
        var own = deviceMilli.AsSpan(firstDevice[node], firstDevice[node + 1] - firstDevice[node]);
        if (cpuMilli[node] == cpu && memoryMib[node] == memory && own.SequenceEqual(devices)) return false;
        devices.CopyTo(own);
        (cpuMilli[node], memoryMib[node], idleMilli[node], wholeFree[node]) = (cpu, memory, 0, 0);
        changes[node]++;
        foreach (var free in devices)
        {
            idleMilli[node] += free;
            if (free == NodeColumns.WholeMilli) wholeFree[node]++;
        }

        return true;
    }

    /// <summary>Takes what a unit uses; the caller knows that there is room.</summary>
    public void Take(int node, in PackingKind kind, ulong devices) => Change(node, kind, devices, -1);

    /// <summary>Gives back what a unit used.</summary>
    public void Give(int node, in PackingKind kind, ulong devices) => Change(node, kind, devices, 1);

    private void Change(int node, in PackingKind kind, ulong devices, int sign)
    {
        cpuMilli[node] += sign * kind.CpuMilli;
        memoryMib[node] += sign * kind.MemoryMib;
        changes[node]++;
        for (var left = devices; left != 0; left &= left - 1)
        {
            ref var free = ref deviceMilli[firstDevice[node] + BitOperations.TrailingZeroCount(left)];
            if (free == NodeColumns.WholeMilli) wholeFree[node]--;
            free += (short)(sign * kind.DeviceMilli);
            if (free == NodeColumns.WholeMilli) wholeFree[node]++;
            idleMilli[node] += sign * kind.DeviceMilli;
        }
    }
}

/// <summary>What a node has when nothing runs on it.</summary>
/// <param name="Model">Number of its accelerator model, below 64; any number when it has none.</param>
internal readonly record struct NodeShape(int CpuMilli, int MemoryMib, int Accelerators, int Model);
