using ControlPlane.Inventory;
using ControlPlane.Regions;

namespace ControlPlane.Capacity;

/// <summary>What the figures of a capacity report count.</summary>
public enum CapacityUnit
{
    Accelerators,

    /// <summary>Dense TFLOP/s at a precision; models without a published figure count as nothing.</summary>
    Bf16,
    Fp8,
    Fp4,

    /// <summary>Facility power that the accelerators draw at full use, without their hosts.</summary>
    Megawatts,
}

/// <summary>Turns accelerators of a pool into what is counted.</summary>
internal static class CapacityUnits
{
    /// <summary>Of one accelerator: TFLOP/s, or watts.</summary>
    public static decimal PerAccelerator(CapacityUnit unit, FleetPool pool) => unit switch
    {
        CapacityUnit.Bf16 => pool.Sku?.Teraflops.Bf16 ?? 0,
        CapacityUnit.Fp8 => pool.Sku?.Teraflops.Fp8 ?? 0,
        CapacityUnit.Fp4 => pool.Sku?.Teraflops.Fp4 ?? 0,
        CapacityUnit.Megawatts => pool.UnitMilliwatts(NodeColumns.WholeMilli, cpuMilli: 0) / 1000m,
        _ => 1,
    };
}
