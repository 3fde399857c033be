using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using ControlPlane.Files;
using ControlPlane.Server.Hosting;

namespace ControlPlane.Server.Placements;

// Bodies are read by RequestReader; these show their form in the document of the API, and a test keeps the two alike.

/// <summary>Asks for a place for a workload.</summary>
internal sealed record PlacementBody : PlacementFields;

/// <summary>Says what a workload needs, whether its place is bound or held.</summary>
internal abstract record PlacementFields
{
    [Description("Whose the workload is.")]
    [RegularExpression(NameFormatAttribute.DefaultPattern)]
    public required string Tenant { get; init; }

    [Description("Name of the workload, unique within the tenant as far as the tenant cares.")]
    [RegularExpression(NameFormatAttribute.DefaultPattern)]
    public required string Workload { get; init; }

    [Description("service: replicas until stopped; batch: independent tasks; gang: all or none in one fabric domain.")]
    [AllowedText("service", "batch", "gang")]
    public required string Kind { get; init; }

    [Description("Class of the data it handles; policies match on it.")]
    [RegularExpression(NameFormatAttribute.DefaultPattern)]
    public required string DataClass { get; init; }

    [Description("At most 64 keys and values of the tenant; policies match on them, nothing else reads them.")]
    [Keys(RequestLimits.MostLabels, LabelReader.KeyPattern), EntryLength(RequestLimits.LongestLabelValue)]
    public IReadOnlyDictionary<string, string>? Labels { get; init; }

    [Description("Jurisdictions it may run in: ISO 3166 codes or groups such as EU. Left out: no limit of its own.")]
    [MinLength(1), MaxLength(RequestLimits.MostListEntries), EntryLength(RequestLimits.LongestReference)]
    public IReadOnlyList<string>? Residency { get; init; }

    [Description("Laws that must not be able to compel anyone who controls the place, such as US_CLOUD_ACT.")]
    [MaxLength(RequestLimits.MostListEntries), EntryLength(RequestLimits.LongestReference)]
    public IReadOnlyList<string>? ExcludeAccessLaws { get; init; }

    [Description("Regions it may and must not run in.")]
    public RegionsBody? Regions { get; init; }

    [Description("Jurisdiction whose law governs the data wherever it is.")]
    [MaxLength(RequestLimits.LongestReference)]
    public string? DataOrigin { get; init; }

    [Description("Regions that hold a copy of the data; an empty list says that there is none.")]
    [MaxLength(RequestLimits.MostListEntries), EntryLength(RequestLimits.LongestReference)]
    public IReadOnlyList<string>? DataCopies { get; init; }

    [Description("Declared datasets of the tenant that it reads. It runs only where each of them may lawfully be, and "
        + "comes back after a loss when they are there.")]
    [MaxLength(RequestLimits.MostListEntries), EntryLength(RequestLimits.LongestReference)]
    public IReadOnlyList<string>? Datasets { get; init; }

    [Description("Country in which whoever controls the tenant in the end has its seat.")]
    [MaxLength(RequestLimits.LongestReference)]
    public string? TenantHome { get; init; }

    [Description("The model or image that is run, and who signed it.")]
    public ArtefactBody? Artefact { get; init; }

    [Description("Least isolation from the work of other tenants.")]
    [AllowedText("shared", "dedicatedNode", "dedicatedSite")]
    public string? Isolation { get; init; }

    [Description("Whether nodes must protect memory so that their operator cannot read it.")]
    [DefaultValue(false)]
    public bool? Confidential { get; init; }

    [Description("Replicas, tasks or gang members, all alike.")]
    [Range(1, RequestLimits.MostUnits), DefaultValue(1)]
    public int? Units { get; init; }

    [Description("Accelerators of one unit; left out: none.")]
    public AcceleratorsBody? Accelerators { get; init; }

    [Description("Fabric that must join the nodes.")]
    [AllowedText("ethernet", "roce", "infiniband", "nvlink", "scaleUp")]
    public string? Fabric { get; init; }

    [Description("CPU of one unit in thousandths of a core.")]
    [Range(0, RequestLimits.MostCpuMilli)]
    public required long CpuMilli { get; init; }

    [Description("Memory of one unit.")]
    [Range(0, RequestLimits.MostMemoryMib)]
    public required long MemoryMib { get; init; }

    [Description("How units are spread; not for gangs.")]
    public SpreadBody? Spread { get; init; }

    [Description("Region it would rather run in or near.")]
    [MaxLength(RequestLimits.LongestReference)]
    public string? HomeRegion { get; init; }

    [Description("Higher goes first when room is short.")]
    [Range(0, RequestLimits.MostPriority), DefaultValue(0)]
    public int? Priority { get; init; }

