using ControlPlane.Regions;

namespace ControlPlane.Inventory;

/// <summary>What a search asks about a pool first; small, so that a look at many pools costs little.</summary>
internal struct PoolGlance
{
    /// <summary>Thousandths of the accelerators that are free; 0 where there are none.</summary>
    public ushort FreeAcceleratorShare;

    /// <summary>Thousandths of the CPU that are free; 0 where there is none.</summary>
    public ushort FreeCpuShare;

    /// <summary>Accelerators that nobody uses on the node that has the most of them.</summary>
    public byte MostWholeFree;

    /// <summary>Grows with every change of a node.</summary>
    public int Changes;
}

/// <summary>What is free in a pool, and where its nodes, devices and counts begin in the columns.</summary>
internal record struct PoolRoom
{
    public long FreeAcceleratorMilli;
    public long FreeCpuMilli;
    public long FreeMemoryMib;

    /// <summary>All of the accelerators, in thousandths.</summary>
    public long AcceleratorMilli;

    /// <summary>All of the CPU.</summary>
    public long CpuMilli;
    public long CpuMilliPerNode;
    public long MemoryMibPerNode;

    /// <summary>Accelerators of a node.</summary>
    public int PerNode;
    public int FirstNode;
    public int FirstDevice;
    public int FirstCount;

    /// <summary>A pool that nothing was taken of.</summary>
    public static PoolRoom OfEmpty(FleetPool pool) => new()
    {
        FreeAcceleratorMilli = pool.AcceleratorMilli,
        FreeCpuMilli = pool.Spec.CpuMilliPerNode * pool.Nodes,
        FreeMemoryMib = pool.Spec.MemoryMibPerNode * pool.Nodes,
        AcceleratorMilli = pool.AcceleratorMilli,
        CpuMilli = pool.Spec.CpuMilliPerNode * pool.Nodes,
        CpuMilliPerNode = pool.Spec.CpuMilliPerNode,
        MemoryMibPerNode = pool.Spec.MemoryMibPerNode,
        PerNode = pool.Spec.AcceleratorsPerNode,
    };
}

/// <summary>What is free on a node.</summary>
internal struct NodeRoom
{
    public long FreeCpuMilli;
    public long FreeMemoryMib;

    /// <summary>Thousandths free on all accelerators together.</summary>
    public int FreeMilli;

    /// <summary>Accelerators that nobody uses.</summary>
    public byte WholeFree;
}
