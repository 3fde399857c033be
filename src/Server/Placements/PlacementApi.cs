using ControlPlane.Ledger;
using ControlPlane.Placements;
using ControlPlane.Server.Hosting;
using ControlPlane.Server.Ledger;

namespace ControlPlane.Server.Placements;

/// <summary>Asks for places, plans, holds and their end over HTTP.</summary>
internal sealed class PlacementApi(DecisionLoop loop, PlacementStore store, TimeProvider clock)
{
    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPost("/v1/placements", PlaceAsync);
        routes.MapPost("/v1/placements:plan", PlanAsync);
        routes.MapPost("/v1/placements:batch", BatchAsync);
        routes.MapGet("/v1/placements", ListAsync);
        routes.MapGet("/v1/placements/{id}", ShowAsync);
        routes.MapDelete("/v1/placements/{id}", ReleaseAsync);
        routes.MapPost("/v1/holds", HoldAsync);
        routes.MapPost("/v1/holds/{id}:confirm", ConfirmAsync);
        routes.MapPost("/v1/holds/{id}:release", ReleaseHoldAsync);
    }

    private Task<IResult> PlaceAsync(HttpRequest request, CancellationToken cancellation) =>
        DecideAsync(request, (body, now) => RequestReader.Placement(body, loop.Fleet, now), cancellation);

    private Task<IResult> HoldAsync(HttpRequest request, CancellationToken cancellation) =>
        DecideAsync(request, (body, now) => RequestReader.Hold(body, loop.Fleet, now), cancellation);

    private async Task<IResult> DecideAsync(
        HttpRequest request, Func<byte[], DateTimeOffset, RequestReading> read, CancellationToken cancellation)
    {
        var (key, noKey) = RequestBody.KeyOf(request);
        if (noKey is not null) return ProblemAnswers.Of(noKey);
        var (body, noBody) = await RequestBody.ReadAsync(request, RequestBody.MostBytes, cancellation);
        if (noBody is not null) return ProblemAnswers.Of(noBody);
        var reading = read(body, clock.GetUtcNow());
        if (reading.All.Count > 0) return ProblemAnswers.Of([.. reading.All]);
        var asked = reading.Asked[0];
        var answer = await loop.SubmitAsync(CommandOf(asked, key), cancellation);
        return ResultOf(answer, asked.Explain);
    }

    private async Task<IResult> PlanAsync(HttpRequest request, CancellationToken cancellation)
    {
        var (body, noBody) = await RequestBody.ReadAsync(request, RequestBody.MostBytes, cancellation);
        if (noBody is not null) return ProblemAnswers.Of(noBody);
        var reading = RequestReader.Placement(body, loop.Fleet, clock.GetUtcNow());
        if (reading.All.Count > 0) return ProblemAnswers.Of([.. reading.All]);
        return ResultOf(await loop.SubmitAsync(new PlanOnly(reading.Asked[0].Request), cancellation), explain: true);
    }

    private async Task<IResult> BatchAsync(HttpRequest request, CancellationToken cancellation)
    {
        var (key, noKey) = RequestBody.KeyOf(request);
        if (noKey is not null) return ProblemAnswers.Of(noKey);
        var (body, noBody) = await RequestBody.ReadAsync(request, RequestBody.MostBatchBytes, cancellation);
        if (noBody is not null) return ProblemAnswers.Of(noBody);
        var reading = RequestReader.Batch(body, loop.Fleet, clock.GetUtcNow());
        if (reading.All.Count > 0) return ProblemAnswers.Of([.. reading.All]);
        var commands = reading.Asked.Select((asked, index) => CommandOf(asked, $"{key}/{index}")).ToList();
        var answers = await loop.SubmitAsync(commands, cancellation);
        // One that could not be decided fails the call; with the same key the others are answered as before.
        if (answers.FirstOrDefault(answer => answer is not Decided) is { } failed) return ResultOf(failed, explain: false);
        return Results.Ok(new
        {
            results = answers.Cast<Decided>().Zip(reading.Asked, (decided, asked) => AnswerWriter.Of(decided, asked.Explain)),
        });
    }

    private async Task<IResult> ListAsync(HttpRequest request, CancellationToken cancellation)
    {
        var (page, problems) = PageRequest.Of(request, "tenant", "state", "site", "region");
        if (problems.Count > 0) return ProblemAnswers.Of(problems);
        var filter = new PlacementFilter(request.Query["tenant"], request.Query["state"], request.Query["site"], request.Query["region"]);
        return Results.Ok(await store.ListAsync(filter, page, cancellation));
    }

    private async Task<IResult> ShowAsync(string id, HttpRequest request, CancellationToken cancellation)
    {
        if (IdOf(id) is not { } found) return BadId(id);
        string? tenant = request.Query["tenant"];
        var row = await store.FindAsync(found.Value, tenant, cancellation);
        return row is null ? Missing($"no placement {id}") : Results.Ok(row);
    }

    private async Task<IResult> ReleaseAsync(string id, HttpRequest request, CancellationToken cancellation)
    {
        if (IdOf(id) is not { } found) return BadId(id);
        long? epoch = null;
        if (request.Headers.IfMatch is [{ } tag])
        {
            if (!long.TryParse(tag.Trim('"'), out var stated))
                return ProblemAnswers.Of(ProblemCatalog.HeaderFormat.At("If-Match", "must be the epoch in quotes"));
            epoch = stated;
        }

        return ResultOf(await loop.SubmitAsync(new Release(found, epoch, OnlyHold: false), cancellation), explain: false);
    }

    private async Task<IResult> ReleaseHoldAsync(string id, CancellationToken cancellation) => IdOf(id) is { } found
        ? ResultOf(await loop.SubmitAsync(new Release(found, null, OnlyHold: true), cancellation), explain: false)
        : BadId(id);

    private async Task<IResult> ConfirmAsync(string id, CancellationToken cancellation) => IdOf(id) is { } found
        ? ResultOf(await loop.SubmitAsync(new Confirm(found), cancellation), explain: false)
        : BadId(id);

    private static Place CommandOf(Asked asked, string key) =>
        new(asked.Request, asked.Hold, key, RequestHash.Of(asked.Request, asked.Hold), asked.Explain);

    private static IResult ResultOf(Answer answer, bool explain) => answer switch
    {
        Decided { Event.Decision: Refused } refused => Results.Ok(AnswerWriter.Of(refused, explain)),
        Decided placed => Results.Created($"/v1/placements/{placed.Event.Id}", AnswerWriter.Of(placed, explain)),
        Planned planned => Results.Ok(AnswerWriter.Of(planned)),
        Released => Results.NoContent(),
        Confirmed confirmed => Results.Ok(new { outcome = "bound", id = confirmed.Placement.Id.Value, epoch = confirmed.Placement.Epoch }),
        AlreadyConfirmed confirmed => Results.Ok(new { outcome = "bound", id = confirmed.Placement.Id.Value, epoch = confirmed.Placement.Epoch }),
        NotFound missing => Missing(missing.Detail),
        VersionConflict conflict => ProblemAnswers.Of(ProblemCatalog.VersionConflict.At("If-Match", $"the epoch is {conflict.CurrentEpoch}")),
        KeyReused reused => ProblemAnswers.Of(ProblemCatalog.IdempotencyKeyReused.At("Idempotency-Key",
            $"stands for another request, whose hash is {Convert.ToHexStringLower(reused.FirstHash.Span)}")),
        KeyInProgress => ProblemAnswers.Of(
            [ProblemCatalog.IdempotencyInProgress.At("Idempotency-Key", "a request with this key is being decided")], TimeSpan.FromSeconds(1)),
        Unavailable unavailable => ProblemAnswers.Of([new Problem(unavailable.Slug, "", unavailable.Detail)], unavailable.RetryAfter),
        _ => throw new System.Diagnostics.UnreachableException($"{answer}"),
    };

    private static DecisionId? IdOf(string text) => Guid.TryParseExact(text, "D", out var id) ? new DecisionId(id) : null;

    private static IResult BadId(string id) => ProblemAnswers.Of(ProblemCatalog.IdFormat.At("id", $"'{id}' is no UUID"));

    private static IResult Missing(string detail) => ProblemAnswers.Of(ProblemCatalog.NotFound.At("id", detail));
}
