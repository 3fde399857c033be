using ControlPlane.Ledger;

namespace ControlPlane.Server.Hosting;

/// <summary>Names what is wrong with who asks.</summary>
internal static partial class ProblemCatalog
{
    public static ProblemKind Unauthenticated { get; } = new("unauthenticated", 401, "Who asks is not known",
        "Send an access token as Authorization: Bearer. On the machine of a server that was started with ./run, "
        + "identity/tokens below its data directory holds some.");

    public static ProblemKind TokenTime { get; } = new("token-time", 401, "The token does not count at this time",
        "It has run out or does not count yet; the detail says by how much. Clocks may differ by 5 seconds. Get a new "
        + "token from its issuer.");

    public static ProblemKind TokenInvalid { get; } = new("token-invalid", 401, "The token is not believed",
        "It is malformed, was changed, is no access token, or its issuer, audience, algorithm or key is not one that "
        + "this server trusts. The answer never says which.");

    public static ProblemKind TokenTooLarge { get; } = new("token-too-large", 401, "The token is too large",
        "A token may have 8,192 letters.");

    public static ProblemKind RoleMissing { get; } = new("role-missing", 403, "No role of the token allows this",
        "The detail names the roles that do. Roles are given by the issuer of the token.");

    public static ProblemKind ScopeMissing { get; } = new("scope-missing", 403, "A scope is missing",
        "A role of the token would allow it; the detail names the scope that the token lacks. Ask its issuer for a "
        + "token with it.");

    public static ProblemKind TenantForbidden { get; } = new("tenant-forbidden", 403,
        "The token does not speak for this tenant",
        "A token acts for the tenants that its issuer put into it and for no other.");

    public static ProblemKind JurisdictionForbidden { get; } = new("jurisdiction-forbidden", 403,
        "The token is confined to other jurisdictions",
        "A token that is confined to jurisdictions can ask for places only with a residency within them, and for what "
        + "is about the whole fleet, such as the ledger and reports of capacity, only where it lies within them.");

    public static ProblemKind OperatorResidency { get; } = new("operator-residency", 403,
        "The law of the region keeps this operator out",
        "The region claims that everyone with privileged access resides in certain jurisdictions; the token says that "
        + "its bearer resides elsewhere, or does not say where. The detail names the region and the claim.");

    public static ProblemKind ApprovalRequired { get; } = new("approval-required", 403, "A second person is needed",
        "Emergency access needs a reason, an end, and the approval of somebody else; the detail says what is missing.");

    public static ProblemKind AgentsStopped { get; } = new(GrantRefusal.Stopped, 403, "Software agents are stopped",
        "An operator stopped all of them; the detail says why. They may go on when an operator says so with a reason.");

    public static ProblemKind AgentWithoutGrant { get; } = new(GrantRefusal.NoGrant, 403,
        "The software agent has no grant that counts",
        "Its grant has run out, was ended, or is not known; whoever it acts for can give it another.");

    public static ProblemKind AgentBudget { get; } = new(GrantRefusal.Budget, 403,
        "The budget of the software agent is used up",
        "The detail names the bound. Accelerators that are given back may be asked for again; moves and places count "
        + "anew with each window. Nothing was changed.");

    public static ProblemKind GrantTooWide { get; } = new("grant-too-wide", 403,
        "Nobody gives a software agent more than they have",
        "Scopes, tenants and jurisdictions of a grant lie within those of whoever gives it, and scopes within what the "
        + "role agent allows. The errors name what does not.");

    public static ProblemKind OperationClosed { get; } = new("operation-closed", 403, "Nobody may use this operation",
        "It does not declare which permission it needs, so it is closed. This is a defect of the server.");

    public static ProblemKind KeysUnavailable { get; } = new("keys-unavailable", 503,
        "The issuer's keys are not known",
        "The issuer of the token cannot be reached, and its keys were never fetched or are older than they may be. "
        + "Repeat the request after the time in Retry-After.");

    internal static IEnumerable<ProblemKind> OfIdentity =>
    [
        Unauthenticated, TokenTime, TokenInvalid, TokenTooLarge, RoleMissing, ScopeMissing, TenantForbidden,
        JurisdictionForbidden, OperatorResidency, ApprovalRequired, AgentsStopped, AgentWithoutGrant, AgentBudget,
        GrantTooWide, OperationClosed, KeysUnavailable,
    ];
}
