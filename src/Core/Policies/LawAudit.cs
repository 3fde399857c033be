using ControlPlane.Workloads;

namespace ControlPlane.Policies;

/// <summary>A placement that law denies where it runs, and until when it may stay.</summary>
/// <param name="Placement">The placement.</param>
/// <param name="Breaches">Each rule that denies it, in the order of the policies.</param>
/// <param name="Deadline">Last day on which it may stay (UTC): the earliest of the rules'.</param>
public sealed record UnlawfulBinding(Placement Placement, Seq<Breach> Breaches, DateOnly Deadline);

/// <summary>A rule that denies something that runs.</summary>
/// <param name="Rule">The rule, such as <c>eu-health/stays</c>.</param>
/// <param name="Reason">Its code, one of <see cref="ReasonCode"/>.</param>
/// <param name="Because">A sentence with the values that decided.</param>
/// <param name="Since">First day on which the rule denies it (UTC).</param>
/// <param name="Deadline">That day and the remedy days of the policy.</param>
/// <param name="Causes">What changed on that day and bears on the rule; empty when it is not a matter of dates.</param>
public sealed record Breach(
    string Rule, string Reason, string Because, DateOnly Since, DateOnly Deadline, Seq<LawChange> Causes);

/// <summary>Holds what runs against the law: what is unlawful now, and what will be when nothing is done.</summary>
public static class LawAudit
{
    /// <summary>Every placement that is unlawful at an instant, by id.</summary>
    /// <param name="world">What runs.</param>
    /// <param name="law">The law of the world's fleet.</param>
    /// <param name="asOf">The instant.</param>
    /// <param name="inForceSince">When these policies were activated; nothing is unlawful by them before.</param>
    public static Seq<UnlawfulBinding> At(
        World world, Law law, DateTimeOffset asOf, DateTimeOffset? inForceSince = null)
    {
        var calendar = new LawCalendar(world.Fleet, law.Policies);
        return Unlawful(world, law, asOf)
            .Select(placement => Of(law, placement, asOf, (calendar, inForceSince)))
            .ToSeq();
    }

    /// <summary>What is wrong with something that is unlawful at an instant.</summary>
    internal static UnlawfulBinding Of(
        Law law, Placement placement, DateTimeOffset asOf, (LawCalendar Calendar, DateTimeOffset? InForceSince) time)
    {
        var earliest = DayOf(
            time.InForceSince is { } start && start > placement.DecidedAt ? start : placement.DecidedAt);
        return Of(law, placement, Denials(law, placement, asOf).Select(verdict =>
        {
            var since = Since(law, placement, verdict.Rule, (time.Calendar, asOf, earliest));
            return BreachOf(law, placement, verdict, (since, time.Calendar));
        }).ToSeq());
    }

    /// <summary>
    /// What will become unlawful after one instant and up to another although nothing changes but the date: a rule
    /// begins to hold, or a claim, a transfer basis or a waiver ends. Ordered by day, then by placement; a placement
    /// comes once for each day on which a rule begins to deny it.
    /// </summary>
    public static Seq<UnlawfulBinding> Upcoming(
        World world, PolicySet policies, DateTimeOffset from, DateTimeOffset until)
    {
        var law = new Law(world.Fleet, policies);
        var calendar = new LawCalendar(world.Fleet, policies);
        // What is lawful has no rules against it and is left out.
        var before = Unlawful(world, law, from).ToDictionary(
            placement => placement.Id, placement => RulesAgainst(law, placement, from));
        var found = new List<UnlawfulBinding>();
        foreach (var changes in calendar.Between(from, until))
        {
            var asOf = new DateTimeOffset(changes.Key, TimeOnly.MinValue, TimeSpan.Zero);
            var now = new Dictionary<DecisionId, HashSet<string>>();
            foreach (var placement in Unlawful(world, law, asOf))
            {
                var against = RulesAgainst(law, placement, asOf);
                var known = before.GetValueOrDefault(placement.Id, Nothing);
                now.Add(placement.Id, against);
                if (against.IsSubsetOf(known)) continue;
                found.Add(Of(law, placement, Denials(law, placement, asOf)
                    .Where(verdict => !known.Contains(verdict.Rule))
                    .Select(verdict => BreachOf(law, placement, verdict, (changes.Key, calendar)))
                    .ToSeq()));
            }

            before = now;
        }

        return found.ToSeq();
    }

