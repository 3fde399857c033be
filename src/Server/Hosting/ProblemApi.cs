namespace ControlPlane.Server.Hosting;

/// <summary>Explains each kind of problem at the path that is its type.</summary>
internal static class ProblemApi
{
    public static void Map(IEndpointRouteBuilder routes) => routes.MapGet("/problems/{slug}", Explain)
        .WithTags("Problems")
        .WithName("explainProblem")
        .WithSummary("Explain a kind of problem")
        .Produces<ProblemExplanation>();

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
