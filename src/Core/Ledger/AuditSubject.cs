using ControlPlane.Placements;

namespace ControlPlane.Ledger;

/// <summary>
/// Tells which records concern a name: a tenant, a tenant's workload, or who acted. Records are shown to it in their
/// order, because the later ones of a placement are known by its id.
/// </summary>
public sealed class AuditSubject(string name)
{
    private readonly HashSet<DecisionId> ids = [];

    public bool Concerns(LedgerRecord record)
    {
        switch (record.Event)
        {
            case PlacementDecided decided
                when decided.Request.Tenant.Value == name
                || $"{decided.Request.Tenant}/{decided.Request.Workload}" == name:
                ids.Add(decided.Id);
                return true;
            case PlacementDecided { Decision: Placed placed } when placed.Preempted.Any(ids.Contains):
            case PlanLanded { Plan: var plan } when plan.Moves.Any(move => move.Preempted.Any(ids.Contains)):
            case PlacementReleased released when ids.Contains(released.Id):
            case HoldConfirmed confirmed when ids.Contains(confirmed.Id):
                return true;
            case AgentGranted { Grant: var grant } when grant.Agent == name || grant.OnBehalfOf == name:
                return true;
            default:
                return record.Event.By is { } by && (by.Subject == name || by.OnBehalfOf == name);
        }
    }
}
