using System.ComponentModel;
using ControlPlane.Files;

namespace ControlPlane.Regions;

/// <summary>What <c>catalog/accelerators.yaml</c> holds.</summary>
internal sealed record AcceleratorCatalog
{
    [Description("Accelerator models.")]
    public required Seq<Sku> Accelerators { get; init; }
}

/// <summary>What <c>catalog/instance-types.yaml</c> holds.</summary>
internal sealed record InstanceTypeCatalog
{
    [Description("Machine types of the providers that stacks can declare clusters on.")]
    public required Seq<InstanceType> InstanceTypes { get; init; }
}

/// <summary>What <c>catalog/jurisdictions.yaml</c> holds.</summary>
internal sealed record JurisdictionCatalog
{
    [Description("Assurance schemes that belong to no single jurisdiction, such as ISO_27001.")]
    [NameFormat("^[A-Z][A-Z0-9_]{1,63}$", "upper-case letters, digits and underscores")]
    public Seq<string> InternationalSchemes { get; init; }

    [Description("Countries and groups of countries.")]
    public required Seq<Jurisdiction> Jurisdictions { get; init; }
}

/// <summary>What <c>catalog/legal-entities.yaml</c> holds.</summary>
internal sealed record LegalEntityCatalog
{
    [Description("Companies and public bodies.")]
    public required Seq<LegalEntity> LegalEntities { get; init; }
}

/// <summary>What <c>catalog/provider-regions.yaml</c> holds.</summary>
internal sealed record ProviderRegionCatalog
{
    [Description("Regions of cloud and hosting providers under their own names.")]
    public required Seq<ProviderRegion> ProviderRegions { get; init; }
}

/// <summary>What <c>catalog/sources.yaml</c> holds.</summary>
internal sealed record SourceCatalog
{
    [Description("What facts were read from.")]
    public required Seq<Source> Sources { get; init; }
}
