using ControlPlane.Regions;

namespace ControlPlane.Policies;

/// <summary>
/// A policy set applied to a fleet. Judges a cluster rule by rule (the interpreter), and answers from compiled sets
/// which clusters are lawful at all; the two always agree. Compiled sets are remembered for one day and one fleet;
/// this memory changes speed, never an answer. One thread uses an instance.
/// </summary>
public sealed class Law(Fleet fleet, PolicySet policies)
{
    /// <summary>Subjects remembered at once; past it the memory is emptied, so that strangers cannot fill it.</summary>
    private const int MaxRememberedSubjects = 4096;

    private readonly Dictionary<LawSubject, ClusterSet> lawful = [];
    private readonly Dictionary<PolicyId, ClusterSet> allowedByPolicy = [];
    private LawIndex? index;
    private DateOnly indexDay;

    public Fleet Fleet => fleet;

    public PolicySet Policies => policies;

    /// <summary>Policies judged for a subject on the day of an instant.</summary>
    public IEnumerable<Policy> Applicable(LawSubject subject, DateTimeOffset asOf)
    {
        var day = DateOnly.FromDateTime(asOf.UtcDateTime);
        return policies.Policies.Where(policy => policy.HoldsOn(day) && policy.Match.Matches(subject));
    }

    /// <summary>The verdict of every law rule and of the request's own clauses on one cluster.</summary>
    public Seq<Verdict> Judge(FleetCluster cluster, LawSubject subject, DateTimeOffset asOf)
    {
        var verdicts = new List<Verdict>();
        RequestClauses.Judge(fleet, cluster, subject, verdicts);
        foreach (var policy in Applicable(subject, asOf))
        {
            foreach (var rule in policy.Rules.OfType<LawRule>())
            {
                var finding = rule.Judge(fleet, cluster, asOf);
                var denied = policy.Enforcement == Enforcement.Mandatory ? VerdictResult.Denied : VerdictResult.Advised;
                verdicts.Add(new Verdict(VerdictKind.Law, rule.Reason, $"{policy.Id}/{rule.Rule}",
                    finding.Allowed ? VerdictResult.Allowed : denied, finding.Because));
            }
        }

        return verdicts.ToSeq();
    }

    /// <summary>The clusters on which no law denies the subject.</summary>
    public ClusterSet LawfulClusters(LawSubject subject, DateTimeOffset asOf)
    {
        var today = IndexOf(asOf);
        if (lawful.TryGetValue(subject, out var known)) return known;
        var set = RequestClauses.Compile(today, subject);
        foreach (var policy in Applicable(subject, asOf))
        {
            if (policy.Enforcement == Enforcement.Mandatory) set = set.And(AllowedBy(policy, today));
        }

        if (lawful.Count >= MaxRememberedSubjects) lawful.Clear();
        lawful.Add(subject, set);
        return set;
    }

    /// <summary>
    /// Clauses of the request that exclude each other although each by itself leaves some cluster; empty when they do
    /// not, or when one of them alone leaves none.
    /// </summary>
    public Seq<string> ContradictingClauses(LawSubject subject, DateTimeOffset asOf) =>
        RequestClauses.Contradicting(IndexOf(asOf), subject);

    private ClusterSet AllowedBy(Policy policy, LawIndex today)
    {
        if (allowedByPolicy.TryGetValue(policy.Id, out var known)) return known;
        var set = policy.Rules.OfType<LawRule>().Aggregate(today.All, (sum, rule) => sum.And(rule.Compile(today)));
        allowedByPolicy.Add(policy.Id, set);
        return set;
    }

    private LawIndex IndexOf(DateTimeOffset asOf)
    {
        var day = DateOnly.FromDateTime(asOf.UtcDateTime);
        if (index is null || indexDay != day)
        {
            index = new LawIndex(fleet, asOf);
            indexDay = day;
            lawful.Clear();
            allowedByPolicy.Clear();
        }

        return index;
    }
}
