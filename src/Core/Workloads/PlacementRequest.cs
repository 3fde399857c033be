namespace ControlPlane.Workloads;

/// <summary>How the units of a workload run.</summary>
public enum WorkloadKind
{
    /// <summary>Replicas that run until stopped; they may be spread over sites and regions.</summary>
    Service,

    /// <summary>Independent tasks that run to their end.</summary>
    Batch,

    /// <summary>Members that run together or not at all, inside one fabric domain.</summary>
    Gang,
}

/// <summary>
/// What a workload asks for: whose it is, which data it handles, how many equal units it has, what each unit needs,
/// and where it would rather run. A request is checked before it is a <see cref="PlacementRequest"/>.
/// </summary>
public sealed record PlacementRequest
{
    public required TenantId Tenant { get; init; }

    /// <summary>Name of the workload, unique within the tenant as far as the tenant cares.</summary>
    public required string Workload { get; init; }

    public required WorkloadKind Kind { get; init; }

    public required DataClassId DataClass { get; init; }

    /// <summary>Ordered by key.</summary>
    public Seq<Label> Labels { get; init; }

    /// <summary>
    /// Jurisdictions and groups the workload may run in; empty when the request itself sets no limit.
    /// </summary>
    public Seq<JurisdictionId> Residency { get; init; }

    /// <summary>Laws that must not be able to compel anyone who controls the place.</summary>
    public Seq<AccessLawId> ExcludeAccessLaws { get; init; }

    /// <summary>Regions the workload may run in; empty when the request itself sets no limit.</summary>
    public Seq<RegionId> AllowRegions { get; init; }

    /// <summary>Regions the workload must not run in.</summary>
    public Seq<RegionId> DenyRegions { get; init; }

    /// <summary>Regions that hold a copy of the data; null when it is not declared, empty when there is none.</summary>
    public Seq<RegionId>? DataCopies { get; init; }

    /// <summary>Declared datasets that it reads, ordered; it may only run where each of them may be.</summary>
    public Seq<DatasetId> Datasets { get; init; }

    /// <summary>Jurisdiction whose law governs the data wherever it is; null when it is not declared.</summary>
    public JurisdictionId? DataOrigin { get; init; }

    /// <summary>Country in which whoever controls the tenant in the end has its seat; null when not declared.</summary>
    public JurisdictionId? TenantHome { get; init; }

    /// <summary>The model or image that is run; null when it is not declared.</summary>
    public Artefact? Artefact { get; init; }

    /// <summary>Least isolation from other tenants.</summary>
    public IsolationLevel Isolation { get; init; }

    /// <summary>Replicas of a service, tasks of a batch, members of a gang.</summary>
    public required int Units { get; init; }

    /// <summary>What one unit needs on one node.</summary>
    public required UnitNeed Unit { get; init; }

    /// <summary>How units are spread; null when they may run together.</summary>
    public SpreadNeed? Spread { get; init; }

    /// <summary>Region the workload would rather run in or near.</summary>
    public RegionId? HomeRegion { get; init; }

    /// <summary>0 to 1,000; higher goes first when room is short.</summary>
    public int Priority { get; init; }

    /// <summary>Workloads of the tenant that it has to be near, each once.</summary>
    public Seq<Dependency> DependsOn { get; init; }

    /// <summary>What becomes of it when its site is cut off.</summary>
    public RunClass RunClass { get; init; }

    /// <summary>Instant after which a placement is of no use.</summary>
    public DateTimeOffset? Deadline { get; init; }

    /// <summary>Accelerators of all units in thousandths.</summary>
    public long AcceleratorMilliTotal => (long)Units * Unit.AcceleratorMilli;
}

/// <summary>A key and a value that the tenant puts on a workload.</summary>
public readonly record struct Label(string Key, string Value);

/// <summary>What one unit needs on one node.</summary>
public sealed record UnitNeed
{
    /// <summary>Whole accelerators of one unit; 0 for none or for a fraction.</summary>
    public int Accelerators { get; init; }

    /// <summary>Thousandths of one single accelerator, 1 to 999; 0 for none or for whole ones.</summary>
    public int AcceleratorShareMilli { get; init; }

    /// <summary>Accepted models; empty when any capable model will do.</summary>
    public Seq<SkuId> Skus { get; init; }

    public decimal? MinMemoryGib { get; init; }

    public decimal? MinBandwidthGigabytesPerSecond { get; init; }

    public decimal? MinTeraflopsBf16 { get; init; }

    public decimal? MinTeraflopsFp8 { get; init; }

    public decimal? MinTeraflopsFp4 { get; init; }

    /// <summary>Fabric the nodes must be joined by; null when any will do.</summary>
    public Regions.FabricKind? Fabric { get; init; }

    public required long CpuMilli { get; init; }

    public required long MemoryMib { get; init; }

    /// <summary>Whether nodes must protect memory so that their operator cannot read it.</summary>
    public bool Confidential { get; init; }

    public bool NeedsAccelerator => Accelerators > 0 || AcceleratorShareMilli > 0;

    /// <summary>Accelerators of one unit in thousandths.</summary>
    public int AcceleratorMilli => (Accelerators * 1000) + AcceleratorShareMilli;
}

/// <summary>What units are spread over.</summary>
public enum SpreadDomain
{
    Site,
    Region,
}

/// <summary>
/// Spreads units over at least <see cref="MinDomains"/> sites or regions, such that among those used the fullest holds
/// at most <see cref="MaxSkew"/> units more than the emptiest. Domains that get no unit do not count for the skew, so
/// a new site with little room never makes a request impossible.
/// </summary>
public sealed record SpreadNeed(SpreadDomain Over, int MinDomains, int MaxSkew);
