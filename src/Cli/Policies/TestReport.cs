using System.Globalization;
using System.Text.Json;
using ControlPlane.Cli.Terminal;
using ControlPlane.Reviews;

namespace ControlPlane.Cli.Policies;

/// <summary>Prints what testing policies found, in the form that was asked for.</summary>
internal static class TestReport
{
    private static readonly IReadOnlyList<(string Kind, string Meaning)> Kinds =
    [
        ("policy-case-failed", "A policy does not say what a case beside it expects"),
        ("policy-untested", "A policy has no case"),
        ("policy-mutant-survived", "No case notices a change of a condition of a policy"),
        ("policy-acceptance-stale", "An accepted survivor is none"),
        ("policy-rule-never-fired", "No case makes a rule keep a workload out"),
    ];

    private static readonly JsonSerializerOptions WithoutBlanks = new()
    {
        DefaultIgnoreCondition = System.Text.Json.Serialization.JsonIgnoreCondition.WhenWritingNull,
    };

    public static void Print(CommandRun run, TestFinding finding)
    {
        switch (run.Format)
        {
            case OutputFormat.Json or OutputFormat.Yaml:
                run.Screen.Out.WriteLine(DataText.Of(run.Format, Data(finding)));
                break;
            case OutputFormat.Csv:
                run.Screen.Line("file,line,policy,case,expected,actual,passed,differences");
                foreach (var item in finding.Shown)
                {
                    run.Screen.Line(
                        DataText.Csv([item.File, $"{item.Line}", item.Policy.Value, item.Case, Name(item.Expected),
                        Name(item.Actual), item.Passed ? "true" : "false", string.Join("; ", item.Differences)]));
                }

                break;
            case OutputFormat.Name:
                foreach (var item in finding.Shown) run.Screen.Line($"{item.Policy}/{item.Case}");
                break;
            case OutputFormat.Junit:
                run.Screen.Out.WriteLine(JunitText.Of(finding));
                break;
            case OutputFormat.Sarif:
                run.Screen.Out.WriteLine(SarifText.Of(Kinds, Findings(finding)));
                break;
            case OutputFormat.Markdown:
                foreach (var line in TestMarkdown.Lines(finding)) run.Screen.Line(line);
                break;
            default:
                foreach (var line in Lines(finding)) run.Screen.Line(line);
                break;
        }
    }

    public static string Name(ExpectedVerdict verdict) => verdict.ToString().ToLowerInvariant();

    /// <summary>How many rules fired, in a phrase.</summary>
    public static string Coverage(TestFinding finding)
    {
        // Of some of the cases nothing can be said about what all of them cover.
        if (finding.Question.Name is not null) return "Rules not counted: only some cases ran.";
        var (all, never) = (finding.Cases.Rules.Count, finding.Cases.NeverFired);
        if (all == 0) return "Rules 0";
        var share = (100m * (all - never.Count) / all).ToString("0.0", CultureInfo.InvariantCulture);
        var names = never.Count == 0 ? "" : $"  never fired: {string.Join(", ", never)}";
        return $"Rules {all}  covered {all - never.Count} ({share} %){names}";
    }

    /// <summary>What a survivor is, with the line it is about.</summary>
    public static string Survivor(TestFinding finding, MutantFate fate)
    {
        var place = finding.Places.OfPolicy(fate.Policy, fate.Path);
        return $"{place?.File}:{place?.Line}  {fate.Mutant}";
    }

    private static IEnumerable<string> Lines(TestFinding finding)
    {
        foreach (var file in finding.Shown.GroupBy(item => item.File))
        {
            yield return file.Key;
            foreach (var item in file)
            {
                yield return item.Passed ? $"  ok    {item.Case}" : $"  FAIL  {item.Case}  ({item.File}:{item.Line})";
                foreach (var difference in item.Differences) yield return $"        {difference}";
            }
        }

        foreach (var line in MutationLines(finding)) yield return line;
        if (finding.Cases.Untested.Count > 0)
        {
            var fails = finding.Question.RequireTests ? "FAIL  " : "";
            yield return $"{fails}Without a case: {string.Join(", ", finding.Cases.Untested)}";
        }

        yield return $"{Coverage(finding)}     {finding.Cases.PassedCount} passed, {finding.Cases.FailedCount} failed";
        if (finding.Question.Mutate && finding.Mutation is null)
            yield return "Mutants were not tried: the cases must pass first";
    }

