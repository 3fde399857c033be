namespace ControlPlane.Policies;

/// <summary>The limits that a request sets itself; they bind like policies.</summary>
internal static class RequestClauses
{
    public const string Residency = "request/residency";
    public const string AccessLaws = "request/excludeAccessLaws";
    public const string Regions = "request/regions";

    public static void Judge(LawCase at, List<Verdict> verdicts)
    {
        var (fleet, country, subject) = (at.Fleet, at.Country, at.Subject);
        if (subject.Residency.Count > 0)
        {
            var inside = subject.Residency.Any(allowed => fleet.LiesIn(country, allowed));
            verdicts.Add(Of(ReasonCode.RequestResidency, Residency, inside, inside
                ? $"the site stands in {country}"
                : $"the site stands in {country}, outside {string.Join(", ", subject.Residency)}"));
        }

        if (subject.ExcludeAccessLaws.Count > 0)
        {
            var why = subject.ExcludeAccessLaws
                .Select(law => Policies.AccessLaws.WhyReached(fleet, at.Cluster, law))
                .FirstOrDefault(reached => reached is not null);
            verdicts.Add(Of(ReasonCode.RequestAccessLaw, AccessLaws, why is null,
                why ?? $"no controller is reached by {string.Join(", ", subject.ExcludeAccessLaws)}"));
        }

        if (subject.AllowRegions.Count > 0 || subject.DenyRegions.Count > 0)
        {
            var region = at.Pool.Region.Id;
            var inside = (subject.AllowRegions.Count == 0 || subject.AllowRegions.Contains(region))
                && !subject.DenyRegions.Contains(region);
            verdicts.Add(Of(ReasonCode.RequestRegion, Regions, inside,
                inside ? $"{region} is permitted by the request" : $"{region} is not permitted by the request"));
        }
    }

    public static PoolSet Compile(LawIndex index, LawSubject subject) =>
        Clauses(index, subject).Aggregate(index.All, (set, clause) => set.And(clause.Allowed));

    public static Seq<string> Contradicting(LawIndex index, LawSubject subject)
    {
        var clauses = Clauses(index, subject).ToList();
        if (clauses.Exists(clause => clause.Allowed.Count == 0) || Compile(index, subject).Count > 0) return [];

        // What can be left out while the rest still excludes itself is not to blame.
        for (var left = clauses.Count - 1; left >= 0; left--)
        {
            var rest = clauses.Where((_, at) => at != left).ToList();
            if (rest.Aggregate(index.All, (set, clause) => set.And(clause.Allowed)).Count == 0) clauses = rest;
        }

        return clauses.Select(clause => clause.Name).ToSeq();
    }

    private static IEnumerable<(string Name, PoolSet Allowed)> Clauses(LawIndex index, LawSubject subject)
    {
        if (subject.Residency.Count > 0) yield return (Residency, index.AnyOf(subject.Residency, index.InJurisdiction));
        if (subject.ExcludeAccessLaws.Count > 0)
            yield return (AccessLaws, index.All.Except(index.AnyOf(subject.ExcludeAccessLaws, index.ReachedBy)));
        if (subject.AllowRegions.Count == 0 && subject.DenyRegions.Count == 0) yield break;
        var regions = subject.AllowRegions.Count == 0 ? index.All : index.AnyOf(subject.AllowRegions, index.InRegion);
        yield return (Regions, regions.Except(index.AnyOf(subject.DenyRegions, index.InRegion)));
    }

    private static Verdict Of(string reason, string rule, bool allowed, string because) =>
        new(VerdictKind.Law, reason, rule, allowed ? VerdictResult.Allowed : VerdictResult.Denied, because);
}
