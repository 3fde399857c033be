using System.Reflection;
using ControlPlane.Core.Tests;
using ControlPlane.Server.Hosting;

namespace ControlPlane.Server.Tests.Hosting;

public sealed class ProblemTableTests
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
