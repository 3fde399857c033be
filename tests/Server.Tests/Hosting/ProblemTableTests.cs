using System.Reflection;
using System.Text.RegularExpressions;
using ControlPlane.Core.Tests;
using ControlPlane.Server.Hosting;

namespace ControlPlane.Server.Tests.Hosting;

public sealed partial class ProblemTableTests
{
    [Fact]
    public void Every_kind_that_is_named_is_in_the_table_once()
    {
        var named = typeof(ProblemCatalog).GetProperties(BindingFlags.Public | BindingFlags.Static)
            .Select(property => (ProblemKind)property.GetValue(null)!)
            .OrderBy(kind => kind.Status).ThenBy(kind => kind.Slug, StringComparer.Ordinal);

        Assert.Equal(named, ProblemTable.All);
        Assert.Equal(ProblemTable.All.Count, ProblemTable.All.Select(kind => kind.Slug).Distinct().Count());
    }

    [Fact]
    public void Every_kind_has_a_status_of_errors_and_words_that_end_as_they_should()
    {
        foreach (var kind in ProblemTable.All)
        {
            Assert.InRange(kind.Status, 400, 599);
            Assert.Matches("^[a-z]+(-[a-z]+)*$", kind.Slug);
            Assert.DoesNotMatch("[.!?]$", kind.Title);
            Assert.EndsWith(".", kind.Explanation, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void The_document_about_problems_is_the_table() =>
        Golden.Check("docs/api/problems.md", ProblemTable.Markdown());

    /// <summary>Words in the form of a slug that are none.</summary>
    private static readonly string[] otherWords = ["date-time", "control-plane"];

    [Theory]
    [InlineData("src/Core/Files")]
    [InlineData("src/Core/Regions")]
    [InlineData("src/Core/Policies")]
    [InlineData("src/Core/Inventory")]
    [InlineData("src/Core/Reviews")]
    [InlineData("src/Core/Capacity")]
    [InlineData("src/Server/Files")]
    [InlineData("src/Server/Hosting")]
    [InlineData("src/Server/Ledger")]
    [InlineData("src/Server/Placements")]
    public void Every_slug_that_a_problem_is_made_with_is_in_the_table(string folder)
    {
        var slugs = Directory.EnumerateFiles(Path.Combine(Checkout.Root, folder), "*.cs")
            .SelectMany(file => SlugShape().Matches(File.ReadAllText(file)))
            .Select(match => match.Groups[1].Value)
            .Distinct()
            .Except(otherWords);

        Assert.DoesNotContain(slugs, slug => ProblemTable.Find(slug) is null);
    }

    /// <summary>The first text of a problem or a constant that is one.</summary>
    [GeneratedRegex("(?:Problem|Wrong|Report|new|Unavailable|[sS]lug =|\\w,)\\(?\\s*\"([a-z]+(?:-[a-z]+)+)\"[,;)]")]
    private static partial Regex SlugShape();

    [Fact]
    public void Status_and_type_are_those_of_what_is_malformed()
    {
        var answer = new ProblemAnswer(
        [
            ProblemCatalog.OutOfRange.At("/a", "is wrong"),
            ProblemCatalog.UnknownField.At("/z", "is not known"),
        ]);

        Assert.Equal((400, "unknown-field"), (answer.Status, answer.Slug));
    }
}
