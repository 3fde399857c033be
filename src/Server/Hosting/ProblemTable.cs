using System.Collections.Frozen;
using System.Text;

namespace ControlPlane.Server.Hosting;

/// <summary>Holds the kinds of problems in one order and finds them by their slugs.</summary>
internal static class ProblemTable
{
    /// <summary>All kinds, ordered by status and slug.</summary>
    public static Seq<ProblemKind> All { get; } = ProblemCatalog.WellFormedButWrong
        .Concat(ProblemCatalog.Others)
        .Concat(ProblemCatalog.OfFiles)
        .Concat(ProblemCatalog.OfIdentity)
        .Concat(ProblemCatalog.OfSites)
        .Concat(ProblemCatalog.OfCells)
        .OrderBy(kind => kind.Status)
        .ThenBy(kind => kind.Slug, StringComparer.Ordinal)
        .ToSeq();

    private static readonly FrozenDictionary<string, ProblemKind> bySlug =
        All.ToFrozenDictionary(kind => kind.Slug, StringComparer.Ordinal);

    /// <summary>The kind with a slug, or null.</summary>
    public static ProblemKind? Find(string slug) => bySlug.GetValueOrDefault(slug);

    /// <summary>The kind of a problem that this server found; a slug outside the table is a bug.</summary>
    public static ProblemKind Of(Problem problem) => bySlug[problem.Slug];

    /// <summary>The table for people, as docs/api/problems.md holds it.</summary>
    public static string Markdown()
    {
        var text = new StringBuilder();
        text.Append("# Problems\n\n");
        text.Append(
            "Errors are `application/problem+json` (RFC 9457). `type` is `/problems/` and the slug; the server ");
        text.Append("answers that path with the text below. `errors` lists every problem of a request at once, each ");
        text.Append("with its own slug and a `pointer`: a JSON pointer into the body, `?name` for a query parameter, ");
        text.Append("or the name of a header. Status and type are those of the first. A refused placement is no ");
        text.Append(
            "problem but an answer: 200 with `outcome: refused`. Problems of region and policy files have the ");
        text.Append("same slugs; a check and the log of the server tell them with file, line and column.\n\n");
        text.Append("| slug | status | title | what it means and what to do |\n|---|---|---|---|\n");
        foreach (var kind in All)
            text.Append($"| `{kind.Slug}` | {kind.Status} | {kind.Title} | {kind.Explanation} |\n");
        return text.ToString();
    }
}
