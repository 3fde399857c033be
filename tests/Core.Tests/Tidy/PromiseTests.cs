using System.Text.RegularExpressions;

namespace ControlPlane.Core.Tests.Tidy;

/// <summary>Holds the table of promises to the tests that it names.</summary>
public sealed partial class PromiseTests
{
    private const string Page = "docs/operations/sites.md";

    private static readonly Dictionary<string, string> Sources = TextFile.Below("tests")
        .Where(path => path.EndsWith(".cs", StringComparison.Ordinal))
        .GroupBy(path => Path.GetFileNameWithoutExtension(path), StringComparer.Ordinal)
        .ToDictionary(
            files => files.Key, files => string.Concat(files.Select(TextFile.Read)), StringComparer.Ordinal);

    [Fact]
    public void Every_promise_names_tests_that_are_there()
    {
        var rows = TextFile.Lines(Page).Select(line => RowText().Match(line)).Where(row => row.Success).ToList();

        Assert.Equal(
            Enumerable.Range(1, 18).Select(number => $"F{number}"), rows.Select(row => row.Groups["promise"].Value));
        Faults.None(
            from row in rows
            let promise = row.Groups["promise"].Value
            let names = NameText().Matches(row.Groups["tests"].Value).ToList()
            from wrong in names.Select(name => Missing(name.Groups["class"].Value, name.Groups["test"].Value))
                .Where(wrong => wrong is not null)
                .Append(names.Count == 0 ? "names no test" : null)
            where wrong is not null
            select $"{promise} {wrong}");
    }

    private static string? Missing(string name, string test)
    {
        if (!Sources.TryGetValue(name, out var source)) return $"names {name}, which is no file of tests";
        if (!Regex.IsMatch(source, $@"\bclass {name}\b")) return $"names {name}, which is no class of its file";
        if (!source.Contains("[Fact]", StringComparison.Ordinal) && !source.Contains("Fact]", StringComparison.Ordinal)
            && !source.Contains("Theory]", StringComparison.Ordinal)) return $"names {name}, which has no test";
        return test.Length == 0 || Regex.IsMatch(source, $@"\b{test}\(") ? null : $"names {test}, which {name} has not";
    }

    [GeneratedRegex(@"^\| (?<promise>F\d+) \| [^|]+ \| (?<tests>.+) \|$")]
    private static partial Regex RowText();

    [GeneratedRegex(@"`(?<class>[A-Z]\w*Tests)(\.(?<test>\w+))?`")]
    private static partial Regex NameText();
}
