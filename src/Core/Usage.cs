namespace ControlPlane;

/// <summary>What is used: accelerators and CPU in thousandths, memory in MiB.</summary>
public readonly record struct Usage(long AcceleratorMilli, long CpuMilli, long MemoryMib);
