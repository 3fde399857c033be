using System.Globalization;
using ControlPlane.Server.Hosting;
using ControlPlane.Server.Identity;
using ControlPlane.Server.Ledger;

namespace ControlPlane.Server.Placements;

/// <summary>Asks for places, plans and batches of places over HTTP, shows them and gives them back.</summary>
internal sealed class PlacementApi(DecisionLoop loop, RequestDesk desk, PlacementStore store)
{
    private readonly AnswerJson json = new(desk.Elsewhere);

    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPost("/v1/placements", PlaceAsync).Declared(PlacementOperations.Place);
        routes.MapPost("/v1/placements:plan", PlanAsync).Declared(PlacementOperations.Plan);
        routes.MapPost("/v1/placements:batch", BatchAsync).Declared(PlacementOperations.Batch);
        routes.MapRead("/v1/placements", ListAsync).Declared(PlacementOperations.List);
        routes.MapRead("/v1/placements/{id}", ShowAsync).Declared(PlacementOperations.Show);
        routes.MapDelete("/v1/placements/{id}", ReleaseAsync).Declared(PlacementOperations.Release);
    }

    private async Task<IResult> PlaceAsync(HttpRequest request, CancellationToken cancellation)
    {
        var (places, problem) = await desk.TakeAsync(request, RequestForm.Placement, cancellation);
        if (problem is not null) return problem;
        return await loop.SubmitAsync(places[0], cancellation) switch
        {
            Decided decided => new DecidedAnswer(json, decided, (places[0].Explain, "placements")),
            var other => AnswerResults.ProblemOf(other),
        };
    }

    private async Task<IResult> PlanAsync(HttpRequest request, CancellationToken cancellation)
    {
        var (asked, problem) = await desk.TakePlanAsync(request, cancellation);
        if (asked is null) return problem!; // one of the two is always there
        var asOf = QueryParameter.DayOf(request.Query["as_of"]);
        return await loop.SubmitAsync(new PlanOnly(asked.Request, asOf, asked.Explain), cancellation) switch
        {
            Planned planned => Results.Ok(desk.Elsewhere.Complete(
                AnswerWriter.Of(planned, asked.Explain), asked.Request, request.Caller())),
            var other => AnswerResults.ProblemOf(other),
        };
    }

    private async Task<IResult> BatchAsync(HttpRequest request, CancellationToken cancellation)
    {
        if (PlacementStream.IsStream(request)) return new PlacementStream(loop, desk, json);
        var (places, problem) = await desk.TakeAsync(request, RequestForm.Batch, cancellation);
        if (problem is not null) return problem;
        var answers = await loop.SubmitAsync(places, cancellation);
        // One that could not be decided fails the call; with the same key the others are answered as before.
        var failed = Array.FindIndex(answers, answer => answer is not Decided);
        if (failed < 0) return new BatchedAnswer(json, answers, places);
        return AnswerResults.ProblemOf(answers[failed] is DependenciesRefused refused
            ? new DependenciesRefused(refused.Problems
                .Select(problem => problem with { Path = $"/requests/{failed}{problem.Path}" }).ToSeq())
            : answers[failed]);
    }

    private async Task<IResult> ListAsync(HttpRequest request, CancellationToken cancellation)
    {
        var (page, problem) = PageRequest.Of(request);
        if (problem is not null) return new ProblemAnswer([problem]);
        var query = request.Query;
        var filter = new PlacementFilter(SightOf(request), query["state"], query["site"], query["region"]);
        var (rows, next) = page.Cut(await store.ListAsync(filter, page, cancellation), row => $"{row.Id}");
        return Results.Ok(new PlacementPage(rows, next));
    }

    private async Task<IResult> ShowAsync(Guid id, HttpContext context, CancellationToken cancellation)
    {
        if (await store.FindAsync(id, SightOf(context.Request), cancellation) is not { } row)
            return AnswerResults.Missing($"there is no placement {id}");
        context.Response.Headers.ETag = string.Create(CultureInfo.InvariantCulture, $"\"{row.Epoch}\"");
        return Results.Ok(row);
    }

    private async Task<IResult> ReleaseAsync(Guid id, HttpRequest request, CancellationToken cancellation)
    {
        var (epoch, problem) = RequestBody.ExpectedEpoch(request);
        if (problem is not null) return new ProblemAnswer([problem]);
        // Whose a placement is never changes, so looking first is no race.
        var own = Sight.OfOwn(request.Caller(), loop.Fleet).To(request.Query["tenant"]);
        if (!own.IsWhole && await store.FindAsync(id, own, cancellation) is null)
            return AnswerResults.Missing($"there is no placement {id}");
        var answer = await loop.SubmitAsync(new Release(new DecisionId(id), epoch, OnlyHold: false), cancellation);
        return answer is Released ? Results.NoContent() : AnswerResults.ProblemOf(answer);
    }

    private Sight SightOf(HttpRequest request) =>
        Sight.Of(request.Caller(), Permission.PlacementsRead, loop.Fleet).To(request.Query["tenant"]);
}
