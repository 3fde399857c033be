using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using ControlPlane.Files;
using ControlPlane.Regions;

namespace ControlPlane.Policies;

/// <summary>
/// Keeps every region able to lose any one of its sites: of each model, what is in use at a site must find room at the
/// other sites of the region. A region with one site has nowhere to go and takes nothing.
/// </summary>
[FileCase("failoverReserve")]
public sealed record FailoverReserveRule : CapacityRule
{
    [Description("Models the reserve is kept of; all when left out.")]
    public Seq<SkuId> Skus { get; init; }

    [Description("Requests of at least this priority, such as those of a failover, may use the reserve.")]
    [Range(1, 1000)]
    public required int OpenFromPriority { get; init; }

    [Description("true: work with the label preemptible: \"true\" may use the reserve, and ends as soon as other work "
        + "that the policy matches needs the room.")]
    public bool Lends { get; init; }

    public bool Covers(Sku? sku, int priority) =>
        sku is not null && (Skus.Count == 0 || Skus.Contains(sku.Id)) && priority < OpenFromPriority;

    /// <summary>
    /// Accelerators that may still be taken in a region so that each site's could move to the others. Exact: wherever
    /// in the region a unit goes, the site's use and the others' room together lose exactly its accelerators.
    /// </summary>
    /// <param name="sites">Free and used of one model at each site of the region.</param>
    public static long LeftMilli(IReadOnlyCollection<(long FreeMilli, long UsedMilli)> sites) =>
        Math.Max(0, UnclippedMilli(sites));

    /// <summary>The same, below zero where the region could not lose a site already.</summary>
    internal static long UnclippedMilli(IReadOnlyCollection<(long FreeMilli, long UsedMilli)> sites)
    {
        var free = sites.Sum(site => site.FreeMilli);
        return sites.Select(site => free - site.FreeMilli - site.UsedMilli).DefaultIfEmpty(0).Min();
    }

    public override IEnumerable<Problem> Check(Fleet fleet, string path) =>
        RuleChecks.Skus(fleet, Skus, $"{path}.skus");
}