    private static List<Placement> Unlawful(World world, Law law, DateTimeOffset asOf) =>
        [.. LawScan.Unlawful(world, law, asOf).OrderBy(placement => placement.Id)];

    private static readonly HashSet<string> Nothing = [];

    private static HashSet<string> RulesAgainst(Law law, Placement placement, DateTimeOffset asOf) =>
        law.IsLawful(placement, asOf)
            ? Nothing
            : Denials(law, placement, asOf).Select(verdict => verdict.Rule).ToHashSet(StringComparer.Ordinal);

    /// <summary>One verdict for each rule that denies, whichever of its pools it denies first.</summary>
    internal static IEnumerable<Verdict> Denials(Law law, Placement placement, DateTimeOffset asOf) =>
        law.JudgeRunning(placement, asOf)
            .Where(verdict => verdict.Result == VerdictResult.Denied)
            .DistinctBy(verdict => verdict.Rule, StringComparer.Ordinal);

    private static UnlawfulBinding Of(Law law, Placement placement, Seq<Breach> breaches) =>
        new(placement, breaches, breaches.Min(breach => breach.Deadline));

    /// <summary>First day of the unbroken time up to now in which the rule denies.</summary>
    private static DateOnly Since(
        Law law, Placement placement, string rule, (LawCalendar Calendar, DateTimeOffset AsOf, DateOnly Earliest) time)
    {
        var since = DayOf(time.AsOf);
        foreach (var day in time.Calendar.DaysBackFrom(time.AsOf))
        {
            if (day <= time.Earliest) return time.Earliest;
            since = day;
            // Verdicts stay between changes, so the day before stands for all back to the change before.
            var before = new DateTimeOffset(day.AddDays(-1), TimeOnly.MinValue, TimeSpan.Zero);
            if (!Denials(law, placement, before).Any(verdict => verdict.Rule == rule)) return since;
        }

        return time.Earliest;
    }

    private static Breach BreachOf(
        Law law, Placement placement, Verdict verdict, (DateOnly Since, LawCalendar Calendar) time)
    {
        var (since, calendar) = time;
        var pools = placement.Units.Select(unit => law.Fleet.FindPool(unit.Node.Pool)).OfType<Regions.FleetPool>()
            .Distinct().ToList();
        var policy = law.Policies.Policies.FirstOrDefault(policy =>
            verdict.Rule.StartsWith($"{policy.Id}/", StringComparison.Ordinal)
            && pools.Exists(pool => policy.HoldsIn(pool.Region.Id)));
        var rule = policy?.Rules.FirstOrDefault(rule => $"{policy.Id}/{rule.Rule}" == verdict.Rule);
        var causes = calendar.On(since).Where(change => change.Kind switch
        {
            LawChangeKind.PolicyBegins or LawChangeKind.WaiverEnds => change.Policy == policy?.Id,
            LawChangeKind.ClaimBegins or LawChangeKind.ClaimEnds =>
                rule is CertificationRule or KeyCustodyRule or PersonnelRule or SealRule && IsThere(change, pools),
            LawChangeKind.CountEnds => rule is FreshnessRule && IsThere(change, pools),
            LawChangeKind.TransferBasisEnds => rule is TransferRule,
            _ => false,
        });
        return new Breach(verdict.Rule, verdict.Reason, verdict.Because, since, After(since, policy?.RemedyDays ?? 0),
            causes.ToSeq());
    }

    private static bool IsThere(LawChange change, List<Regions.FleetPool> pools) => pools.Exists(pool =>
        change.Region == pool.Region.Id && (change.Cluster is null || change.Cluster == pool.Cluster.Id));

    private static DateOnly After(DateOnly day, int days) =>
        DateOnly.MaxValue.DayNumber - day.DayNumber < days ? DateOnly.MaxValue : day.AddDays(days);

    private static DateOnly DayOf(DateTimeOffset instant) => DateOnly.FromDateTime(instant.UtcDateTime);
}
