using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using ControlPlane.Files;

namespace ControlPlane.Regions;

/// <summary>
/// What the region files refer to: accelerators, jurisdictions, legal entities, provider regions, sources.
/// </summary>
public sealed record Catalog
{
    public required Seq<Sku> Accelerators { get; init; }
    public Seq<InstanceType> InstanceTypes { get; init; }
    public required Seq<Jurisdiction> Jurisdictions { get; init; }
    public required Seq<LegalEntity> LegalEntities { get; init; }
    public required Seq<ProviderRegion> ProviderRegions { get; init; }
    public required Seq<Source> Sources { get; init; }
}

/// <summary>An accelerator model. Figures are the vendor's for dense arithmetic unless said otherwise.</summary>
public sealed record Sku
{
    [Description("Identifies the model.")]
    public required SkuId Id { get; init; }

    [Description("Vendor.")]
    public required string Vendor { get; init; }

    [Description("Model name of the vendor.")]
    public required string Model { get; init; }

    [Description("Microarchitecture.")]
    public required string Architecture { get; init; }

    [Description("Memory of one accelerator in gigabytes, as the vendor states it.")]
    [Range(0.001, 1_000_000)]
    public required decimal MemoryGigabytes { get; init; }

    [Description("Memory that software sees in GiB; the vendor's figure when it was never reported.")]
    [Range(0.001, 1_000_000)]
    public decimal? MemoryGib { get; init; }

    [Description("Kind of memory.")]
    public string? MemoryType { get; init; }

    [Description("Memory bandwidth in gigabytes per second.")]
    [Range(0.001, 1_000_000_000)]
    public decimal? BandwidthGigabytesPerSecond { get; init; }

    [Description("Dense TFLOP/s by precision: bf16, fp8, fp4.")]
    public TeraflopsByPrecision Teraflops { get; init; } = new();

    [Description("Power of one accelerator in watts.")]
    [Range(1, 1_000_000)]
    public required int Watts { get; init; }

    [Description("True when the power figure is an estimate because none is public.")]
    public bool WattsAssumed { get; init; }

    [Description("Link that joins accelerators in a scale-up domain.")]
    public required string Link { get; init; }

    [Description("One-way bandwidth of that link in gigabytes per second.")]
    [Range(0.001, 1_000_000_000)]
    public decimal? LinkGigabytesPerSecond { get; init; }

    [Description("Form factor.")]
    public required string FormFactor { get; init; }

    [Description("Accelerators in the usual node.")]
    [Range(1, 1_024)]
    public required int PerNode { get; init; }

    [Description("Most accelerators in one scale-up domain.")]
    [Range(1, 1_000_000)]
    public required int ScaleUpDomainMax { get; init; }

    [Description("Whether it can be bought.")]
    public required SkuStatus Status { get; init; }

    [Description("What can be programmed on it: general, inference_only, fixed_model:NAME, ...")]
    public required string Programmability { get; init; }

    [Description("Where the figures come from.")]
    public required Evidence Evidence { get; init; }
}

/// <summary>Whether an accelerator model can be bought.</summary>
public enum SkuStatus
{
    /// <summary>It is announced and not yet delivered.</summary>
    Announced,

    /// <summary>It is delivered.</summary>
    Shipping,

    /// <summary>It is no longer made.</summary>
    Eol,
}

/// <summary>
/// Dense TFLOP/s of one accelerator by precision; a precision that is not stated does not count as met.
/// </summary>
public sealed record TeraflopsByPrecision
{
    [Range(0.001, 100_000_000)]
    public decimal? Bf16 { get; init; }
    [Range(0.001, 100_000_000)]
    public decimal? Fp8 { get; init; }
    [Range(0.001, 100_000_000)]
    public decimal? Fp4 { get; init; }
}

/// <summary>A country or a group of countries, and how law reaches and data may leave it.</summary>
public sealed record Jurisdiction
{
    [Description("ISO 3166 alpha-2 code in quotes, or the name of a group.")]
    public required JurisdictionId Id { get; init; }

    [Description("Name for people.")]
    public required string Name { get; init; }

    [Description("True for a group of countries such as EU.")]
    public bool Group { get; init; }

    [Description("Groups it belongs to.")]
    public Seq<JurisdictionId> MemberOf { get; init; }

