using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using ControlPlane.Files;

namespace ControlPlane.Regions;

/// <summary>
/// One region as its file declares it: one operator under one jurisdiction, with its claims, sites and links.
/// Nothing is inferred: what the file does not say is not so.
/// </summary>
public sealed record RegionSpec
{
    [Description("Identifies the region; unique over all files.")]
    public required RegionId Region { get; init; }

    [Description("Name for people.")]
    public required string Name { get; init; }

    [Description("Country whose law governs the region, ISO 3166 alpha-2 in quotes.")]
    public required JurisdictionId Jurisdiction { get; init; }

    [Description("Legal entity that operates the region; an id of catalog/legal-entities.yaml.")]
    public required LegalEntityId Operator { get; init; }

    [Description("Where the facts of the region itself come from.")]
    public required Evidence Evidence { get; init; }

    [Description("Dated, sourced facts that policies judge.")]
    public Seq<Claim> Claims { get; init; }

    [Description("Buildings with a power feed.")]
    [MinLength(1)]
    public required Seq<SiteSpec> Sites { get; init; }

    [Description("Network links to other regions; a link holds in both directions.")]
    public Seq<LinkSpec> Links { get; init; }

    [Description("Links between sites, where they are known better than as links between their regions.")]
    public Seq<SiteLinkSpec> SiteLinks { get; init; }

    [Description("Data whose home is a site of the region.")]
    public Seq<DatasetSpec> Datasets { get; init; }

    /// <summary>The file that declares the region, relative to the tree that was read.</summary>
    public string File { get; internal init; } = "";

    /// <summary>Whether the region is another cell's: known to law, and no place to decide for.</summary>
    public bool IsAbroad { get; internal init; }
}

/// <summary>A building with a power feed.</summary>
public sealed record SiteSpec
{
    [Description("Identifies the site; unique over all files.")]
    public required SiteId Site { get; init; }

    [Description("Country the building stands in; must lie in the region's jurisdiction.")]
    public required JurisdictionId Country { get; init; }

    [Description("City or nearest town.")]
    public required string City { get; init; }

    [Description("Degrees north.")]
    [Range(-90, 90)]
    public double? LatitudeDegrees { get; init; }

    [Description("Degrees east.")]
    [Range(-180, 180)]
    public double? LongitudeDegrees { get; init; }

    [Description("active takes workloads; building and announced do not yet.")]
    public required SiteStatus Status { get; init; }

    [Description("Where the facts of the site come from.")]
    public required Evidence Evidence { get; init; }

    [Description("Power contract and its growth.")]
    public required PowerSpec Power { get; init; }

    [Description("Clusters at the site.")]
    public required Seq<ClusterSpec> Clusters { get; init; }
}

/// <summary>Whether a site takes workloads.</summary>
public enum SiteStatus
{
    Active,
    Building,
    Announced,
}

/// <summary>Power of a site: what the contract gives, when it grows, what it costs and emits.</summary>
public sealed record PowerSpec
{
    [Description("Power usage effectiveness: facility power over IT power, at least 1.")]
    [Range(1, 3)]
    public required decimal Pue { get; init; }

    [Description("Contracted facility power by date; each phase holds from its date on and must not shrink.")]
    [MinLength(1)]
    public required Seq<PowerPhase> Phases { get; init; }

    [Description("Price of a megawatt-hour in US dollars.")]
    [Range(0, 10_000)]
    public required decimal UsdPerMegawattHour { get; init; }

    [Description("Grams of CO2 equivalent per kilowatt-hour.")]
    [Range(0, 2_000)]
    public required int CarbonGramsPerKilowattHour { get; init; }

    [Description("Where price, carbon and PUE come from.")]
    public required Evidence Evidence { get; init; }
}

/// <summary>Contracted facility power from one date on.</summary>
public sealed record PowerPhase
{
    [Description("First day of the phase (UTC).")]
    public required DateOnly From { get; init; }

    [Description("Contracted facility power in megawatts.")]
    [Range(0.001, 20_000)]
    public required decimal Megawatts { get; init; }

    [Description("Where the figure comes from.")]
    public required Evidence Evidence { get; init; }
}

/// <summary>What schedules a cluster's nodes.</summary>
public enum SchedulerKind
{
    Kubernetes,
    Slurm,
    Simulated,
}

/// <summary>A cluster at a site: node pools under one scheduler of one provider.</summary>
public sealed record ClusterSpec
{
    /// <summary>Provider of clusters on a floor of the operator's own.</summary>
    public const string OwnFloor = "onprem";

    internal const string KeyPattern = "^(arn:[!#-\\[\\]-~]{1,250}|https://[!#-\\[\\]-~]{1,250})$";

    internal const string KeyExplanation = "the ARN of a key, or its https address";

    [Description("Identifies the cluster; unique over all files.")]
    public required ClusterId Cluster { get; init; }

