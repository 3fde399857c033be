using System.Collections.Frozen;
using static ControlPlane.Server.Identity.Permission;

namespace ControlPlane.Server.Identity;

/// <summary>Says what somebody is to this control plane: what it may do, and whether it sees all tenants.</summary>
/// <param name="Name">As tokens name it.</param>
/// <param name="SeesAllTenants">Whether it reads beyond the tenants of its token; it never writes there.</param>
/// <param name="Grants">What it may do.</param>
internal sealed record Role(string Name, bool SeesAllTenants, FrozenSet<Permission> Grants)
{
    private static readonly Permission[] tenantReads =
        [FleetRead, PlacementsRead, PlacementsPlan, ReservationsRead, UsageRead, EventsRead, MovesRead, AgentsRead];

    public static Role TenantUser { get; } =
        Of("tenant-user", false, [.. tenantReads, PlacementsWrite, AgentsGrant, AgentsStop]);

    public static Role TenantAdmin { get; } =
        Of("tenant-admin", false, [.. tenantReads, PlacementsWrite, ReservationsWrite, AgentsGrant, AgentsStop]);

    public static Role Scheduler { get; } = Of("scheduler", false, [.. tenantReads, PlacementsWrite]);

    public static Role SiteAgent { get; } = Of("site-agent", false, [SiteServe]);

    public static Role Operator { get; } = Of("operator", true,
    [
        FleetRead, PlacementsRead, ReservationsRead, UsageRead, EventsRead, CapacityRead, PoliciesRead, SitesRead,
        SitesOperate, MovesRead, MovesWrite, AgentsRead, AgentsGrant, AgentsStop, AgentsSwitch, BreakGlassAsk,
        BreakGlassApprove,
    ]);

    public static Role PolicyReviewer { get; } = Of("policy-reviewer", true,
        [FleetRead, PlacementsRead, PoliciesRead, PoliciesWrite, CapacityRead, EventsRead, BreakGlassApprove]);

    public static Role Auditor { get; } = Of("auditor", true,
    [
        FleetRead, PlacementsRead, ReservationsRead, UsageRead, EventsRead, CapacityRead, PoliciesRead, SitesRead,
        MovesRead, LedgerRead, AuditRead, AgentsRead,
    ]);

    /// <summary>A program that acts for somebody; what it may do is narrowed by its grant.</summary>
    public static Role Agent { get; } = Of("agent", false, [.. tenantReads, PlacementsWrite, MovesWrite]);

    public static Seq<Role> All { get; } =
        [TenantUser, TenantAdmin, Scheduler, SiteAgent, Operator, PolicyReviewer, Auditor, Agent];

    public static Role? Find(string name) => All.FirstOrDefault(role => role.Name == name);

    public override string ToString() => Name;

    private static Role Of(string name, bool seesAllTenants, IEnumerable<Permission> grants) =>
        new(name, seesAllTenants, grants.Append(Anybody).ToFrozenSet());
}