    [Description("Data and AI laws in force.")]
    public Seq<string> Laws { get; init; }

    [Description("Laws by which the state can compel an entity seated there to hand over data held anywhere.")]
    public Seq<AccessLawId> AccessLaws { get; init; }

    [Description("Assurance schemes of the jurisdiction.")]
    [NameFormat("^[A-Z][A-Z0-9_]{1,63}$", "upper-case letters, digits and underscores")]
    public Seq<string> AssuranceSchemes { get; init; }

    [Description("How strictly data must stay.")]
    public string? Localisation { get; init; }

    [Description("Legal bases on which personal data may go to other jurisdictions.")]
    public Seq<TransferBasis> TransferBases { get; init; }

    [Description("Where the facts come from.")]
    public required Evidence Evidence { get; init; }
}

/// <summary>On which legal ground personal data may go to another jurisdiction.</summary>
public enum TransferBasisKind
{
    /// <summary>No ground is known.</summary>
    None,

    /// <summary>Contract clauses that each exporter has to agree on and assess.</summary>
    ContractClauses,

    /// <summary>An adequacy decision that covers only some recipients.</summary>
    AdequacyPartial,

    /// <summary>An adequacy decision.</summary>
    Adequacy,

    /// <summary>Both lie in one legal area; nothing is transferred in the sense of the law.</summary>
    IntraGroup,
}

/// <summary>A legal basis for moving personal data to another jurisdiction, with its dates.</summary>
public sealed record TransferBasis
{
    [Description("Destination.")]
    public required JurisdictionId To { get; init; }

    [Description("Kind of basis.")]
    public required TransferBasisKind Basis { get; init; }

    [Description("First day (UTC).")]
    public DateOnly? ValidFrom { get; init; }

    [Description("Last day (UTC).")]
    public DateOnly? ValidTo { get; init; }

    [Description("Where the fact comes from.")]
    public required Evidence Evidence { get; init; }

    /// <summary>Whether the basis holds at an instant; one without dates holds always.</summary>
    public bool HoldsAt(DateTimeOffset asOf)
    {
        var day = DateOnly.FromDateTime(asOf.UtcDateTime);
        return (ValidFrom is not { } first || first <= day) && (ValidTo is not { } last || day <= last);
    }
}

/// <summary>A company or public body; its parent decides whose law reaches it in the end.</summary>
public sealed record LegalEntity
{
    [Description("Identifies the entity.")]
    public required LegalEntityId Id { get; init; }

    [Description("Registered name.")]
    public required string Name { get; init; }

    [Description("Country of the legal seat.")]
    public required JurisdictionId Seat { get; init; }

    [Description("Entity that controls it; left out for an ultimate parent.")]
    public LegalEntityId? Parent { get; init; }

    [Description("Where the facts come from.")]
    public required Evidence Evidence { get; init; }
}

/// <summary>A region of a cloud or hosting provider under the provider's own name.</summary>
public sealed record ProviderRegion
{
    [Description("Provider, such as aws.")]
    [NameFormat(NameFormatAttribute.DefaultPattern, NameFormatAttribute.DefaultExplanation)]
    public required string Provider { get; init; }

    [Description("The provider's code of the region.")]
    public required string Code { get; init; }

    [Description("Country it lies in.")]
    public required JurisdictionId Country { get; init; }

    [Description("City or nearest town.")]
    public string? City { get; init; }

    [Description("Separate identity and billing realm, such as aws-eusc.")]
    public string? Partition { get; init; }

    [Description("Legal entity behind the provider in this region.")]
    public required LegalEntityId Operator { get; init; }

    [Description("Availability zones.")]
    [Range(1, 100)]
    public int? Zones { get; init; }

    [Description("Where the facts come from.")]
    public required Evidence Evidence { get; init; }
}

/// <summary>Something a fact was read from.</summary>
public sealed record Source
{
    [Description("Identifies the source.")]
    [NameFormat(NameFormatAttribute.DefaultPattern, NameFormatAttribute.DefaultExplanation)]
    public required string Id { get; init; }

    [Description("Publisher, repository or paper.")]
    public required string Origin { get; init; }

    [Description("Version, commit or day it was read.")]
    public string? Version { get; init; }

    [Description("Licence of the source.")]
    public string? Licence { get; init; }

    [Description("What it was used for.")]
    public required string UsedFor { get; init; }
}
