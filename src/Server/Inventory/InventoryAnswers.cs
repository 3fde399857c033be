using System.ComponentModel;
using ControlPlane.Server.Hosting;

namespace ControlPlane.Server.Inventory;

/// <summary>Shows a region: who operates it under whose law, and what it has.</summary>
internal sealed record RegionAnswer
{
    public required string Id { get; init; }
    public required string Name { get; init; }
    public required string Jurisdiction { get; init; }

    [Description("Legal entity that operates the region.")]
    public required string Operator { get; init; }

    [Description("Laws by which some state can compel someone who controls a cluster of the region.")]
    public required IReadOnlyList<string> AccessLaws { get; init; }

    public required IReadOnlyList<string> Sites { get; init; }

    [Description("Accelerators that are installed.")]
    public required long Accelerators { get; init; }

    [Description("Accelerators that neither a placement nor a hold has.")]
    public required decimal AcceleratorsFree { get; init; }
}

/// <summary>Shows a site: a building with a power feed.</summary>
internal sealed record SiteAnswer
{
    public required string Id { get; init; }
    public required string Region { get; init; }
    public required string Country { get; init; }
    public required string City { get; init; }

    [Description("active takes workloads; building and announced do not yet.")]
    [AllowedText("active", "building", "announced")]
    public required string Status { get; init; }

    [Description("Power usage effectiveness: power of the building over power of its computers.")]
    public required decimal Pue { get; init; }

    [Description("Contracted power from one day on, ordered by day.")]
    public required IReadOnlyList<PowerPhaseAnswer> PowerPhases { get; init; }

    [Description("Accelerators that are installed.")]
    public required long Accelerators { get; init; }

    [Description("Accelerators that neither a placement nor a hold has.")]
    public required decimal AcceleratorsFree { get; init; }
}

/// <summary>Shows the contracted power from one day on.</summary>
internal sealed record PowerPhaseAnswer(DateOnly From, decimal Megawatts);

/// <summary>Shows a node pool: equal nodes of one cluster.</summary>
internal sealed record NodePoolAnswer
{
    public required string Id { get; init; }
    public required string Region { get; init; }
    public required string Site { get; init; }
    public required string Cluster { get; init; }

    [Description("Accelerator model; absent for nodes without.")]
    public string? Sku { get; init; }

    [AllowedText("ethernet", "roce", "infiniband", "nvlink", "scaleUp")]
    public required string Fabric { get; init; }

    public required int Nodes { get; init; }
    public required int AcceleratorsPerNode { get; init; }
    public required long AcceleratorMilli { get; init; }
    public required long AcceleratorMilliFree { get; init; }
    public required long CpuMilliFree { get; init; }
    public required long MemoryMibFree { get; init; }

    [Description("Of one accelerator, or of one node of a pool without.")]
    public required decimal UsdPerHour { get; init; }
}

/// <summary>Shows an accelerator model.</summary>
internal sealed record SkuAnswer
{
    public required string Id { get; init; }
    public required string Vendor { get; init; }
    public required string Model { get; init; }
    public decimal? MemoryGib { get; init; }
    public decimal? BandwidthGigabytesPerSecond { get; init; }

    [Description("Dense arithmetic by precision; what no source gives is absent.")]
    public required TeraflopsAnswer Teraflops { get; init; }

    public required int Watts { get; init; }
    public required string Status { get; init; }
    public required string Programmability { get; init; }
}

/// <summary>Shows arithmetic by precision, in TFLOP/s.</summary>
internal sealed record TeraflopsAnswer(decimal? Bf16, decimal? Fp8, decimal? Fp4);

/// <summary>Holds one page of regions.</summary>
internal sealed record RegionPage(IReadOnlyList<RegionAnswer> Regions, string? NextPageToken);

/// <summary>Holds one page of sites.</summary>
internal sealed record SitePage(IReadOnlyList<SiteAnswer> Sites, string? NextPageToken);

/// <summary>Holds one page of node pools.</summary>
internal sealed record NodePoolPage(IReadOnlyList<NodePoolAnswer> NodePools, string? NextPageToken);

/// <summary>Holds one page of accelerator models.</summary>
internal sealed record SkuPage(IReadOnlyList<SkuAnswer> Skus, string? NextPageToken);
