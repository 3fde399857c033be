using ControlPlane.Ledger;

namespace ControlPlane.Server.Ledger;

/// <summary>
/// Tells which old records are still needed whole: those that say how what runs came to run, which software agents may
/// act, what was found unlawful and is not over, which policies were put in force, what was let go before, and those
/// of names that are held. Records are shown to it in their order.
/// </summary>
/// <param name="goesOn">The state from which the ledger goes on after what is let go.</param>
/// <param name="held">Names whose records are kept.</param>
internal sealed class RetentionNeed(LedgerState goesOn, Seq<string> held)
{
    private readonly List<AuditSubject> subjects = [.. held.Select(name => new AuditSubject(name))];

    public bool Of(LedgerRecord record)
    {
        // Each is shown every record, because it learns from them.
        var isHeld = subjects.Aggregate(false, (known, subject) => subject.Concerns(record) || known);
        return isHeld || record.Event switch
        {
            PlacementDecided decided => goesOn.World.Find(decided.Id) is not null,
            HoldConfirmed confirmed => goesOn.World.Find(confirmed.Id) is not null,
            MoveStepped stepped => goesOn.World.Find(stepped.Placement) is not null,
            PlanLanded { Plan: var plan } =>
                plan.Moves.Any(move => goesOn.World.Find(move.Placement)?.Move is not null),
            LawAudited audited =>
                audited.Found.Any(finding => goesOn.InForce.Findings.ContainsKey(finding.Placement)),
            AgentGranted { Grant: var grant } => goesOn.Grants.Find(grant.Id) is not null,
            AgentsHalted => goesOn.Grants.Halt is not null,
            PoliciesActivated or RecordsRetired => true,
            _ => false,
        };
    }
}
