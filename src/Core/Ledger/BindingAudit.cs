using ControlPlane.Policies;
using ControlPlane.Workloads;

namespace ControlPlane.Ledger;

/// <summary>
/// Holds everything that runs against the law in force and says what the ledger does not say yet: what is unlawful, and
/// what is not any more.
/// </summary>
public static class BindingAudit
{
    /// <summary>What to append; null when the ledger says it all already.</summary>
    public static LawAudited? Of(LedgerState state, DateTimeOffset asOf)
    {
        var found = new List<BindingFinding>();
        var known = state.InForce.Findings;
        var unlawful = LawScan.Unlawful(state.World, state.Law, asOf);
        DateTimeOffset? since = state.InForce.Activations.Count == 0 ? null : state.InForce.Activations[^1].At;
        LawCalendar? calendar = null;
        foreach (var placement in unlawful)
        {
            var open = known.GetValueOrDefault(placement.Id)?.Finding;
            if (open is not null && !HasChanged(state.Law, placement, open, asOf)) continue;
            calendar ??= new LawCalendar(state.World.Fleet, state.Law.Policies);
            found.Add(FindingOf(state.World, LawAudit.Of(state.Law, placement, asOf, (calendar, since)), open));
        }

        var still = unlawful.Select(placement => placement.Id).ToHashSet();
        var cleared = known.Keys.Where(id => !still.Contains(id))
            .Select(id => new ClearedFinding(id, EndOf(state.Law, state.World.Find(id)!, asOf)))
            .ToList();
        return found.Count + cleared.Count == 0 ? null : new LawAudited(
            found.OrderBy(item => item.Placement).ToSeq(), cleared.OrderBy(item => item.Placement).ToSeq());
    }

    private static bool HasChanged(Law law, Placement placement, BindingFinding open, DateTimeOffset asOf) =>
        open.Epoch != placement.Epoch
        || !LawAudit.Denials(law, placement, asOf).Select(verdict => verdict.Rule)
            .SequenceEqual(open.Breaches.Select(breach => breach.Rule), StringComparer.Ordinal);

    private static FindingEnd EndOf(Law law, Placement placement, DateTimeOffset asOf) =>
        law.JudgeRunning(placement, asOf).Any(verdict => verdict.Result == VerdictResult.Waived)
            ? FindingEnd.Waived
            : FindingEnd.Lawful;

    private static BindingFinding FindingOf(World world, UnlawfulBinding unlawful, BindingFinding? before) => new()
    {
        Placement = unlawful.Placement.Id,
        Tenant = unlawful.Placement.Request.Tenant,
        Workload = unlawful.Placement.Request.Workload,
        Sites = unlawful.Placement.Units.Select(unit => world.Fleet.FindPool(unit.Node.Pool))
            .OfType<Regions.FleetPool>().Select(pool => pool.Site.Id).Distinct().Order().ToSeq(),
        Epoch = unlawful.Placement.Epoch,
        Breaches = unlawful.Breaches.Select(breach => Merged(breach, unlawful.Placement, before)).ToSeq(),
    };

    /// <summary>A new set that says the same gives nobody more time: the day of the first finding stays.</summary>
    private static FoundBreach Merged(Breach breach, Placement placement, BindingFinding? before)
    {
        var found = new FoundBreach(breach.Rule, breach.Reason, breach.Because, breach.Since, breach.Deadline);
        var first = before?.Epoch == placement.Epoch
            ? before.Breaches.FirstOrDefault(known => known.Rule == breach.Rule)
            : null;
        return first is not null && first.Since < found.Since
            ? found with
            {
                Since = first.Since,
                Deadline = found.Deadline.AddDays(first.Since.DayNumber - found.Since.DayNumber),
            }
            : found;
    }
}
