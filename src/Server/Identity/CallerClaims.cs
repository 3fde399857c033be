using System.Text.Json;
using ControlPlane.Server.Hosting;

namespace ControlPlane.Server.Identity;

/// <summary>Reads who a caller is from the claims of a believed token, within what its issuer may say.</summary>
internal static class CallerClaims
{
    private const int MostTenants = 1_000;
    private const int LongestSubject = 255;

    /// <summary>Null when a claim is not what it must be; nothing is guessed.</summary>
    public static Caller? Read(JsonElement payload, IssuerSpec issuer)
    {
        var names = issuer.Claims;
        var (subject, onBehalfOf) = Parties(payload);
        if (!IsSubject(subject) || (onBehalfOf is not null && !IsSubject(onBehalfOf))) return null;
        var tenants = TokenText.Words(payload, names.Tenants) ?? [];
        if (tenants.Count > MostTenants || tenants.Any(name => name != Caller.EveryTenant && !FieldReader.IsName(name)))
            return null;
        var site = TokenText.Member(payload, names.Site);
        if (site.Length > 0 && !FieldReader.IsName(site)) return null;
        var residence = TokenText.Member(payload, names.Residence);
        return new Caller
        {
            Issuer = issuer.Issuer,
            Subject = subject,
            OnBehalfOf = onBehalfOf,
            Roles = RolesOf(payload, issuer),
            Scopes = TokenText.Words(payload, "scope") ?? TokenText.Words(payload, "scp") ?? [],
            Tenants = TenantsOf(tenants, issuer.Tenants),
            Jurisdictions = payload.TryGetProperty(names.Jurisdictions, out _)
                ? (TokenText.Words(payload, names.Jurisdictions) ?? []).Select(id => new JurisdictionId(id)).ToSeq()
                : null,
            IssuedFor = issuer.Jurisdictions,
            Residence = residence.Length > 0 ? new JurisdictionId(residence) : null,
            Site = site.Length > 0 ? new SiteId(site) : null,
            TokenId = TokenText.Member(payload, "jti") is { Length: > 0 } id ? id : null,
        };
    }

    /// <summary>Who acts, and for whom: a token with an actor is its subject's, used by the actor.</summary>
    private static (string Subject, string? OnBehalfOf) Parties(JsonElement payload)
    {
        var subject = TokenText.Member(payload, "sub");
        if (!payload.TryGetProperty("act", out var actor)) return (subject, null);
        return actor.ValueKind == JsonValueKind.Object ? (TokenText.Member(actor, "sub"), subject) : ("", subject);
    }

    private static bool IsSubject(string text) =>
        text.Length is > 0 and <= LongestSubject && FieldReader.Hidden(text) is null;

    private static Seq<Role> RolesOf(JsonElement payload, IssuerSpec issuer) =>
        (TokenText.Words(payload, issuer.Claims.Roles) ?? [])
            .Where(name => issuer.Roles is not { } allowed || allowed.Contains(name))
            // A software agent has its role by a grant, with a budget and an end, and by nobody's word alone.
            .Where(name => name != Role.Agent.Name || issuer.Issuer == OwnIssuer.Credentials)
            .Select(Role.Find).OfType<Role>().Distinct().ToSeq();

    private static Seq<string>? TenantsOf(Seq<string> told, Seq<string>? allowed) =>
        (told.Contains(Caller.EveryTenant), allowed) switch
        {
            (true, null) => null,
            (true, { } some) => some,
            (false, null) => told,
            (false, { } some) => told.Where(some.Contains).ToSeq(),
        };
}