    private static IEnumerable<string> MutationLines(TestFinding finding)
    {
        if (finding.Mutation is not { } mutation) yield break;
        foreach (var fate in mutation.Open) yield return $"  SURVIVED  {Survivor(finding, fate)}";
        foreach (var stale in mutation.Stale)
            yield return $"  STALE     {stale.File}:{stale.Line}  {stale.Mutant} is accepted and is no survivor";
        if (!finding.Question.FailOnly)
        {
            foreach (var fate in mutation.Fates.Where(fate => fate is { Killed: false, Accepted: not null }))
                yield return $"  accepted  {Survivor(finding, fate)}: {fate.Accepted}";
        }

        yield return $"Mutants {mutation.Fates.Count}  killed {mutation.KilledCount}  "
            + $"accepted {mutation.AcceptedCount}  survived {mutation.Open.Count}";
    }

    private static JsonElement Data(TestFinding finding) => JsonSerializer.SerializeToElement(new
    {
        passed = finding.Cases.PassedCount,
        failed = finding.Cases.FailedCount,
        cases = finding.Shown.Select(item => new
        {
            file = item.File,
            line = item.Line,
            policy = item.Policy.Value,
            @case = item.Case,
            expected = Name(item.Expected),
            actual = Name(item.Actual),
            passed = item.Passed,
            differences = item.Differences,
            verdicts = item.Verdicts.Select(verdict => new
            {
                rule = verdict.Rule, reason = verdict.Reason, result = verdict.Result.ToString().ToLowerInvariant(),
                    because = verdict.Because,
            }),
        }),
        rules = finding.Cases.Rules.Select(rule => new { rule = rule.Rule, fired = rule.Fired }),
        untested = finding.Cases.Untested.Select(id => id.Value),
        mutation = finding.Mutation is not { } mutation ? null : new
        {
            mutants = mutation.Fates.Count,
            killed = mutation.KilledCount,
            survivors = mutation.Fates.Where(fate => !fate.Killed).Select(fate => new
            {
                policy = fate.Policy.Value,
                mutant = fate.Mutant,
                file = finding.Places.OfPolicy(fate.Policy, fate.Path)?.File,
                line = finding.Places.OfPolicy(fate.Policy, fate.Path)?.Line,
                accepted = fate.Accepted,
            }),
            stale = mutation.Stale.Select(item => new { file = item.File, line = item.Line, mutant = item.Mutant }),
        },
    }, WithoutBlanks);

    private static IEnumerable<Finding> Findings(TestFinding finding)
    {
        foreach (var item in finding.Cases.Outcomes.Where(item => !item.Passed))
        {
            yield return new("policy-case-failed", FindingLevel.Error,
                $"{item.Policy}: {item.Case}: {string.Join("; ", item.Differences)}",
                new FilePlace(item.File, item.Line), $"{item.Policy}/{item.Case}");
        }

        var untested = finding.Question.RequireTests ? FindingLevel.Error : FindingLevel.Warning;
        foreach (var policy in finding.Cases.Untested)
        {
            if (finding.Places.OfPolicy(policy) is { } place)
                yield return new("policy-untested", untested, $"{policy} has no case", place, policy.Value);
        }

        foreach (var fate in finding.Mutation?.Open ?? [])
        {
            if (finding.Places.OfPolicy(fate.Policy, fate.Path) is { } place)
                yield return new("policy-mutant-survived", FindingLevel.Error,
                    $"{fate.Policy}: no case notices {fate.Mutant}", place, $"{fate.Policy}: {fate.Mutant}");
        }

        foreach (var stale in finding.Mutation?.Stale ?? [])
        {
            yield return new("policy-acceptance-stale", FindingLevel.Error,
                $"{stale.Mutant} is accepted and is no survivor",
                new FilePlace(stale.File, stale.Line), stale.Mutant);
        }

        foreach (var rule in finding.Question.Name is null ? finding.Cases.NeverFired : [])
        {
            if (finding.Places.OfRule(rule) is { } place)
                yield return new("policy-rule-never-fired", FindingLevel.Note,
                    $"no case makes {rule} keep a workload out", place, rule);
        }
    }
}
