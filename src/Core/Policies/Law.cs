using ControlPlane.Regions;

namespace ControlPlane.Policies;

/// <summary>
/// A policy set applied to a fleet. Judges a pool rule by rule (the interpreter), and answers from compiled sets
/// which pools are lawful at all; the two always agree. Compiled sets are remembered for one day and one fleet;
/// this memory changes speed, never an answer. One thread uses an instance.
/// </summary>
public sealed class Law(Fleet fleet, PolicySet policies)
{
    /// <summary>Subjects remembered at once; past it the memory is emptied, so that strangers cannot fill it.</summary>
    private const int MaxRememberedSubjects = 4096;

    private readonly Dictionary<LawSubject, PoolSet> lawful = [];
    private readonly Dictionary<PolicyId, PoolSet> allowedByPolicy = [];
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

    /// <summary>The verdict of every law rule and of the request's own clauses on one pool.</summary>
    public Seq<Verdict> Judge(FleetPool pool, LawSubject subject, DateTimeOffset asOf)
    {
        var verdicts = new List<Verdict>();
        var at = new LawCase(fleet, pool, subject, asOf);
        RequestClauses.Judge(at, verdicts);
        foreach (var policy in Applicable(subject, asOf))
        {
            foreach (var rule in policy.Rules.OfType<LawRule>())
            {
                var finding = rule.Judge(at);
                var denied = policy.Enforcement == Enforcement.Mandatory ? VerdictResult.Denied : VerdictResult.Advised;
                verdicts.Add(new Verdict(VerdictKind.Law, rule.Reason, $"{policy.Id}/{rule.Rule}",
                    finding.Allowed ? VerdictResult.Allowed : denied, finding.Because));
            }
        }

        return verdicts.ToSeq();
    }

    /// <summary>The pools on which no law denies the subject.</summary>
    public PoolSet LawfulPools(LawSubject subject, DateTimeOffset asOf)
    {
        var today = IndexOf(asOf);
        if (lawful.TryGetValue(subject, out var known)) return known;
        var set = RequestClauses.Compile(today, subject);
        foreach (var policy in Applicable(subject, asOf))
        {
            if (policy.Enforcement == Enforcement.Mandatory) set = set.And(AllowedBy(policy, today, subject));
        }

        if (lawful.Count >= MaxRememberedSubjects) lawful.Clear();
        lawful.Add(subject, set);
        return set;
    }

    /// <summary>
    /// Clauses of the request that exclude each other although each by itself leaves some pool; empty when they do
    /// not, or when one of them alone leaves none.
    /// </summary>
    public Seq<string> ContradictingClauses(LawSubject subject, DateTimeOffset asOf) =>
        RequestClauses.Contradicting(IndexOf(asOf), subject);

    private PoolSet AllowedBy(Policy policy, LawIndex today, LawSubject subject)
    {
        if (!allowedByPolicy.TryGetValue(policy.Id, out var forAll))
        {
            forAll = Compile(policy, looksAtSubject: false, today, subject);
            allowedByPolicy.Add(policy.Id, forAll);
        }

        return forAll.And(Compile(policy, looksAtSubject: true, today, subject));
    }

    private static PoolSet Compile(Policy policy, bool looksAtSubject, LawIndex today, LawSubject subject) =>
        policy.Rules.OfType<LawRule>()
            .Where(rule => rule.LooksAtSubject == looksAtSubject)
            .Aggregate(today.All, (sum, rule) => sum.And(rule.Compile(today, subject)));

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
