using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using ControlPlane.Policies;
using ControlPlane.Workloads;

namespace ControlPlane.Reviews;

/// <summary>A workload of a case: what policies may look at, with small needs unless it says otherwise.</summary>
public sealed record WorkloadFixture
{
    [Description("Class of the data it handles.")]
    public required DataClassId DataClass { get; init; }

    [Description("Tenant; some-tenant when left out.")]
    public TenantId? Tenant { get; init; }

    [Description("service, batch or gang; service when left out.")]
    public WorkloadKind Kind { get; init; }

    [Description("Labels of the workload.")]
    [MaxLength(64)]
    public Seq<LabelMatch> Labels { get; init; }

    [Description("Jurisdictions the request itself allows.")]
    public Seq<JurisdictionId> Residency { get; init; }

    [Description("Access laws that the request itself excludes.")]
    public Seq<AccessLawId> ExcludeAccessLaws { get; init; }

    [Description("Regions that the request itself allows; all when left out.")]
    public Seq<RegionId> AllowRegions { get; init; }

    [Description("Regions that the request itself denies.")]
    public Seq<RegionId> DenyRegions { get; init; }

    [Description("Region the workload would rather run in or near.")]
    public RegionId? HomeRegion { get; init; }

    [Description("Jurisdiction whose law governs the data.")]
    public JurisdictionId? DataOrigin { get; init; }

    [Description("Places or regions that hold a copy of the data; [] says that none does.")]
    [MaxLength(64)]
    public Seq<RegionId>? DataCopies { get; init; }

    [Description("Country in which whoever controls the tenant has its seat.")]
    public JurisdictionId? TenantHome { get; init; }

    [Description("Signer of the artefact that is run; nothing is declared of it when left out.")]
    public string? SignedBy { get; init; }

    [Description("Units; 1 when left out.")]
    [Range(1, 4096)]
    public int? Units { get; init; }

    [Description("Accelerators of one unit; none when left out.")]
    [Range(1, 64)]
    public int? Accelerators { get; init; }

    [Description("Priority, 0 to 1000; 0 when left out.")]
    [Range(0, 1000)]
    public int? Priority { get; init; }

    /// <summary>The request as the decision engine knows it.</summary>
    public PlacementRequest Request() => new()
    {
        Tenant = Tenant ?? new TenantId("some-tenant"),
        Workload = "case",
        Kind = Kind,
        DataClass = DataClass,
        Labels = Labels.Select(label => new Label(label.Key, label.Value))
            .OrderBy(label => label.Key, StringComparer.Ordinal).ToSeq(),
        Residency = Residency,
        ExcludeAccessLaws = ExcludeAccessLaws,
        AllowRegions = AllowRegions,
        DenyRegions = DenyRegions,
        HomeRegion = HomeRegion,
        DataOrigin = DataOrigin,
        DataCopies = DataCopies,
        TenantHome = TenantHome,
        Artefact = SignedBy is { } signer ? new Artefact($"sha256:{new string('0', 64)}", signer) : null,
        Units = Units ?? 1,
        Unit = new UnitNeed { Accelerators = Accelerators ?? 0, CpuMilli = 1_000, MemoryMib = 1_024 },
        Priority = Priority ?? 0,
    };
}

/// <summary>Something that runs already when a case is judged.</summary>
public sealed record UseFixture
{
    [Description("Tenant; some-tenant when left out.")]
    public TenantId? Tenant { get; init; }

    [Description("Place of the file, or declared node pool, that it runs at.")]
    public required string At { get; init; }

    [Description("Accelerators in use.")]
    [Range(1, 100_000)]
    public required int Accelerators { get; init; }
}
