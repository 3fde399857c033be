using System.Globalization;
using ControlPlane.Regions;
using ControlPlane.Workloads;

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

    // Many subjects come to the same pools, which are kept once.
    private readonly HashSet<PoolSet> sets = [];
    private readonly Dictionary<Policy, PoolSet> allowedByPolicy = new(ReferenceEqualityComparer.Instance);
    private readonly bool demands = policies.Policies.Any(policy => policy.Rules.Any(rule => rule is DemandRule));
    private DatasetLaw? datasets;
    private LawIndex? index;
    private DateOnly indexDay;

    public Fleet Fleet => fleet;

    public PolicySet Policies => policies;

    /// <summary>Where data may be kept under the same policies.</summary>
    public DatasetLaw Datasets => datasets ??= new DatasetLaw(fleet, policies);

    /// <summary>Whether a rule looks at how something runs, and not only at where.</summary>
    internal bool HasDemands => demands;

    /// <summary>Whether some rule may let work end for other work.</summary>
    internal bool MayPreempt { get; } = policies.Policies.Any(policy => policy.Rules.Any(
        rule => rule is PreemptionRule or FailoverReserveRule { Lends: true }));

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
        foreach (var policy in Applicable(subject, asOf).Where(policy => policy.HoldsIn(pool.Region.Id)))
        {
            foreach (var rule in policy.Rules.OfType<LawRule>()) verdicts.Add(Judge(policy, rule, at));
        }

        foreach (var dataset in subject.Datasets) verdicts.Add(Datasets.Judge(pool, (dataset, subject.Tenant), asOf));
        return verdicts.ToSeq();
    }

    private Verdict Judge(Policy policy, LawRule rule, LawCase at)
    {
        var finding = rule.Judge(at);
        var verdict = new Verdict(VerdictKind.Law, rule.Reason, $"{policy.Id}/{rule.Rule}",
            finding.Allowed ? VerdictResult.Allowed : DenialOf(policy), finding.Because);
        if (verdict.Result != VerdictResult.Denied) return verdict;
        var waiver = Waivers(policy, rule, at.Subject, at.AsOf)
            .FirstOrDefault(waiver => waiver.Regions.Contains(at.Pool.Region.Id));
        return waiver is null ? verdict : verdict with
        {
            Result = VerdictResult.Waived,
            Because = string.Create(CultureInfo.InvariantCulture,
                $"{finding.Because}; waived until {waiver.Expires:yyyy-MM-dd} by {waiver.Owner} ({waiver.Id}): "
                + $"{waiver.Because}"),
        };
    }

    /// <summary>
    /// The request as the policies in force demand that it runs, and the verdicts of the rules that demand it. Advisory
    /// policies demand nothing; they say what they would.
    /// </summary>
    public ShapedRequest Shape(PlacementRequest request, DateTimeOffset asOf)
    {
        if (!demands) return new(request, []);
        var shaped = request;
        var verdicts = new List<Verdict>();
        foreach (var (policy, rule) in Demands(LawSubject.Of(request), asOf))
        {
            var finding = rule.Judge(shaped);
            var mandatory = policy.Enforcement == Enforcement.Mandatory;
            var met = finding.Allowed && (mandatory || rule.Raise(shaped) == shaped);
            if (met && mandatory) shaped = rule.Raise(shaped);
            verdicts.Add(VerdictOf(policy, rule, finding with { Allowed = met }));
        }

        return new(shaped, verdicts.ToSeq());
    }

    /// <summary>The verdict of every rule of law, on every pool that it uses, on something that runs already.</summary>
    public Seq<Verdict> JudgeRunning(Placement running, DateTimeOffset asOf)
    {
        var subject = LawSubject.Of(running.Request);
        var verdicts = new List<Verdict>();
        foreach (var id in running.Units.Select(unit => unit.Node.Pool).Distinct().Order())
        {
            if (fleet.FindPool(id) is { } pool) verdicts.AddRange(Judge(pool, subject, asOf));
        }

        foreach (var (policy, rule) in DemandsOn(running, subject, asOf))
            verdicts.Add(VerdictOf(policy, rule, rule.Judge(fleet, running)));
        return verdicts.ToSeq();
    }

    /// <summary>The verdict of every rule on a move of a request to a pool: of places, and of how work must
    /// run.</summary>
    internal Seq<Verdict> JudgeDestination(FleetPool pool, PlacementRequest request, DateTimeOffset asOf)
    {
        var subject = LawSubject.Of(request);
        return Judge(pool, subject, asOf)
            .Concat(Demands(subject, asOf)
                .Select(demand => VerdictOf(demand.Policy, demand.Rule, demand.Rule.Judge(request, pool))))
            .ToSeq();
    }

    /// <summary>
    /// Whether no law denies something that runs where it runs; the same answer as <see cref="JudgeRunning"/> gives,
    /// from compiled sets.
    /// </summary>
    public bool IsLawful(Placement running, DateTimeOffset asOf)
    {
        var subject = LawSubject.Of(running.Request);
        var set = LawfulPools(subject, asOf);
        foreach (var unit in running.Units.Span)
        {
            if (fleet.FindPool(unit.Node.Pool) is { } pool && !set.Contains(pool.Index)) return false;
        }

        return !demands || DemandsOn(running, subject, asOf).All(demand =>
            demand.Policy.Enforcement != Enforcement.Mandatory || demand.Rule.Judge(fleet, running).Allowed);
    }

    /// <summary>What a denial by a rule of the policy amounts to.</summary>
    internal static VerdictResult DenialOf(Policy policy) =>
        policy.Enforcement == Enforcement.Mandatory ? VerdictResult.Denied : VerdictResult.Advised;

    private IEnumerable<(Policy Policy, DemandRule Rule)> Demands(LawSubject subject, DateTimeOffset asOf) =>
        demands ? Applicable(subject, asOf)
            .SelectMany(policy => policy.Rules.OfType<DemandRule>().Select(rule => (policy, rule))) : [];

    /// <summary>What is demanded of something that runs: by policies that are judged where it runs.</summary>
    private IEnumerable<(Policy Policy, DemandRule Rule)> DemandsOn(
        Placement running, LawSubject subject, DateTimeOffset asOf) =>
        Demands(subject, asOf).Where(demand => demand.Policy.Scope is null || running.Units.Any(unit =>
            fleet.FindPool(unit.Node.Pool) is { } pool && demand.Policy.HoldsIn(pool.Region.Id)));

    private static Verdict VerdictOf(Policy policy, DemandRule rule, LawFinding finding) => new(
        VerdictKind.Law, rule.Reason, $"{policy.Id}/{rule.Rule}",
        finding.Allowed ? VerdictResult.Allowed : DenialOf(policy), finding.Because);

    private IEnumerable<Waiver> Waivers(Policy policy, LawRule rule, LawSubject subject, DateTimeOffset asOf)
    {
        var day = DateOnly.FromDateTime(asOf.UtcDateTime);
        return policies.Waivers.Where(waiver => waiver.HoldsOn(day) && waiver.Covers(policy, rule, subject));
    }

    /// <summary>The pools on which no law denies the subject.</summary>
    public PoolSet LawfulPools(LawSubject subject, DateTimeOffset asOf)
    {
        var today = IndexOf(asOf);
        if (lawful.TryGetValue(subject, out var known)) return known;
        var set = RequestClauses.Compile(today, subject);
        foreach (var policy in Applicable(subject, asOf))
        {
            if (policy.Enforcement == Enforcement.Mandatory) set = set.And(AllowedBy(policy, today, subject, asOf));
        }

        foreach (var dataset in subject.Datasets)
            set = set.And(Datasets.MayRead((dataset, subject.Tenant), asOf));
        if (lawful.Count >= MaxRememberedSubjects) Forget();
        if (sets.TryGetValue(set, out var same)) set = same;
        else sets.Add(set);
        lawful.Add(subject, set);
        return set;
    }

    /// <summary>
    /// Clauses of the request that exclude each other although each by itself leaves some pool; empty when they do
    /// not, or when one of them alone leaves none.
    /// </summary>
    public Seq<string> ContradictingClauses(LawSubject subject, DateTimeOffset asOf) =>
        RequestClauses.Contradicting(IndexOf(asOf), subject);

    private PoolSet AllowedBy(Policy policy, LawIndex today, LawSubject subject, DateTimeOffset asOf)
    {
        var allowed = AllowedWhereJudged(policy, today, subject, asOf);
        if (policy.Scope is not { } scope) return allowed;
        var named = today.AnyOf(scope.Regions, today.InRegion);
        return allowed.Or(scope.Except ? named : named.Not());
    }

    private PoolSet AllowedWhereJudged(Policy policy, LawIndex today, LawSubject subject, DateTimeOffset asOf)
    {
        var rules = policy.Rules.OfType<LawRule>();
        if (policies.Waivers.Count > 0 && rules.Any(rule => Waivers(policy, rule, subject, asOf).Any()))
            return rules.Aggregate(today.All, (sum, rule) => sum.And(WithWaivers(policy, rule)));

        if (!allowedByPolicy.TryGetValue(policy, out var forAll))
        {
            forAll = Compile(rules.Where(rule => !rule.LooksAtSubject), today, subject);
            allowedByPolicy.Add(policy, forAll);
        }

        return forAll.And(Compile(rules.Where(rule => rule.LooksAtSubject), today, subject));

        PoolSet WithWaivers(Policy policy, LawRule rule) => Waivers(policy, rule, subject, asOf)
            .Aggregate(
                rule.Compile(today, subject), (set, waiver) => set.Or(today.AnyOf(waiver.Regions, today.InRegion)));
    }

    private static PoolSet Compile(IEnumerable<LawRule> rules, LawIndex today, LawSubject subject) =>
        rules.Aggregate(today.All, (sum, rule) => sum.And(rule.Compile(today, subject)));

    private LawIndex IndexOf(DateTimeOffset asOf)
    {
        var day = DateOnly.FromDateTime(asOf.UtcDateTime);
        if (index is null || indexDay != day)
        {
            index = new LawIndex(fleet, asOf);
            indexDay = day;
            Forget();
            allowedByPolicy.Clear();
        }

        return index;
    }

    private void Forget()
    {
        lawful.Clear();
        sets.Clear();
    }
}

/// <summary>A request as the policies demand that it runs, and what each rule that demands something says.</summary>
public sealed record ShapedRequest(PlacementRequest Request, Seq<Verdict> Verdicts)
{
    /// <summary>Whether a rule refuses the request wherever it would run.</summary>
    public bool IsDenied => Verdicts.Any(verdict => verdict.Result == VerdictResult.Denied);
}
