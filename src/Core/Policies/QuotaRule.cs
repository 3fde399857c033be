using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using ControlPlane.Files;
using ControlPlane.Regions;

namespace ControlPlane.Policies;

/// <summary>What a quota adds up.</summary>
public enum QuotaScope
{
    /// <summary>Everything of the tenant together.</summary>
    All,

    /// <summary>Each region by itself.</summary>
    Region,
}

/// <summary>Limits what each matching tenant may use at once, in all or in each region, of the models named.</summary>
[FileCase("quota")]
public sealed record QuotaRule : CapacityRule
{
    [Description("Most accelerators a tenant may use at once.")]
    [Range(0, 10_000_000)]
    public int? Accelerators { get; init; }

    [Description("Most CPU a tenant may use at once, in thousandths of a core.")]
    [Range(0, 1e15)]
    public long? CpuMilli { get; init; }

    [Description("Most memory a tenant may use at once, in MiB.")]
    [Range(0, 1e15)]
    public long? MemoryMib { get; init; }

    [Description("all adds up every region, region limits each one by itself.")]
    public required QuotaScope Over { get; init; }

    [Description("Regions that are limited, with over: region; every region when left out.")]
    public Seq<RegionId> Regions { get; init; }

    [Description("Models that count; all, and work without accelerators, when left out.")]
    public Seq<SkuId> Skus { get; init; }

    public bool Counts(RegionId region) => Regions.Count == 0 || Regions.Contains(region);

    public bool Counts(Sku? sku) => Skus.Count == 0 || (sku is not null && Skus.Contains(sku.Id));

    public override IEnumerable<Problem> Check(Fleet fleet, string path)
    {
        if (Accelerators is null && CpuMilli is null && MemoryMib is null)
            yield return new(
                "policy-blank", path, "a quota needs accelerators, cpuMilli or memoryMib; blank never means allow");
        if (Over == QuotaScope.All && Regions.Count > 0)
            yield return new(
                "rule-conflict", $"{path}.regions", "over: all adds up every region; name regions with over: region");
        foreach (var problem in RuleChecks.Regions(fleet, Regions, $"{path}.regions")) yield return problem;
        foreach (var problem in RuleChecks.Skus(fleet, Skus, $"{path}.skus")) yield return problem;
    }
}
