namespace ControlPlane.Cli.Policies;

/// <summary>Writes what testing policies found for a comment on a pull request.</summary>
internal static class TestMarkdown
{
    /// <summary>First line of the comment, by which it is found again and edited in place.</summary>
    public const string Marker = "<!-- cplane policy test -->";

    private const int MostRows = 200;

    public static IEnumerable<string> Lines(TestFinding finding)
    {
        var cases = finding.Cases;
        yield return Marker;
        yield return $"### Policy cases: {(finding.Ok ? "all as expected" : "**not as expected**")}";
        yield return "";
        yield return $"{cases.PassedCount} passed, {cases.FailedCount} failed. {TestReport.Coverage(finding)}";
        var failed = cases.Outcomes.Where(item => !item.Passed).ToList();
        if (failed.Count > 0)
        {
            yield return "";
            yield return "| case | expected | got | difference |";
            yield return "|---|---|---|---|";
            foreach (var item in failed.Take(MostRows))
            {
                yield return $"| {Cell($"{item.File}:{item.Line} {item.Case}")} | {TestReport.Name(item.Expected)} | "
                    + $"{TestReport.Name(item.Actual)} | {Cell(string.Join("; ", item.Differences))} |";
            }

            if (failed.Count > MostRows) yield return $"| and {failed.Count - MostRows} more | | | |";
        }

        if (cases.Untested.Count > 0)
        {
            yield return "";
            yield return $"Without a case: {string.Join(", ", cases.Untested)}";
        }

        if (finding.Mutation is not { } mutation) yield break;
        yield return "";
        yield return $"Mutants {mutation.Fates.Count}: {mutation.KilledCount} killed, "
            + $"{mutation.AcceptedCount} accepted, {mutation.Open.Count} survived";
        foreach (var fate in mutation.Open.Take(MostRows))
            yield return $"- survived: `{TestReport.Survivor(finding, fate)}`";
        foreach (var stale in mutation.Stale.Take(MostRows))
            yield return $"- accepted and no survivor: `{stale.File}:{stale.Line} {stale.Mutant}`";
    }

    /// <summary>Text that cannot break out of its cell, whatever names it holds.</summary>
    public static string Cell(string text)
    {
        var plain = new System.Text.StringBuilder();
        foreach (var letter in text)
        {
            if (letter is '\n' or '\r') plain.Append(' ');
            else if (letter is '|' or '<' or '>' or '`' or '*' or '[' or ']' or '\\' or '@' or '&')
                plain.Append("&#").Append((int)letter).Append(';');
            else plain.Append(letter);
        }

        return plain.ToString();
    }
}
