using System.Globalization;
using System.Security.Cryptography;
using ControlPlane.Ledger;
using ControlPlane.Server.Hosting;
using ControlPlane.Server.Placements;

namespace ControlPlane.Server.Ledger;

/// <summary>Shows decisions with their reasons, and the ledger they are recorded in, over HTTP.</summary>
internal sealed class LedgerApi(LedgerStore store, DecisionReader reader)
{
    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/v1/decisions/{id}", ShowAsync);
        routes.MapGet("/v1/decisions/{id}/replay", ReplayAsync);
        routes.MapGet("/v1/ledger", ListAsync);
        routes.MapGet("/v1/ledger/head", HeadAsync);
    }

    private async Task<IResult> ShowAsync(string id, HttpRequest request, CancellationToken cancellation)
    {
        if (!Guid.TryParseExact(id, "D", out var guid)) return BadId(id);
        var explain = request.Query["explain"] == "true";
        return await reader.ReadAsync(new DecisionId(guid), cancellation) is { } decision
            ? Results.Ok(AnswerWriter.Of(new Decided(decision.Record, decision.Fleet, decision.Explanation), explain))
            : Missing(id);
    }

    private async Task<IResult> ReplayAsync(string id, CancellationToken cancellation)
    {
        if (!Guid.TryParseExact(id, "D", out var guid)) return BadId(id);
        if (await reader.ReadAsync(new DecisionId(guid), cancellation) is not { } decision) return Missing(id);
        var recorded = ((PlacementDecided)decision.Record.Event).Decision;
        return Results.Ok(new
        {
            id = guid,
            position = decision.Record.Position,
            same = decision.Result is ReplaySame,
            recordedDigest = Digest(DecisionCodec.ToBytes(recorded)),
            replayedDigest = decision.Explanation is { } why ? Digest(DecisionCodec.ToBytes(why.Decision)) : null,
            engineVersion = Replay.EngineVersion,
            answer = AnswerWriter.Of(new Decided(decision.Record, decision.Fleet, decision.Explanation), explain: true),
        });
    }

    private async Task<IResult> ListAsync(HttpRequest request, CancellationToken cancellation)
    {
        var (page, problems) = PageRequest.Of(request, "after");
        long after = 0;
        var start = page.After.Length > 0 ? page.After : request.Query["after"].FirstOrDefault();
        if (start is not null && (!long.TryParse(start, NumberStyles.None, CultureInfo.InvariantCulture, out after)))
            problems.Add(ProblemCatalog.OutOfRange.At("?after", $"must be a position, is '{start}'"));
        if (problems.Count > 0) return ProblemAnswers.Of(problems);
        var records = await store.ReadPageAsync(after, page.Size, cancellation);
        return Results.Ok(new
        {
            records = records.ConvertAll(record => new
            {
                position = record.Position,
                at = record.At.ToString("O", CultureInfo.InvariantCulture),
                kind = record.Event.Kind,
                hash = Convert.ToHexStringLower(record.Hash.Span),
                body = Convert.ToBase64String(record.Body.Span),
            }),
            nextPageToken = records.Count == page.Size
                ? PageRequest.TokenAfter(records[^1].Position.ToString(CultureInfo.InvariantCulture))
                : null,
        });
    }

    private async Task<IResult> HeadAsync(CancellationToken cancellation)
    {
        var head = await store.ReadHeadAsync(cancellation);
        return Results.Ok(new { position = head.Position, hash = Convert.ToHexStringLower(head.Hash.Span), at = head.At });
    }

    private static string Digest(byte[] bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));

    private static IResult BadId(string id) => ProblemAnswers.Of(ProblemCatalog.IdFormat.At("id", $"'{id}' is no UUID"));

    private static IResult Missing(string id) => ProblemAnswers.Of(ProblemCatalog.NotFound.At("id", $"no decision {id}"));
}
