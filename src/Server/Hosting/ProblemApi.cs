using ControlPlane.Server.Identity;

namespace ControlPlane.Server.Hosting;

/// <summary>Explains each kind of problem at the path that is its type.</summary>
internal static class ProblemApi
{
    private static readonly ApiOperation explain = new("explainProblem", "Problems", "Explain a kind of problem")
    {
        Needs = Permission.Everybody,
        PathId = PathIdForm.Slug,
        Answers = [new(StatusCodes.Status200OK, typeof(ProblemExplanation), "what it means and what to do")],
        Problems = [ProblemCatalog.NotFound],
    };

    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapRead("/problems/{slug}", Explain).Declared(explain);

    private static IResult Explain(string slug)
    {
        if (ProblemTable.Find(slug) is not { } kind)
        {
            var hint = Files.NearestName.Hint(slug, ProblemTable.All.Select(known => known.Slug));
            return ProblemAnswer.Of(ProblemCatalog.NotFound, $"there is no problem '{Shown.Text(slug)}'{hint}");
        }

        return Results.Json(
            new ProblemExplanation
            {
                Type = kind.Type,
                Title = kind.Title,
                Status = kind.Status,
                Explanation = kind.Explanation,
            },
            ProblemJson.Default.ProblemExplanation);
    }
}
