using ControlPlane.Ledger;
using ControlPlane.Regions;

namespace ControlPlane.Server.Identity;

/// <summary>
/// Says who asks, as their token proves it: roles, scopes, tenants, jurisdictions, and where they reside. A request
/// has one from the edge to the ledger.
/// </summary>
internal sealed record Caller
{
    /// <summary>Means every tenant where a list of tenants stands.</summary>
    public const string EveryTenant = "*";

    public required string Issuer { get; init; }

    /// <summary>Who acts; unique within the issuer.</summary>
    public required string Subject { get; init; }

    public required Seq<Role> Roles { get; init; }

    /// <summary>Scopes of the token; null when it has none and the roles alone count.</summary>
    public Seq<string>? Scopes { get; init; }

    /// <summary>Tenants that it speaks for; null for every one.</summary>
    public Seq<string>? Tenants { get; init; } = [];

    /// <summary>The tenant that it speaks for when there is one alone.</summary>
    public string? OnlyTenant => Tenants is [var tenant] && tenant != EveryTenant ? tenant : null;

    /// <summary>Jurisdictions it is confined to; null for every one.</summary>
    public Seq<JurisdictionId>? Jurisdictions { get; init; }

    /// <summary>Jurisdictions that its issuer is confined to; null for every one.</summary>
    public Seq<JurisdictionId>? IssuedFor { get; init; }

    /// <summary>Where the person resides; null when the token does not say.</summary>
    public JurisdictionId? Residence { get; init; }

    /// <summary>The one site that a site agent serves.</summary>
    public SiteId? Site { get; init; }

    /// <summary>For whom it acts; null when for itself.</summary>
    public string? OnBehalfOf { get; init; }

    /// <summary>Names the token, where it has a name.</summary>
    public string? TokenId { get; init; }

    /// <summary>Where the request comes from.</summary>
    public string From { get; init; } = "";

    public bool Is(Role role) => Roles.Contains(role);

    /// <summary>Whether it is a program that acts for somebody.</summary>
    public bool IsSoftware => OnBehalfOf is not null;

    /// <summary>
    /// Whether it is somebody who tries things out on one machine, where no law keeps people apart, or acts for them.
    /// </summary>
    public bool ActsAnywhere => Issuer is OwnIssuer.Local or OwnIssuer.Credentials
        && Residence == new JurisdictionId(LocalIssuer.Anywhere);

    /// <summary>As the ledger records it.</summary>
    public Actor ToActor() => new(Subject, Issuer, OnBehalfOf ?? "", From) { Token = TokenId ?? "" };

    /// <summary>Why the permission is not there; null when it is.</summary>
    public Lacking? Lacks(Permission permission)
    {
        if (permission == Permission.Everybody || permission == Permission.Anybody) return null;
        if (!Roles.Any(role => role.Grants.Contains(permission))) return Lacking.Role;
        return Scopes is { } scopes && !scopes.Contains(permission.Scope) ? Lacking.Scope : null;
    }

    /// <summary>Tenants whose things it may see by a permission; null for every one.</summary>
    public Seq<string>? TenantsSeen(Permission permission) =>
        Roles.Any(role => role.SeesAllTenants && role.Grants.Contains(permission)) ? null : Tenants;

    /// <summary>Whether it may act for a tenant; seeing everything is no right to act.</summary>
    public bool SpeaksFor(string tenant) => Tenants is not { } tenants || tenants.Contains(tenant);

    /// <summary>Whether a jurisdiction is one where it may look.</summary>
    public bool Reaches(Fleet fleet, JurisdictionId jurisdiction) =>
        LiesIn(fleet, jurisdiction, Jurisdictions) && LiesIn(fleet, jurisdiction, IssuedFor);

    /// <summary>Regions it may look at; null for every one.</summary>
    public Seq<string>? RegionsSeen(Fleet fleet) => !IsConfined
        ? null
        : fleet.Regions.Where(region => Reaches(fleet, region.Spec.Jurisdiction))
            .Select(region => region.Id.Value).ToSeq();

    public bool IsConfined => Jurisdictions is not null || IssuedFor is not null;

    private static bool LiesIn(Fleet fleet, JurisdictionId inner, Seq<JurisdictionId>? confined) =>
        confined is not { } outer || outer.Any(each => fleet.LiesIn(inner, each));

    public override string ToString() => OnBehalfOf is null ? Subject : $"{Subject} for {OnBehalfOf}";
}

/// <summary>What keeps a caller from an operation.</summary>
internal enum Lacking
{
    Role,
    Scope,
}
