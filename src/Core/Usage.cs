namespace ControlPlane;

/// <summary>What is used: accelerators and CPU in thousandths, memory in MiB.</summary>
public readonly record struct Usage(long AcceleratorMilli, long CpuMilli, long MemoryMib);

/// <summary>Names what use is counted by; model -1 is work without accelerators.</summary>
internal readonly record struct UsageKey(TenantId Tenant, int Region, int Sku)
{
    /// <summary>Stands for all regions together.</summary>
    public const int AllRegions = -1;
}
