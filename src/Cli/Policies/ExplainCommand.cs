using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using ControlPlane.Cli.Files;
using ControlPlane.Cli.Terminal;
using ControlPlane.Files;
using ControlPlane.Policies;
using ControlPlane.Regions;
using ControlPlane.Reviews;

namespace ControlPlane.Cli.Policies;

/// <summary>
/// Explains a rule or policy of the tree, a reason code, or a field of a declared file; asks no server.
/// </summary>
internal static class ExplainCommand
{
    private const int MostFields = 40;

    public static Command Build(GlobalOptions global)
    {
        var word = new Argument<string>("WORD")
        {
            Description = "Rule (eu-health/stays), policy, reason code (law.residency) or field (policy.validFrom)",
        };
        var tree = new Option<string>("--tree")
        {
            Description = "Tree that holds the policies; . when left out",
            HelpName = "PATH",
            DefaultValueFactory = _ => ".",
        };
        var command =
            new Command("explain", "Explain a rule, a reason code or a field; needs no server") { word, tree };
        global.Let(command, (run, _) =>
        {
            Explain(run, run.Get(word)!, run.Get(tree)!);
            return Task.FromResult(ExitCode.Ok);
        });
        return command;
    }

    private static void Explain(CommandRun run, string word, string path)
    {
        var explained = new List<Explained>();
        if (ReasonMeanings.All.TryGetValue(word, out var meaning))
            explained.Add(new(word, "reason", [("means", meaning)]));
        var tree = Tree(path);
        if (tree is not null) explained.AddRange(Policies(tree, word));
        var fields = Fields().Where(field => Fits(field.Path, word)).ToList();
        explained.AddRange(fields.Take(MostFields).Select(Of));
        if (explained.Count == 0) throw NotFound(word, tree);
        Print(run, explained);
        if (fields.Count > MostFields)
            Screen.Note($"{fields.Count - MostFields} more fields have that name; give more of the path");
    }

    /// <summary>The tree when there is one here; reasons and fields are explained without it.</summary>
    private static ReviewTree? Tree(string path) =>
        Directory.Exists(Path.Combine(path, CheckScope.Policies))
            && Directory.Exists(Path.Combine(path, CheckScope.Regions))
            ? ReviewTree.Read(path)
            : null;

    private static IEnumerable<Explained> Policies(ReviewTree tree, string word)
    {
        foreach (var policy in tree.Policies.Policies)
        {
            if (policy.Id.Value == word) yield return Of(tree, policy);
            foreach (var rule in policy.Rules)
            {
                var name = $"{policy.Id}/{rule.Rule}";
                if (word == name || word == rule.Rule) yield return Of(tree, policy, rule);
            }
        }
    }

    private static Explained Of(ReviewTree tree, Policy policy) => new(policy.Id.Value, "policy",
    [
        .. About(policy, tree.Places.OfPolicy(policy.Id)),
        ("rules", string.Join(", ", policy.Rules.Select(rule => rule.Rule))),
    ]);

    private static Explained Of(ReviewTree tree, Policy policy, PolicyRule rule)
    {
        var name = $"{policy.Id}/{rule.Rule}";
        var cases = (FileCasesAttribute)typeof(PolicyRule).GetCustomAttributes(typeof(FileCasesAttribute), false)[0];
        var kind = (FileCaseAttribute)rule.GetType().GetCustomAttributes(typeof(FileCaseAttribute), false)[0];
        var lines = new List<(string, string)> { (cases.Discriminator, kind.Name) };
        if (rule is LawRule law)
            lines.Add(("reason", $"{law.Reason}: {ReasonMeanings.All.GetValueOrDefault(law.Reason)}"));
        lines.AddRange(Demands(tree, policy, rule).Select(line => ("says", line)));
        lines.AddRange(About(policy, tree.Places.OfRule(name)));
        return new(name, "rule", [.. lines]);
    }

    /// <summary>The rule as its file has it, without its name and kind.</summary>
    private static IEnumerable<string> Demands(ReviewTree tree, Policy policy, PolicyRule rule)
    {
        if (tree.Places.OfRule($"{policy.Id}/{rule.Rule}") is not { } place) return [];
        var lines = tree.PolicyFiles.First(file => file.Path == place.File).Text.Split('\n').Skip(place.Line - 1)
            .ToList();
        var indent = lines[0].Length - lines[0].TrimStart().Length;
        return lines.Skip(1)
            .TakeWhile(line => line.TrimStart().Length > 0 && line.Length - line.TrimStart().Length > indent)
            .Select(line => line.Trim())
            .Where(line => !line.StartsWith("kind:", StringComparison.Ordinal) && !line.StartsWith('#'));
    }

