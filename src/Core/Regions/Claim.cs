using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using ControlPlane.Files;

namespace ControlPlane.Regions;

/// <summary>What a claim is about.</summary>
public enum ClaimKind
{
    /// <summary>An assurance scheme holds, such as <c>BSI_C5</c>.</summary>
    Certification,

    /// <summary>Who can use the encryption keys.</summary>
    KeyCustody,

    /// <summary>Where the people with privileged access reside.</summary>
    Personnel,

    /// <summary>A SEAL level of one objective of the EU Cloud Sovereignty Framework.</summary>
    Seal,
}

/// <summary>Who can use the encryption keys of data at a place, from least to most sovereign.</summary>
public enum KeyCustodyLevel
{
    /// <summary>The provider holds and manages the keys.</summary>
    Provider,

    /// <summary>The customer manages keys that live in the provider's key service.</summary>
    CustomerManaged,

    /// <summary>The keys live in a store outside the provider's control that the provider calls.</summary>
    External,

    /// <summary>The keys live in hardware of the customer alone.</summary>
    CustomerHardware,
}

/// <summary>
/// A dated, sourced fact about a region or a cluster. It counts on the days from its start to its end.
/// </summary>
public sealed record Claim
{
    [Description("What the claim is about.")]
    public required ClaimKind Kind { get; init; }

    [Description("certification: the scheme, such as BSI_C5.")]
    [NameFormat("^[A-Z][A-Z0-9_]{1,63}$", "upper-case letters, digits and underscores")]
    public string? Scheme { get; init; }

    [Description("keyCustody: who can use the keys.")]
    public KeyCustodyLevel? Custody { get; init; }

    [Description("personnel: jurisdictions in which everyone with privileged access resides.")]
    public Seq<JurisdictionId> Jurisdictions { get; init; }

    [Description("seal: objective of the EU Cloud Sovereignty Framework, SOV-1 to SOV-8.")]
    [NameFormat("^SOV-[1-8]$", "SOV-1 to SOV-8")]
    public string? Objective { get; init; }

    [Description("seal: level 0 to 4.")]
    [Range(0, 4)]
    public int? Level { get; init; }

    [Description("First day on which the claim holds (UTC).")]
    public required DateOnly ValidFrom { get; init; }

    [Description("Last day on which the claim holds (UTC); open when left out.")]
    public DateOnly? ValidTo { get; init; }

    [Description("Where the fact comes from.")]
    public required Evidence Evidence { get; init; }

    /// <summary>Whether the claim holds at an instant.</summary>
    public bool HoldsAt(DateTimeOffset asOf)
    {
        var day = DateOnly.FromDateTime(asOf.UtcDateTime);
        return ValidFrom <= day && (ValidTo is not { } last || day <= last);
    }
}