    [Description("Workloads of the tenant that it has to be near, wherever they are placed; they move together.")]
    [MaxLength(RequestLimits.MostDependencies)]
    public IReadOnlyList<DependencyBody>? DependsOn { get; init; }

    [Description("What becomes of it when its site is cut off. exclusive: at most one copy ever runs, so it stops when "
        + "the site's lease ends, and then may move. sticky: it runs on, and is never moved without a confirmed stop "
        + "or an operator's statement that the site is dead.")]
    [AllowedText("exclusive", "sticky")]
    public string? RunClass { get; init; }

    [Description("Instant after which a placement is of no use, with its offset; must be in the future.")]
    public DateTimeOffset? Deadline { get; init; }

    [Description("Whether the answer carries every verdict on every candidate.")]
    [DefaultValue(false)]
    public bool? Explain { get; init; }
}

/// <summary>Asks for a place to be held, and for how long.</summary>
internal sealed record HoldBody : PlacementFields
{
    [Description("How long room is kept unless the hold is confirmed or released before.")]
    [Range(1, RequestLimits.MostHoldSeconds)]
    public required int HoldSeconds { get; init; }
}

/// <summary>Asks for several places at once.</summary>
internal sealed record BatchBody
{
    [Description("Decided in order, each for itself: one that is refused does not stop the others.")]
    [MinLength(1), MaxLength(RequestLimits.MostRequestsInBatch)]
    public required IReadOnlyList<PlacementBody> Requests { get; init; }
}

/// <summary>Names what is run and who signed it.</summary>
internal sealed record ArtefactBody
{
    [Description("Content digest.")]
    [RegularExpression("^sha256:[0-9a-f]{64}$")]
    public required string Digest { get; init; }

    [Description("Name of the signer; left out when nobody signed.")]
    [MinLength(1), MaxLength(RequestLimits.LongestSigner)]
    public string? SignedBy { get; init; }
}

/// <summary>Names regions that are allowed and denied.</summary>
internal sealed record RegionsBody
{
    [MinLength(1), MaxLength(RequestLimits.MostListEntries), EntryLength(RequestLimits.LongestReference)]
    public IReadOnlyList<string>? Allow { get; init; }

    [MaxLength(RequestLimits.MostListEntries), EntryLength(RequestLimits.LongestReference)]
    public IReadOnlyList<string>? Deny { get; init; }
}

/// <summary>Asks for the accelerators of one unit: exactly one of count and shareMilli.</summary>
internal sealed record AcceleratorsBody
{
    [Description("Whole accelerators on one node.")]
    [Range(1, RequestLimits.MostAccelerators)]
    public int? Count { get; init; }

    [Description("Thousandths of one accelerator.")]
    [Range(1, RequestLimits.MostShareMilli)]
    public int? ShareMilli { get; init; }

    [Description("Accepted models; left out: any that does.")]
    [MinLength(1), MaxLength(RequestLimits.MostListEntries), EntryLength(RequestLimits.LongestReference)]
    public IReadOnlyList<string>? Skus { get; init; }

    [Range(0.001, RequestLimits.MostMemoryGib)]
    public decimal? MinMemoryGib { get; init; }

    [Range(0.001, RequestLimits.MostBandwidthGigabytesPerSecond)]
    public decimal? MinBandwidthGigabytesPerSecond { get; init; }

    [Description("Dense arithmetic, by precision.")]
    public TeraflopsBody? MinTeraflops { get; init; }
}

/// <summary>Asks for dense arithmetic by precision, in TFLOP/s.</summary>
internal sealed record TeraflopsBody
{
    [Range(0.001, RequestLimits.MostTeraflops)]
    public decimal? Bf16 { get; init; }

    [Range(0.001, RequestLimits.MostTeraflops)]
    public decimal? Fp8 { get; init; }

    [Range(0.001, RequestLimits.MostTeraflops)]
    public decimal? Fp4 { get; init; }
}

/// <summary>Names a workload that must be near.</summary>
internal sealed record DependencyBody
{
    [Description("Name of a workload of the same tenant that has a place; of several of the name any will do.")]
    [RegularExpression(NameFormatAttribute.DefaultPattern)]
    public required string Workload { get; init; }

    [Description("How near: every unit at a site, or in a region, where the other has one.")]
    [AllowedText("site", "region")]
    public required string Within { get; init; }
}

/// <summary>Asks for units to be spread.</summary>
internal sealed record SpreadBody
{
    [AllowedText("site", "region")]
    public required string Over { get; init; }

    [Description("At least so many sites or regions get a unit; at most as many as there are units.")]
    [Range(1, RequestLimits.MostUnits)]
    public required int MinDomains { get; init; }

    [Description("Among those used, the fullest has at most so many units more than the emptiest.")]
    [Range(0, RequestLimits.MostUnits)]
    public required int MaxSkew { get; init; }
}