    private static IEnumerable<(string, string)> About(Policy policy, FilePlace? place)
    {
        yield return ("because", policy.Because);
        var source = new[] { policy.Source.Law, policy.Source.Article, policy.Source.Link }.OfType<string>();
        yield return ("source", string.Join(", ", source));
        yield return ("owner", policy.Owner);
        yield return ("enforcement", policy.Enforcement.ToString().ToLowerInvariant());
        yield return ("holds", policy.ValidTo is { } last ? $"{Day(policy.ValidFrom)} to {Day(last)}"
            : $"from {Day(policy.ValidFrom)}");
        yield return ("matches", Matches(policy.Match));
        if (place is { } at) yield return ("file", $"{at.File}:{at.Line}");
        yield return ("note", "a satisfied policy is no statement of compliance, and nothing here is legal advice");
    }

    private static string Matches(PolicyMatch match)
    {
        if (match.Everything) return "every workload";
        var parts = new List<string>();
        if (match.DataClasses.Count > 0) parts.Add($"data class {string.Join(" or ", match.DataClasses)}");
        if (match.Tenants.Count > 0) parts.Add($"tenant {string.Join(" or ", match.Tenants)}");
        if (match.WorkloadKinds.Count > 0)
            parts.Add(
            $"kind {string.Join(" or ", match.WorkloadKinds.Select(kind => kind.ToString().ToLowerInvariant()))}");
        parts.AddRange(match.MatchLabels.Select(label => $"label {label.Key} = {label.Value}"));
        foreach (var item in match.MatchExpressions)
        {
            var comparison = JsonNamingPolicy.CamelCase.ConvertName(item.Operator.ToString());
            parts.Add($"label {item.Key} {comparison} {string.Join(", ", item.Values)}".TrimEnd());
        }

        return string.Join(", and ", parts);
    }

    private static IEnumerable<FieldDoc> Fields() =>
    [
        .. FieldDocs.Of<Policy>("policy"), .. FieldDocs.Of<PolicyCases>("policy-test"),
            .. FieldDocs.Of<Preferences>("preferences"),
        .. FieldDocs.Of<RegionSpec>("region"),
    ];

    private static bool Fits(string path, string word) =>
        path == word || path.EndsWith("." + word, StringComparison.Ordinal);

    private static Explained Of(FieldDoc field) => new(field.Path, "field",
    [
        ("holds", field.Type),
        ("must be there", field.Required ? "yes" : "no"),
        .. field.Description is { } text ? new[] { ("means", text) } : [],
    ]);

    private static CommandFailure NotFound(string word, ReviewTree? tree)
    {
        var known = ReasonMeanings.All.Keys
            .Concat(tree?.Policies.Policies
                .SelectMany(policy => policy.Rules
                .Select(rule => $"{policy.Id}/{rule.Rule}").Append(policy.Id.Value)) ?? [])
            .Concat(Fields().SelectMany(field => new[] { field.Path, field.Path.Split('.')[^1] }));
        return CommandFailure.Input("not-found",
            $"nothing is called '{word}'{NearestName.Hint(word, known.Distinct())}");
    }

    private static void Print(CommandRun run, List<Explained> explained)
    {
        var data = JsonSerializer.SerializeToElement(explained.Select(item => item.Data()));
        switch (run.Format)
        {
            case OutputFormat.Json or OutputFormat.Yaml:
                run.Screen.Out.WriteLine(DataText.Of(run.Format, data));
                break;
            case OutputFormat.Csv:
                run.Screen.Line("kind,name,what,text");
                foreach (var item in explained)
                {
                    foreach (var (what, text) in item.Lines)
                        run.Screen.Line(DataText.Csv([item.Kind, item.Name, what, text]));
                }

                break;
            case OutputFormat.Name:
                foreach (var item in explained) run.Screen.Line(item.Name);
                break;
            default:
                foreach (var item in explained)
                {
                    run.Screen.Line($"{item.Kind.ToUpperInvariant()}  {item.Name}");
                    foreach (var (what, text) in item.Lines) run.Screen.Line($"  {what,-14} {text}");
                }

                break;
        }
    }

    private static string Day(DateOnly day) => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    private sealed record Explained(string Name, string Kind, IReadOnlyList<(string What, string Text)> Lines)
    {
        public Dictionary<string, object> Data()
        {
            var data = new Dictionary<string, object> { ["kind"] = Kind, ["name"] = Name };
            foreach (var group in Lines.GroupBy(line => line.What, StringComparer.Ordinal))
            {
                var texts = group.Select(line => line.Text).ToList();
                data[JsonNamingPolicy.CamelCase.ConvertName(group.Key.Replace(" ", "", StringComparison.Ordinal))] =
                    texts.Count == 1 ? texts[0] : texts;
            }

            return data;
        }
    }
}
