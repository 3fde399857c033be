using ControlPlane.Regions;

namespace ControlPlane.Policies;

/// <summary>The limits that a request sets itself; they bind like policies.</summary>
internal static class RequestClauses
{
    public const string Residency = "request/residency";
    public const string AccessLaws = "request/excludeAccessLaws";
    public const string Regions = "request/regions";

    public static void Judge(Fleet fleet, FleetCluster cluster, LawSubject subject, List<Verdict> verdicts)
    {
        var country = cluster.Site.Spec.Country;
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
                .Select(law => Policies.AccessLaws.WhyReached(fleet, cluster, law))
                .FirstOrDefault(reached => reached is not null);
            verdicts.Add(Of(ReasonCode.RequestAccessLaw, AccessLaws, why is null,
                why ?? $"no controller is reached by {string.Join(", ", subject.ExcludeAccessLaws)}"));
        }

        if (subject.AllowRegions.Count > 0 || subject.DenyRegions.Count > 0)
        {
            var region = cluster.Region.Id;
            var inside = (subject.AllowRegions.Count == 0 || subject.AllowRegions.Contains(region))
                && !subject.DenyRegions.Contains(region);
            verdicts.Add(Of(ReasonCode.RequestRegion, Regions, inside,
                inside ? $"{region} is permitted by the request" : $"{region} is not permitted by the request"));
        }
    }

    public static ClusterSet Compile(LawIndex index, LawSubject subject)
    {
        var set = index.All;
        if (subject.Residency.Count > 0) set = set.And(index.AnyOf(subject.Residency, index.InJurisdiction));
        if (subject.AllowRegions.Count > 0) set = set.And(index.AnyOf(subject.AllowRegions, index.InRegion));
        return set
            .Except(index.AnyOf(subject.ExcludeAccessLaws, index.ReachedBy))
            .Except(index.AnyOf(subject.DenyRegions, index.InRegion));
    }

    private static Verdict Of(string reason, string rule, bool allowed, string because) =>
        new(VerdictKind.Law, reason, rule, allowed ? VerdictResult.Allowed : VerdictResult.Denied, because);
}
