namespace ControlPlane.Server.Identity;

/// <summary>
/// Names what an operation asks of its caller. The scope of a token has the same name; a token that carries scopes can
/// do what both its roles and its scopes allow.
/// </summary>
internal sealed record Permission(string Scope, string Allows)
{
    /// <summary>For what tells nobody's business: whether the process lives, what a problem means.</summary>
    public static Permission Everybody { get; } = new("", "nothing is asked");

    /// <summary>For whoever is known, whatever they may do.</summary>
    public static Permission Anybody { get; } = new("self", "asking who one is");

    public static Permission FleetRead { get; } = new("fleet:read", "seeing regions, sites, node pools and models");
    public static Permission PlacementsRead { get; } = new("placements:read", "seeing placements, holds and decisions");
    public static Permission PlacementsPlan { get; } = new("placements:plan", "asking what would be decided");
    public static Permission PlacementsWrite { get; } = new("placements:write", "asking for places, giving them back");
    public static Permission ReservationsRead { get; } = new("reservations:read", "seeing reservations");
    public static Permission ReservationsWrite { get; } = new("reservations:write", "making and ending reservations");
    public static Permission UsageRead { get; } = new("usage:read", "seeing what tenants use");
    public static Permission EventsRead { get; } = new("events:read", "following what happens");
    public static Permission CapacityRead { get; } = new("capacity:read", "reports on the whole fleet, and drills");
    public static Permission PoliciesRead { get; } = new("policies:read", "seeing policies and what they find");
    public static Permission PoliciesWrite { get; } = new("policies:write", "putting policies in force");
    public static Permission SitesRead { get; } = new("sites:read", "seeing what sites are told and report");
    public static Permission SitesOperate { get; } = new("sites:operate", "cordoning, draining, enrolling");
    public static Permission MovesRead { get; } = new("moves:read", "seeing plans and moves");
    public static Permission MovesWrite { get; } = new("moves:write", "planning and starting moves, emptying sites");
    public static Permission SiteServe { get; } = new("site:serve", "what the agent of one site does");
    public static Permission LedgerRead { get; } = new("ledger:read", "reading the ledger of all tenants");
    public static Permission AuditRead { get; } = new("audit:read", "signed heads, proofs and exports");
    public static Permission AgentsRead { get; } = new("agents:read", "seeing software agents and what they used");
    public static Permission AgentsStop { get; } = new("agents:stop", "ending what a software agent may do");
    public static Permission AgentsSwitch { get; } = new("agents:switch", "stopping all software agents at once");
    public static Permission AgentsGrant { get; } = new("agents:grant", "giving software agents less than one has");
    public static Permission BreakGlassAsk { get; } = new("break-glass:ask", "asking for a permission in an emergency");
    public static Permission BreakGlassApprove { get; } = new("break-glass:approve", "being the second person");

    /// <summary>Every permission that a role can grant.</summary>
    public static Seq<Permission> All { get; } =
    [
        FleetRead, PlacementsRead, PlacementsPlan, PlacementsWrite, ReservationsRead, ReservationsWrite, UsageRead,
        EventsRead, CapacityRead, PoliciesRead, PoliciesWrite, SitesRead, SitesOperate, MovesRead, MovesWrite,
        SiteServe, LedgerRead, AuditRead, AgentsRead, AgentsStop, AgentsSwitch, AgentsGrant, BreakGlassAsk,
        BreakGlassApprove,
    ];

    public override string ToString() => Scope;
}
