using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace ControlPlane.Regions;

/// <summary>Data that workloads read: whose it is, how much, its home, and where copies of it are kept.</summary>
public sealed record DatasetSpec
{
    [Description("Identifies the dataset; unique over all files.")]
    public required DatasetId Dataset { get; init; }

    [Description("Whose data it is; only workloads of this tenant may name it.")]
    public required TenantId Tenant { get; init; }

    [Description("Class of the data; the policies on this class say where it may be kept.")]
    public required DataClassId DataClass { get; init; }

    [Description("Jurisdiction whose law governs the data wherever it is; rules on transfers need it.")]
    public JurisdictionId? Origin { get; init; }

    [Description("Size in GiB; 1024 are a TiB.")]
    [Range(0.001, 1_000_000_000)]
    public required decimal SizeGib { get; init; }

    [Description("GiB that change in a day, and that every copy has to follow.")]
    [Range(0, 1_000_000_000)]
    public required decimal ChangeGibPerDay { get; init; }

    [Description("Home: a site of this region.")]
    public required SiteId Site { get; init; }

    [Description("Other sites, of any region, that hold a whole copy.")]
    [MaxLength(64)]
    public Seq<SiteId> Copies { get; init; }

    /// <summary>The home and every copy.</summary>
    public IEnumerable<SiteId> Places => Copies.Prepend(Site);
}

/// <summary>A network link between two sites; it holds in both directions.</summary>
public sealed record SiteLinkSpec
{
    [Description("A site of this region.")]
    public required SiteId From { get; init; }

    [Description("The other site, of any region.")]
    public required SiteId To { get; init; }

    [Description("Bandwidth in gigabits per second.")]
    [Range(0.001, 1_000_000)]
    public required decimal GigabitsPerSecond { get; init; }

    [Description("Price of moving one GiB in US dollars.")]
    [Range(0, 1_000)]
    public required decimal UsdPerGib { get; init; }

    [Description("Where the figures come from.")]
    public required Evidence Evidence { get; init; }
}
