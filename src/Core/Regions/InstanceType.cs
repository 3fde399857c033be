using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using ControlPlane.Files;

namespace ControlPlane.Regions;

/// <summary>A machine type of a provider: what a node of it has.</summary>
public sealed record InstanceType
{
    [Description("Provider, such as aws.")]
    [NameFormat(NameFormatAttribute.DefaultPattern, NameFormatAttribute.DefaultExplanation)]
    public required string Provider { get; init; }

    [Description("The provider's own name of the type.")]
    [NameFormat("^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$", "1 to 63 letters, digits, dots, underscores and hyphens")]
    public required string Type { get; init; }

    [Description("Accelerator model, an id of catalog/accelerators.yaml; none for types without accelerators.")]
    public SkuId? Sku { get; init; }

    [Description("Accelerators in each node; 0 for types without.")]
    [Range(0, 1_024)]
    public required int AcceleratorsPerNode { get; init; }

    [Description("Thousandths of a CPU core in each node.")]
    [Range(1, int.MaxValue)]
    public required long CpuMilliPerNode { get; init; }

    [Description("Memory of each node in MiB.")]
    [Range(1, int.MaxValue)]
    public required long MemoryMibPerNode { get; init; }

    [Description("Network of a node in gigabits per second.")]
    [Range(0.001, 1_000_000)]
    public decimal? NetworkGigabitsPerSecond { get; init; }

    [Description("Network interfaces that reach other nodes' memory directly.")]
    [Range(1, 1_024)]
    public int? RdmaInterfaces { get; init; }

    [Description("Where the figures come from.")]
    public required Evidence Evidence { get; init; }

    /// <summary>Whether nodes of a pool have the shape of this type.</summary>
    internal bool Fits(NodePoolSpec pool) =>
        pool.Sku == Sku
        && pool.AcceleratorsPerNode == AcceleratorsPerNode
        && pool.CpuMilliPerNode == CpuMilliPerNode
        && pool.MemoryMibPerNode == MemoryMibPerNode;
}
