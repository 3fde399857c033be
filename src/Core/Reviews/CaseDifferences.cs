using ControlPlane.Policies;

namespace ControlPlane.Reviews;

/// <summary>Says in sentences how what a policy said differs from what a case expects.</summary>
internal static class CaseDifferences
{
    public static IEnumerable<string> Find(
        PolicyCase item, PolicyId policy, List<(NodePoolId Pool, ExpectedVerdict Actual)> standings,
            Seq<Verdict> verdicts)
    {
        if (standings.Count == 0)
        {
            if (item.Expect != ExpectedVerdict.Unmatched)
                yield return $"expected {Name(item.Expect)}, but the policy is not about it";
            yield break;
        }

        var strange = standings.FindAll(standing => standing.Actual != item.Expect);
        if (strange.Count > 0)
        {
            var said = verdicts.Where(Bites).Select(verdict => $"{RuleOf(verdict, policy)}: {verdict.Because}")
                .ToList();
            var why = said.Count == 0 ? "" : $" ({string.Join("; ", said)})";
            var where = strange.Count == standings.Count ? ""
                : $" at {string.Join(", ", strange.Select(standing => standing.Pool))}";
            yield return $"expected {Name(item.Expect)}, got {Name(strange[0].Actual)}{where}{why}";
            yield break;
        }

        if (item.Expect is not (ExpectedVerdict.Denied or ExpectedVerdict.Advised)) yield break;
        var biting = verdicts.Where(Bites).ToList();
        var rules = biting.Select(verdict => RuleOf(verdict, policy)).Distinct().Order(StringComparer.Ordinal).ToList();
        var expected = item.Rules.Distinct().Order(StringComparer.Ordinal).ToList();
        if (!rules.SequenceEqual(expected, StringComparer.Ordinal))
            yield return $"expected {Name(item.Expect)} by {Listed(expected)}, got it by {Listed(rules)}";
        if (item.Reason is { } reason && !biting.Exists(verdict => verdict.Reason == reason))
            yield return $"expected the reason {reason}, got {Listed(biting.Select(verdict => verdict.Reason))}";
        if (item.Because is { } words
            && !biting.Exists(verdict => verdict.Because.Contains(words, StringComparison.Ordinal)))
            yield return $"expected '{words}' in the explanation, got '{string.Join("; ", biting.Select(Sentence))}'";
    }

    /// <summary>A verdict as case files write it.</summary>
    public static string Name(ExpectedVerdict verdict) => Files.FileShapes.NameOf(verdict.ToString());

    private static string Sentence(Verdict verdict) => verdict.Because;

    private static bool Bites(Verdict verdict) => verdict.Result is VerdictResult.Denied or VerdictResult.Advised;

    private static string RuleOf(Verdict verdict, PolicyId policy) => verdict.Rule[(policy.Value.Length + 1)..];

    private static string Listed(IEnumerable<string> names) => string.Join(", ", names) is { Length: > 0 } listed
        ? listed : "no rule";
}
