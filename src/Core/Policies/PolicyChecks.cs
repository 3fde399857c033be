using ControlPlane.Files;
using ControlPlane.Regions;

namespace ControlPlane.Policies;

/// <summary>Finds what is wrong between the fields of a policy, and between policies.</summary>
internal static class PolicyChecks
{
    public static IEnumerable<Problem> Find(List<FileDraft<Policy>> files, Fleet? fleet) =>
        Duplicates(files).Concat(files.SelectMany(file => OfFile(file, fleet)));

    private static IEnumerable<Problem> Duplicates(List<FileDraft<Policy>> files)
    {
        var first = new Dictionary<PolicyId, FileDraft<Policy>>();
        foreach (var part in files.SelectMany(file => file.Root()).Where(part => part.Holds("id")))
        {
            var file = (FileDraft<Policy>)part.File;
            if (!first.TryAdd(part.Item.Id, file))
                yield return part.Problem("duplicate-id", "id", $"'{part.Item.Id}' is declared already at {first[part.Item.Id].Place("id")}");
        }
    }

    private static IEnumerable<Problem> OfFile(FileDraft<Policy> file, Fleet? fleet)
    {
        foreach (var part in file.Root())
        {
            var policy = part.Item;
            if (part.Holds("validFrom", "validTo") && policy.ValidTo < policy.ValidFrom)
                yield return part.Problem("date-order", "validTo", "lies before validFrom");
            if (part.Gives("rules") && policy.Rules.Count == 0)
                yield return part.Problem("policy-blank", "rules", "a policy without rules allows everything; blank never means allow");
            foreach (var problem in Match(part)) yield return problem;
            foreach (var problem in Rules(file, policy, fleet)) yield return problem;
        }
    }

    private static IEnumerable<Problem> Match(FilePart<Policy> part)
    {
        if (!part.Holds("match")) yield break;
        var match = part.Item.Match;
        if (match.IsBlank)
            yield return part.Problem("policy-blank", "match", "matches nothing; say everything: true to match every workload");
        if (match.Everything && match != new PolicyMatch { Everything = true })
            yield return part.Problem("rule-conflict", "match", "everything: true stands alone; leave the other fields out");
        for (var index = 0; index < match.MatchExpressions.Count; index++)
        {
            var expression = match.MatchExpressions[index];
            var needsValues = expression.Operator is LabelOperator.In or LabelOperator.NotIn;
            if (needsValues != expression.Values.Count > 0)
            {
                yield return part.Problem("rule-conflict", $"match.matchExpressions[{index}].values",
                    needsValues ? "in and notIn need values" : "exists and doesNotExist take no values");
            }
        }
    }

    private static IEnumerable<Problem> Rules(FileDraft<Policy> file, Policy policy, Fleet? fleet)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        for (var index = 0; index < policy.Rules.Count; index++)
        {
            // A rule that could not be bound has been reported and left a gap.
            if (policy.Rules[index] is not { } rule) continue;
            var path = $"rules[{index}]";
            if (rule.Rule is { } name && !names.Add(name))
                yield return file.ProblemAt("duplicate-id", $"{path}.rule", $"'{name}' is the name of another rule of the policy");
            foreach (var problem in rule.Check(fleet ?? Fleet.Empty, path))
            {
                if (fleet is not null || !IsAboutFleet(problem)) yield return file.ProblemAt(problem.Slug, problem.Path, problem.Message);
            }
        }
    }

    /// <summary>Without a fleet nothing is known, so nothing can be said to be unknown.</summary>
    private static bool IsAboutFleet(Problem problem) => problem.Slug.EndsWith("-unknown", StringComparison.Ordinal);
}
