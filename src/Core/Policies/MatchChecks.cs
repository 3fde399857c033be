using ControlPlane.Files;

namespace ControlPlane.Policies;

/// <summary>Finds what is wrong within a match: one that says nothing, or that says it wrongly.</summary>
internal static class MatchChecks
{
    /// <summary>Problems of the match that stands at <c>match</c> of a file.</summary>
    public static IEnumerable<Problem> Find(FileDraft file, PolicyMatch match)
    {
        // A field that could not be bound has been reported and holds a blank.
        var isReported = file.Problems.Any(problem => problem.Path.StartsWith("match.", StringComparison.Ordinal));
        if (match.IsBlank && !isReported)
            yield return file.ProblemAt(
                "policy-blank", "match", "matches nothing; say everything: true to match every workload");
        if (match.Everything && match != new PolicyMatch { Everything = true })
            yield return file.ProblemAt(
                "rule-conflict", "match", "everything: true stands alone; leave the other fields out");
        for (var index = 0; index < match.MatchExpressions.Count; index++)
        {
            // An expression that could not be bound has been reported and left a gap.
            if (match.MatchExpressions[index] is not { } expression) continue;
            var path = $"match.matchExpressions[{index}]";
            var needsValues = expression.Operator is LabelOperator.In or LabelOperator.NotIn;
            if (needsValues != expression.Values.Count > 0)
            {
                yield return file.ProblemAt("rule-conflict", $"{path}.values",
                    needsValues ? "in and notIn need values" : "only in and notIn take values");
            }

            if ((expression.Operator == LabelOperator.Matches) != (expression.Pattern is not null))
                yield return file.ProblemAt(
                    "rule-conflict", $"{path}.pattern", "matches needs a pattern, and nothing else takes one");
            if (expression.PatternFault is { } fault)
                yield return file.ProblemAt("pattern-unsafe", $"{path}.pattern", fault);
        }
    }
}
