using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace ControlPlane.Server.Identity;

/// <summary>Declares whose tokens are accepted: the file that --identity names.</summary>
internal sealed record IdentitySpec
{
    [Description("Issuers whose tokens are accepted; one for each jurisdiction, if that is wanted.")]
    [MinLength(1)]
    public required Seq<IssuerSpec> Issuers { get; init; }
}

/// <summary>One issuer, and how far its word reaches.</summary>
internal sealed record IssuerSpec
{
    [Description("The iss of its tokens, to the letter; its discovery document is found below it.")]
    public required string Issuer { get; init; }

    [Description("The aud that tokens for this control plane carry.")]
    public required string Audience { get; init; }

    [Description("Values of typ by which access tokens are told from others.")]
    public Seq<string> TokenTypes { get; init; } = ["at+jwt"];

    [Description("Signature algorithms that it uses; others are refused.")]
    public Seq<string> Algorithms { get; init; } = ["RS256", "PS256", "ES256"];

    [Description("Roles that it may give; left out: every one.")]
    public Seq<string>? Roles { get; init; }

    [Description("Tenants that it may speak for; left out: every one.")]
    public Seq<string>? Tenants { get; init; }

    [Description("Jurisdictions that its tokens are confined to; left out: none is set by the issuer.")]
    public Seq<JurisdictionId>? Jurisdictions { get; init; }

    [Description("How long keys that were fetched are used while the issuer cannot be reached, in minutes.")]
    [Range(5, 10_080)]
    public int KeysMayBeMinutesOld { get; init; } = 1440;

    [Description("Names of the claims that carry what this control plane needs.")]
    public ClaimNames Claims { get; init; } = new();
}

/// <summary>Names the claims of an issuer.</summary>
internal sealed record ClaimNames
{
    [Description("Roles: text or a list.")]
    public string Roles { get; init; } = "roles";

    [Description("Tenants: text or a list; \"*\" is every tenant.")]
    public string Tenants { get; init; } = "tenants";

    [Description("Jurisdictions that the token is confined to.")]
    public string Jurisdictions { get; init; } = "jurisdictions";

    [Description("Where the person resides.")]
    public string Residence { get; init; } = "residence";

    [Description("The site of a site agent.")]
    public string Site { get; init; } = "site";
}
