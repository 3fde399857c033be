using ControlPlane.Workloads;

namespace ControlPlane.Policies;

/// <summary>Everything about a request that law may look at; two requests with equal subjects have equal law.</summary>
public sealed record LawSubject
{
    public required TenantId Tenant { get; init; }
    public required DataClassId DataClass { get; init; }
    public required WorkloadKind Kind { get; init; }

    /// <summary>Ordered by key.</summary>
    public Seq<Label> Labels { get; init; }

    public Seq<JurisdictionId> Residency { get; init; }
    public Seq<AccessLawId> ExcludeAccessLaws { get; init; }
    public Seq<RegionId> AllowRegions { get; init; }
    public Seq<RegionId> DenyRegions { get; init; }

    /// <summary>Null when not declared, empty when there is no copy.</summary>
    public Seq<RegionId>? DataCopies { get; init; }

    /// <summary>Ordered.</summary>
    public Seq<DatasetId> Datasets { get; init; }

    public JurisdictionId? DataOrigin { get; init; }
    public JurisdictionId? TenantHome { get; init; }
    public RegionId? HomeRegion { get; init; }

    /// <summary>Whether accelerators are asked for.</summary>
    public bool NeedsAccelerator { get; init; }

    /// <summary>Whether the request says what it runs.</summary>
    public bool NamesArtefact { get; init; }

    public string? ArtefactSigner { get; init; }

    public static LawSubject Of(PlacementRequest request) => new()
    {
        Tenant = request.Tenant,
        DataClass = request.DataClass,
        Kind = request.Kind,
        Labels = request.Labels,
        Residency = request.Residency,
        ExcludeAccessLaws = request.ExcludeAccessLaws,
        AllowRegions = request.AllowRegions,
        DenyRegions = request.DenyRegions,
        DataCopies = request.DataCopies,
        Datasets = request.Datasets,
        DataOrigin = request.DataOrigin,
        TenantHome = request.TenantHome,
        HomeRegion = request.HomeRegion,
        NeedsAccelerator = request.Unit.NeedsAccelerator,
        NamesArtefact = request.Artefact is not null,
        ArtefactSigner = request.Artefact?.SignedBy,
    };

    /// <summary>Value of a label; null when it is not there.</summary>
    public string? LabelValue(string key)
    {
        foreach (var label in Labels.Span)
        {
            if (label.Key == key) return label.Value;
        }

        return null;
    }
}
