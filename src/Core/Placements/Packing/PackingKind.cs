using ControlPlane.Inventory;

namespace ControlPlane.Placements.Packing;

/// <summary>
/// What packing looks at of a unit: equal units are one kind. Models are bits, one for each accelerator model that
/// will do; a kind without accelerators runs on any node.
/// </summary>
internal readonly record struct PackingKind(
    int CpuMilli, int MemoryMib, int Accelerators, int ShareMilli, ulong Models)
{
    /// <summary>Any model will do.</summary>
    public const ulong AnyModel = ulong.MaxValue;

    public bool NeedsAccelerator => Accelerators > 0 || ShareMilli > 0;

    /// <summary>Accelerators it runs on: those it has whole, or the one it shares.</summary>
    public int Devices => ShareMilli > 0 ? 1 : Accelerators;

    /// <summary>Thousandths it takes of each.</summary>
    public int DeviceMilli => ShareMilli > 0 ? ShareMilli : NodeColumns.WholeMilli;

    public int TotalMilli => NeedsAccelerator ? Devices * DeviceMilli : 0;

    /// <summary>Any order of kinds will do where it decides between equals, as long as it is always the same.</summary>
    public (int, int, int, int, ulong) FixedOrder => (CpuMilli, MemoryMib, Accelerators, ShareMilli, Models);
}
