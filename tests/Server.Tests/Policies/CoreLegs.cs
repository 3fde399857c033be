using ControlPlane.Policies;
using ControlPlane.Regions;

namespace ControlPlane.Server.Tests.Policies;

/// <summary>The two ways that need nothing but Core.</summary>
internal static class CoreLegs
{
    /// <summary>Rule by rule, on the facts of each pool.</summary>
    public static Said Interpreter(LawQuestion question, Fleet fleet)
    {
        var law = new Law(fleet, question.Policies);
        return Said.By(question, (workload, pool) =>
        {
            var (request, asOf) = (workload.Workload.Request(), LawQuestion.Noon(workload.AsOf!.Value));
            return law.Judge(pool, LawSubject.Of(request), asOf).Concat(law.Shape(request, asOf).Verdicts)
                .Select(Said.Line);
        }, fleet);
    }

    /// <summary>
    /// Each rule by its compiled set, and all together by the set that decisions are made with. Sets know no sentences:
    /// those are the interpreter's, and stand only where both agree on reason and result.
    /// </summary>
    public static Said Compiled(LawQuestion question, Said interpreter, Fleet fleet)
    {
        var law = new Law(fleet, question.Policies);
        var said = new List<Dictionary<string, string>>();
        foreach (var (workload, spoken) in question.Workloads.Zip(interpreter.ByPool))
        {
            var asOf = LawQuestion.Noon(workload.AsOf!.Value);
            var (subject, index) = (LawSubject.Of(workload.Workload.Request()), new LawIndex(fleet, asOf));
            var lawful = law.LawfulPools(subject, asOf);
            var rules = RulesOf(law, subject, asOf).Select(item => (item.Policy, item.Rule,
                Allowed: item.Rule.Compile(index, subject),
                Waived: WaiversOf(question.Policies, item, (subject, asOf))
                    .Aggregate(index.None, (set, waiver) => set.Or(index.AnyOf(waiver.Regions, index.InRegion)))))
                .ToList();
            said.Add(fleet.Pools.ToDictionary(pool => pool.Id.Value, pool =>
            {
                var results = rules.Select(item => (Name: $"{item.Policy.Id}/{item.Rule.Rule}", item.Rule.Reason,
                    Result: ResultOf(item.Policy, item.Allowed.Contains(pool.Index), item.Waived.Contains(pool.Index))))
                    .ToList();
                var heads = results.ConvertAll(item =>
                    $"{item.Name} {item.Reason} {item.Result.ToString().ToLowerInvariant()}: ");
                var lines = spoken[pool.Id.Value].Split('\n').Where(line => line.Length > 0).ToList();
                var ofPlaces = lines.Where(line => results.Exists(item =>
                    line.StartsWith($"{item.Name} ", StringComparison.Ordinal))).ToList();
                var agrees = ofPlaces.Count == heads.Count && ofPlaces.Zip(heads)
                    .All(pair => pair.First.StartsWith(pair.Second, StringComparison.Ordinal));
                var ofRequest = lines.Exists(line => line.StartsWith("request/", StringComparison.Ordinal)
                    && line.Contains(" denied: ", StringComparison.Ordinal));
                var open = !ofRequest && results.TrueForAll(item => item.Result != VerdictResult.Denied);
                return agrees && open == lawful.Contains(pool.Index)
                    ? spoken[pool.Id.Value]
                    : $"{string.Join('\n', heads)}\nlawful {lawful.Contains(pool.Index)}";
            }, StringComparer.Ordinal));
        }

        return new Said(said);
    }

    private static IEnumerable<(Policy Policy, LawRule Rule)> RulesOf(
        Law law, LawSubject subject, DateTimeOffset asOf) => law.Applicable(subject, asOf)
        .SelectMany(policy => policy.Rules.OfType<LawRule>().Select(rule => (policy, rule)));

    private static IEnumerable<Waiver> WaiversOf(
        PolicySet policies, (Policy Policy, LawRule Rule) of, (LawSubject Subject, DateTimeOffset AsOf) at) =>
        policies.Waivers.Where(waiver => waiver.HoldsOn(DateOnly.FromDateTime(at.AsOf.UtcDateTime))
            && waiver.Covers(of.Policy, of.Rule, at.Subject));

    private static VerdictResult ResultOf(Policy policy, bool allowed, bool waived)
    {
        if (allowed) return VerdictResult.Allowed;
        if (policy.Enforcement != Enforcement.Mandatory) return VerdictResult.Advised;
        return waived ? VerdictResult.Waived : VerdictResult.Denied;
    }
}
