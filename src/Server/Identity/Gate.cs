using ControlPlane.Ledger;
using ControlPlane.Regions;
using ControlPlane.Server.Hosting;
using ControlPlane.Server.Ledger;
using Microsoft.Net.Http.Headers;

namespace ControlPlane.Server.Identity;

/// <summary>
/// Lets a request through to its endpoint when its caller is known and may do what the operation needs. An operation
/// that does not say what it needs lets nobody through.
/// </summary>
internal sealed class Gate(RequestDelegate next, IdentityHost identity, LedgerHost ledger)
{
    private const string Scheme = "Bearer ";

    public async Task InvokeAsync(HttpContext context)
    {
        // Without a route there is nothing to guard: the answer says that there is no such path or method.
        if (context.GetEndpoint() is not RouteEndpoint endpoint)
        {
            await next(context);
            return;
        }

        var operation = endpoint.Metadata.GetMetadata<ApiOperation>();
        if (operation?.Needs is not { } needs)
        {
            await ProblemAnswer.Of(ProblemCatalog.OperationClosed, Undeclared(endpoint)).ExecuteAsync(context);
            return;
        }

        if (needs == Permission.Everybody)
        {
            await next(context);
            return;
        }

        var (caller, refused) = await AuthenticateAsync(context);
        refused ??= await SoftwareRefusalAsync(caller!, context.RequestAborted); // one of the two is always there
        refused ??= await RefusalAsync(caller!, needs, context);
        if (refused is null && operation.IsOfWholeFleet) refused = KeptFrom(caller!, ledger.Loop.Fleet);
        var actor = caller?.ToActor() ?? new Actor("", "", "", FromOf(context));
        if (refused is null)
        {
            context.Features.Set(caller);
            ledger.Loop.Actors.Enter(actor);
            await next(context);
            // What an operation finds that is not the caller's to do is denied all the same.
            if (context.Response.StatusCode == StatusCodes.Status403Forbidden)
                ledger.Denials.Add(actor, operation.Id, context.Items[ProblemAnswer.SlugItem] as string ?? "forbidden");
            return;
        }

        if (refused.Status < 500) ledger.Denials.Add(actor, operation.Id, refused.Slug);
        if (refused.Status == StatusCodes.Status401Unauthorized)
        {
            context.Response.Headers.WWWAuthenticate = refused.Slug == ProblemCatalog.Unauthenticated.Slug
                ? "Bearer realm=\"control-plane\""
                : "Bearer realm=\"control-plane\", error=\"invalid_token\"";
        }

        await refused.ExecuteAsync(context);
    }

    /// <summary>What a developer reads who forgot to say what an operation needs.</summary>
    public static string Undeclared(RouteEndpoint endpoint) =>
        $"{endpoint.RoutePattern.RawText} does not say what it needs, so nobody may use it; write "
        + "'Needs = Permission.…' in its ApiOperation";

    /// <summary>Whoever is known is named in the ledger also when a role or scope is missing.</summary>
    private async Task<(Caller? Caller, ProblemAnswer? Refused)> AuthenticateAsync(HttpContext context)
    {
        var given = context.Request.Headers.Authorization;
        if (given.Count == 0)
        {
            // The handshake has checked who signed it; a name of no known form is nobody.
            if (identity.TrustDomain is { } domain && context.Connection.ClientCertificate is { } certificate
                && ClientCertificates.CallerOf(certificate, domain, DateTimeOffset.UtcNow) is { } workload)
                return (workload with { From = FromOf(context) }, null);
            return (null, ProblemAnswer.Of(
                ProblemCatalog.Unauthenticated, "send 'Authorization: Bearer' and an access token"));
        }

        if (given is not [{ } header] || !header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase))
        {
            return (null, ProblemAnswer.Of(
                ProblemCatalog.TokenInvalid, "one 'Authorization: Bearer' header is needed"));
        }