    [Description("What schedules the nodes.")]
    public required SchedulerKind Scheduler { get; init; }

    [Description("Provider of the cluster; an id of catalog/provider-regions.yaml, or onprem.")]
    [NameFormat(NameFormatAttribute.DefaultPattern, NameFormatAttribute.DefaultExplanation)]
    public required string Provider { get; init; }

    [Description("The provider's own name of its region.")]
    public required string ProviderRegion { get; init; }

    [Description("The customer's key of the cluster, as its stack made it; cplane inventory import writes it.")]
    [NameFormat(KeyPattern, KeyExplanation)]
    public string? KeyId { get; init; }

    [Description("Legal entity that runs the cluster when it is not the region's operator.")]
    public LegalEntityId? Operator { get; init; }

    [Description("Facts that hold for this cluster in addition to the region's.")]
    public Seq<Claim> Claims { get; init; }

    [Description("Pools of equal nodes.")]
    public required Seq<NodePoolSpec> NodePools { get; init; }
}

/// <summary>A pool of equal nodes.</summary>
public sealed record NodePoolSpec
{
    [Description("Identifies the pool; unique over all files.")]
    public required NodePoolId Pool { get; init; }

    [Description("Accelerator model, an id of catalog/accelerators.yaml; none for nodes without accelerators.")]
    public SkuId? Sku { get; init; }

    [Description("Accelerators in each node; 0 for nodes without.")]
    [Range(0, 1_024)]
    public required int AcceleratorsPerNode { get; init; }

    [Description("Nodes installed.")]
    [Range(0, 100_000)]
    public required int Nodes { get; init; }

    [Description("Nodes that workloads may use; at most the installed ones, all of them when left out.")]
    [Range(0, 100_000)]
    public int? AllocatableNodes { get; init; }

    [Description("Thousandths of a CPU core in each node.")]
    [Range(1, int.MaxValue)]
    public required long CpuMilliPerNode { get; init; }

    [Description("Memory of each node in MiB.")]
    [Range(1, int.MaxValue)]
    public required long MemoryMibPerNode { get; init; }

    [Description("Network that joins the nodes.")]
    public required FabricKind Fabric { get; init; }

    [Description("Nodes that share one non-blocking fabric domain; domains are consecutive nodes.")]
    [Range(1, 100_000)]
    public required int NodesPerFabricDomain { get; init; }

    [Description("true when nodes protect memory so that their operator cannot read it (confidential computing).")]
    public bool Confidential { get; init; }

    [Description("IT power of a node without its accelerators, in watts.")]
    [Range(0, 100_000)]
    public required int HostWatts { get; init; }

    [Description("Price of one accelerator for one hour in US dollars; of one node where there are none.")]
    [Range(0, 100_000)]
    public required decimal UsdPerHour { get; init; }

    [Description("The provider's machine type, one of catalog/instance-types.yaml; needed where several fit.")]
    public string? InstanceType { get; init; }

    [Description("How the provider assures the capacity; on demand when left out.")]
    public CapacitySpec? Capacity { get; init; }

    [Description("Day on which the installed nodes were last counted (UTC); freshness rules look at it.")]
    public DateOnly? CountedOn { get; init; }

    [Description("Where the figures come from.")]
    public required Evidence Evidence { get; init; }
}

/// <summary>Network that joins the nodes of a pool.</summary>
public enum FabricKind
{
    Ethernet,
    Roce,
    Infiniband,
    Nvlink,
    ScaleUp,
}

/// <summary>A network link from the declaring region to another.</summary>
public sealed record LinkSpec
{
    [Description("The other region.")]
    public required RegionId To { get; init; }

    [Description("Bandwidth in gigabits per second.")]
    [Range(0.001, 1_000_000)]
    public required decimal GigabitsPerSecond { get; init; }

    [Description("Round-trip time in milliseconds.")]
    [Range(0.001, 10_000)]
    public required decimal RoundTripMilliseconds { get; init; }

    [Description("Price of moving one GiB in US dollars.")]
    [Range(0, 1_000)]
    public required decimal UsdPerGib { get; init; }

    [Description("Where the figures come from.")]
    public required Evidence Evidence { get; init; }
}

/// <summary>How well a fact is known.</summary>
public enum Confidence
{
    Low,
    Medium,
    High,
}

/// <summary>
/// Where a fact comes from. Either a source is named, or the fact is marked as assumed; a fact with neither is refused.
/// </summary>
public sealed record Evidence
{
    [Description("Ids of catalog/sources.yaml.")]
    public Seq<string> Sources { get; init; }

    [Description("How well the fact is known.")]
    public required Confidence Confidence { get; init; }

    [Description("True for figures that no source gives.")]
    public bool Assumed { get; init; }

    [Description("What exactly is assumed or how the source was read.")]
    public string? Note { get; init; }
}
