using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace ControlPlane.Core.Tests.Tidy;

public sealed partial class GlossaryTests
{
    private const string Glossary = "docs/glossary.md";

    private static readonly IReadOnlyList<Row> Rows =
    [
        .. TextFile.Lines(Glossary)
            .Where(line => line.StartsWith("| ", StringComparison.Ordinal))
            .Select(line => line.Trim('|', ' ').Split('|', StringSplitOptions.TrimEntries))
            .Where(cells => cells[0] != "term")
            .Select(cells => new Row(cells[0], cells[1], cells[2], cells.ElementAtOrDefault(3) ?? "")),
    ];

    private static readonly HashSet<string> Types = SourceCode.Below("src")
        .SelectMany(file => file.Types)
        .Select(type => type.Identifier.Text)
        .ToHashSet(StringComparer.Ordinal);

    [Fact]
    public void Every_term_is_told_once_and_in_words()
    {
        var twice = Rows.CountBy(row => row.Term).Where(term => term.Value > 1).Select(term => $"{term.Key} twice");
        var silent = Rows.Where(row => row.Meaning.Split(' ').Length < 3).Select(row => $"{row.Term} says nothing");

        Assert.NotEmpty(Rows);
        Faults.None(twice.Concat(silent));
    }

    [Fact]
    public void Every_type_that_carries_a_term_exists()
    {
        var missing =
            from row in Rows
            from Match type in TypeText().Matches(row.Types)
            where !Types.Contains(type.Groups[1].Value)
            select $"{row.Term}: {type.Groups[1].Value}";

        Faults.None(missing);
    }

    [Fact]
    public void Every_public_type_of_Core_is_named_in_words_of_the_glossary()
    {
        var known = WordText().Matches(TextFile.Read(Glossary))
            .SelectMany(word => NameTests.Words(word.Value))
            .Select(Singular)
            .ToHashSet(StringComparer.OrdinalIgnoreCase);
        var unknown =
            from file in SourceCode.Below("src/Core")
            from type in file.Types
            where type.Modifiers.Any(SyntaxKind.PublicKeyword)
            from word in NameTests.Words(type.Identifier.Text)
            where !known.Contains(Singular(word))
            select $"{file.At(type)} {type.Identifier.Text}: '{word}' is not in {Glossary}";

        Faults.None(unknown);
    }

    [Fact]
    public void No_type_has_a_word_that_the_glossary_gave_up()
    {
        var givenUp = Rows
            .SelectMany(
                row => row.Not.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
            .ToHashSet(StringComparer.Ordinal);
        var wrong =
            from file in SourceCode.Below("src/Core")
            from type in file.Types
            where NameTests.Words(type.Identifier.Text).Any(givenUp.Contains)
            select $"{file.At(type)} {type.Identifier.Text}";

        Faults.None(wrong);
    }

    private static string Singular(string word) => word switch
    {
        _ when word.EndsWith("ies", StringComparison.Ordinal) => word[..^3] + "y",
        _ when word.EndsWith('s') && !word.EndsWith("ss", StringComparison.Ordinal) => word[..^1],
        _ => word,
    };

    /// <summary>One row of the glossary's tables.</summary>
    private sealed record Row(string Term, string Meaning, string Types, string Not);

    [GeneratedRegex("`([A-Z][A-Za-z]+)`")]
    private static partial Regex TypeText();

    [GeneratedRegex("[A-Za-z]+")]
    private static partial Regex WordText();
}