        return await identity.Tokens.ReadAsync(header[Scheme.Length..], context.RequestAborted) switch
        {
            TokenAccepted accepted => (accepted.Caller with { From = FromOf(context) }, null),
            TokenRefused refused => (null, AnswerOf(refused)),
            _ => throw new System.Diagnostics.UnreachableException(),
        };
    }

    private static ProblemAnswer AnswerOf(TokenRefused refused) =>
        new([refused.Kind.At(HeaderNames.Authorization, refused.Detail)]) { RetryAfter = refused.RetryAfter };

    private static string FromOf(HttpContext context) => $"{context.Connection.RemoteIpAddress}";

    /// <summary>
    /// A permission that the caller lacks may be lent to it in an emergency; the law of a region is nobody's to lend.
    /// </summary>
    private async Task<ProblemAnswer?> RefusalAsync(Caller caller, Permission needs, HttpContext context)
    {
        if (Refusal(caller, needs) is { } lacking)
        {
            if (context.Request.Headers[BreakGlass.Header] is not [{ } approval]) return lacking;
            var missing = await identity.Glass.ProblemAsync(caller, needs, approval, context.RequestAborted);
            if (missing is not null) return new ProblemAnswer([missing]);
        }

        var at = new FleetAt(ledger.Loop.Fleet, DateTimeOffset.UtcNow);
        return OperatorReach.Problem((caller, needs), context.Request, at) is { } kept
            ? new ProblemAnswer([kept])
            : null;
    }

    /// <summary>
    /// What is about the whole fleet is not for whoever is kept out of a part of it; in a fleet that lies within what a
    /// token is confined to, it is.
    /// </summary>
    private static ProblemAnswer? KeptFrom(Caller caller, Fleet fleet) =>
        caller.RegionsSeen(fleet) is { } seen && seen.Count < fleet.Regions.Count
            ? ProblemAnswer.Of(
                ProblemCatalog.JurisdictionForbidden,
                "the answer is about the whole fleet, and the token reaches a part of it only")
            : null;

    /// <summary>
    /// A software agent is refused whatever it asks once it is stopped. A grant that another server gave a moment ago
    /// is in the ledger, and comes in before it is said not to be known.
    /// </summary>
    private async Task<ProblemAnswer?> SoftwareRefusalAsync(Caller caller, CancellationToken cancellation)
    {
        if (!caller.IsSoftware) return null;
        var actor = caller.ToActor();
        if (actor.Issuer == AgentGrant.Issuer && ledger.Loop.Grants.Of(actor) is null)
            await ledger.Loop.SubmitAsync(new Placements.ExpireHolds(), cancellation);
        return ledger.Loop.Grants.Refusal(actor, DateTimeOffset.UtcNow) is { } refusal
            ? new ProblemAnswer([new Problem(refusal.Slug, "", refusal.Because)])
            : null;
    }

    private static ProblemAnswer? Refusal(Caller caller, Permission needs) => caller.Lacks(needs) switch
    {
        null => null,
        Lacking.Role => ProblemAnswer.Of(
            ProblemCatalog.RoleMissing, $"{needs.Allows} is for {Granting(needs)}; the token has {RolesOf(caller)}"),
        Lacking.Scope => ProblemAnswer.Of(ProblemCatalog.ScopeMissing, $"the token lacks the scope '{needs.Scope}'"),
        _ => throw new System.Diagnostics.UnreachableException(),
    };

    private static string Granting(Permission needs) =>
        string.Join(", ", Role.All.Where(role => role.Grants.Contains(needs)));

    private static string RolesOf(Caller caller) =>
        caller.Roles.Count == 0 ? "no role" : string.Join(", ", caller.Roles);
}

/// <summary>Finds the caller of a request that came through the gate.</summary>
internal static class RequestCaller
{
    public static Caller Caller(this HttpContext context) => context.Features.Get<Caller>()
        ?? throw new InvalidOperationException("the operation is open to everybody, so its caller is not known");

    public static Caller Caller(this HttpRequest request) => request.HttpContext.Caller();
}
