using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using ControlPlane.Files;
using ControlPlane.Regions;

namespace ControlPlane.Policies;

/// <summary>What a cap is counted over.</summary>
public enum CapScope
{
    Site,
    Region,
}

/// <summary>
/// Keeps a share of each model's accelerators free at every site or in every region, for failover and for work that
/// matters more. Requests the policy matches stop before the reserve.
/// </summary>
[FileCase("capacityReserve")]
public sealed record CapacityReserveRule : CapacityRule
{
    [Description("Percent of the allocatable accelerators that stay free, 1 to 99.")]
    [Range(1, 99)]
    public required int Percent { get; init; }

    [Description("site or region.")]
    public required CapScope Over { get; init; }

    [Description("Models the reserve is kept of; all when left out.")]
    public Seq<SkuId> Skus { get; init; }

    [Description("Requests of at least this priority may use the reserve.")]
    [Range(0, 1000)]
    public int? OpenFromPriority { get; init; }

    /// <summary>Accelerators the rule lets be used out of so many, in thousandths.</summary>
    public long UsableMilli(long installedMilli) => installedMilli * (100 - Percent) / 100;

    public bool Covers(Sku? sku, int priority) =>
        sku is not null && (Skus.Count == 0 || Skus.Contains(sku.Id))
            && !(OpenFromPriority is { } open && priority >= open);

    public override IEnumerable<Problem> Check(Fleet fleet, string path) =>
        RuleChecks.Skus(fleet, Skus, $"{path}.skus");
}
