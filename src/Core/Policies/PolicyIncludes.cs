using ControlPlane.Files;

namespace ControlPlane.Policies;

/// <summary>
/// Gives policies the rules of those that they include. An included rule belongs to the policy that includes it: its
/// match, days and enforcement count, and verdicts name it there.
/// </summary>
internal static class PolicyIncludes
{
    /// <summary>The rules of a policy and, in order, of what it includes; each policy once.</summary>
    public static Seq<PolicyRule> RulesOf(Policy policy, IReadOnlyDictionary<PolicyId, Policy> known)
    {
        if (policy.Includes.Count == 0) return policy.Rules;
        var (rules, seen) = (new List<PolicyRule>(), new HashSet<PolicyId>());
        var open = new Stack<Policy>([policy]);
        while (open.TryPop(out var next))
        {
            if (!seen.Add(next.Id)) continue;
            rules.AddRange(next.Rules);
            foreach (var id in next.Includes.Reverse())
            {
                if (known.TryGetValue(id, out var included)) open.Push(included);
            }
        }

        return rules.ToSeq();
    }

    /// <summary>Policies by id; the first of those that share one.</summary>
    public static Dictionary<PolicyId, Policy> ById(IEnumerable<FileDraft<Policy>> files) => files
        .SelectMany(file => file.Root())
        .Where(part => part.Holds("id"))
        .Select(part => part.Item)
        .DistinctBy(policy => policy.Id)
        .ToDictionary(policy => policy.Id);

    /// <summary>Includes of what is not declared, circles, and names that come together twice.</summary>
    public static IEnumerable<Problem> Find(List<FileDraft<Policy>> files)
    {
        var known = ById(files);
        foreach (var part in files.SelectMany(file => file.Root()).Where(part => part.Item.Includes.Count > 0))
        {
            for (var index = 0; index < part.Item.Includes.Count; index++)
            {
                if (part.Item.Includes[index] is not { Value: not null } id) continue;
                if (known.ContainsKey(id)) continue;
                var hint = NearestName.Hint(id.Value, known.Keys.Select(other => other.Value));
                yield return part.Problem(
                    "policy-unknown", $"includes[{index}]", $"is '{id}', which is not declared{hint}");
            }

            if (Circle(part.Item, known) is { } circle)
            {
                yield return part.Problem(
                    "include-cycle", "includes", $"leads back to where it begins: {string.Join(" -> ", circle)}");
                continue;
            }

            foreach (var twice in RulesOf(part.Item, known).OfType<PolicyRule>()
                         .GroupBy(rule => rule.Rule, StringComparer.Ordinal)
                         .Where(same => same.Key is not null && same.Count() > 1))
            {
                yield return part.Problem(
                    "duplicate-id", "includes", $"brings in a second rule of the name '{twice.Key}'");
            }
        }
    }

    /// <summary>The way from a policy over includes back to itself; null when there is none.</summary>
    private static List<PolicyId>? Circle(Policy start, Dictionary<PolicyId, Policy> known)
    {
        var (seen, open) = (new HashSet<PolicyId>(), new Stack<List<PolicyId>>([[start.Id]]));
        while (open.TryPop(out var way))
        {
            if (!known.TryGetValue(way[^1], out var policy)) continue;
            foreach (var next in policy.Includes)
            {
                if (next == start.Id) return [.. way, next];
                if (seen.Add(next)) open.Push([.. way, next]);
            }
        }

        return null;
    }
}
