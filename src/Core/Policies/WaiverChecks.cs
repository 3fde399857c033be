using ControlPlane.Files;
using ControlPlane.Regions;

namespace ControlPlane.Policies;

/// <summary>Finds waivers that are incomplete, or that are about nothing.</summary>
internal static class WaiverChecks
{
    public static IEnumerable<Problem> Find(PolicyDraft draft, Fleet? fleet)
    {
        var first = new Dictionary<WaiverId, FileDraft<Waiver>>();
        foreach (var part in draft.Waivers.SelectMany(file => file.Root()))
        {
            var file = (FileDraft<Waiver>)part.File;
            if (part.Holds("id") && !first.TryAdd(part.Item.Id, file))
                yield return part.Problem(
                    "duplicate-id", "id", $"'{part.Item.Id}' is declared already at {first[part.Item.Id].Place("id")}");
            foreach (var problem in Form(part).Concat(Policy(part, draft)).Concat(Regions(part, fleet)))
                yield return problem;
        }
    }

    private static IEnumerable<Problem> Form(FilePart<Waiver> part)
    {
        var waiver = part.Item;
        if (part.Holds("validFrom", "expires") && waiver.Expires < waiver.ValidFrom)
            yield return part.Problem("date-order", "expires", "lies before validFrom");
        if (part.Holds("rules") && waiver.Rules.Count == 0)
            yield return part.Problem("waiver-incomplete", "rules", "is empty; name each rule that is waived");
        if (part.Holds("regions") && waiver.Regions.Count == 0)
            yield return part.Problem("waiver-incomplete", "regions", "is empty; name each region that is opened");
        if (!part.Holds("match")) yield break;
        foreach (var problem in MatchChecks.Find(part.File, waiver.Match)) yield return problem;
    }

    private static IEnumerable<Problem> Policy(FilePart<Waiver> part, PolicyDraft draft)
    {
        var known = draft.Policies.SelectMany(file => file.Root()).Where(policy => policy.Holds("id")).ToList();
        var complete = draft.Policies.TrueForAll(file => file.Positions.IsBound("id"));
        if (!part.Holds("policy") || (!complete && !known.Exists(policy => policy.Item.Id == part.Item.Policy)))
            yield break;
        var policy = known.Find(policy => policy.Item.Id == part.Item.Policy).Item;
        if (policy is null)
        {
            var ids = known.Select(other => other.Item.Id.Value).ToList();
            yield return part.Problem("policy-unknown", "policy",
                $"is '{part.Item.Policy}', which is not declared{NearestName.Hint(part.Item.Policy.Value, ids)}");
            yield break;
        }

        var declared = PolicyIncludes.RulesOf(policy, PolicyIncludes.ById(draft.Policies));
        var rules = declared.OfType<PolicyRule>().Where(rule => rule.Rule is not null).ToList();
        for (var index = 0; index < part.Item.Rules.Count; index++)
        {
            if (part.Item.Rules[index] is not { } name) continue;
            var rule = rules.Find(rule => rule.Rule == name);
            if (rule is null && rules.Count == declared.Count)
            {
                yield return part.Problem("rule-unknown", $"rules[{index}]",
                    $"is '{name}', which {policy.Id} does not "
                    + $"have{NearestName.Hint(name, rules.Select(other => other.Rule))}");
            }
            else if (rule is not (null or LawRule))
                yield return part.Problem("rule-conflict", $"rules[{index}]",
                    $"'{name}' is not about places; only rules about places are waived");
        }
    }

    private static IEnumerable<Problem> Regions(FilePart<Waiver> part, Fleet? fleet)
    {
        if (fleet is null || !part.Holds("regions")) return [];
        return RuleChecks.Regions(fleet, part.Item.Regions, "regions")
            .Select(problem => part.File.ProblemAt(problem.Slug, problem.Path, problem.Message));
    }
}
