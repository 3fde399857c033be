using System.Globalization;
using System.Security.Cryptography;
using ControlPlane.Ledger;
using ControlPlane.Placements;
using ControlPlane.Server.Hosting;
using ControlPlane.Server.Identity;
using ControlPlane.Server.Placements;

namespace ControlPlane.Server.Ledger;

/// <summary>Shows decisions with their reasons, and the ledger they are recorded in, over HTTP.</summary>
internal sealed class LedgerApi(LedgerStore store, DecisionReader reader, DecisionLoop loop)
{
    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapRead("/v1/decisions/{id}", ShowAsync).Declared(LedgerOperations.Show);
        routes.MapRead("/v1/decisions/{id}/replay", ReplayAsync).Declared(LedgerOperations.Replay);
        routes.MapRead("/v1/ledger", ListAsync).Declared(LedgerOperations.List);
        routes.MapRead("/v1/ledger/head", HeadAsync).Declared(LedgerOperations.Head);
    }

    private async Task<IResult> ShowAsync(Guid id, HttpRequest request, CancellationToken cancellation)
    {
        if (await ReadAsync(id, request, cancellation) is not { } decision) return Missing(id);
        var explain = request.Query["explain"] == "true";
        if (explain && decision.Result is ReplayRetired)
            return AnswerResults.Missing(LetGo(decision.Record.Position));
        return Results.Ok(AnswerWriter.Of(new Decided(decision.Record, decision.Fleet, decision.Explanation), explain));
    }

    private async Task<IResult> ReplayAsync(Guid id, HttpRequest request, CancellationToken cancellation)
    {
        if (await ReadAsync(id, request, cancellation) is not { } decision) return Missing(id);
        if (decision.Result is ReplayRetired) return AnswerResults.Missing(LetGo(decision.Record.Position));
        var recorded = ((PlacementDecided)decision.Record.Event).Decision;
        return Results.Ok(new ReplayAnswer
        {
            Id = id,
            Position = decision.Record.Position,
            Same = decision.Result is ReplaySame,
            RecordedDigest = Digest(DecisionCodec.ToBytes(recorded)),
            ReplayedDigest = decision.Explanation is { } why ? Digest(DecisionCodec.ToBytes(why.Decision)) : null,
            EngineVersion = Replay.EngineVersion,
            Answer = AnswerWriter.Of(new Decided(decision.Record, decision.Fleet, decision.Explanation), explain: true),
        });
    }

    private async Task<IResult> ListAsync(HttpRequest request, CancellationToken cancellation)
    {
        var (page, problem) = PageRequest.Of(request);
        if (problem is not null) return new ProblemAnswer([problem]);
        var start = page.After.Length > 0 ? page.After : request.Query["after"].FirstOrDefault("0");
        var after = long.Parse(start!, CultureInfo.InvariantCulture); // checked at the edge, or written by us
        var (records, next) = page.Cut(
            await store.ReadEntryPageAsync(after, page.Size + 1, cancellation),
            entry => entry.Position.ToString(CultureInfo.InvariantCulture));
        return Results.Ok(new RecordPage(records.ConvertAll(Of), next));
    }

    private async Task<IResult> HeadAsync(CancellationToken cancellation)
    {
        var head = await store.ReadHeadAsync(cancellation);
        return Results.Ok(new HeadAnswer
        {
            Position = head.Position,
            Hash = Convert.ToHexStringLower(head.Hash.Span),
            At = head.At,
        });
    }

    /// <summary>A decision that the caller may see; another tenant's is as none.</summary>
    private async Task<ReplayedDecision?> ReadAsync(Guid id, HttpRequest request, CancellationToken cancellation)
    {
        if (await reader.ReadAsync(new DecisionId(id), cancellation) is not { } decision) return null;
        var decided = (PlacementDecided)decision.Record.Event;
        var sight = Sight.Of(request.Caller(), Permission.PlacementsRead, loop.Fleet);
        if (!sight.SeesTenant(decided.Request.Tenant.Value)) return null;
        return decided.Decision is not Placed placed || sight.IsWhole
            || placed.Units.All(unit => decision.Fleet.FindPool(unit.Node.Pool) is { } pool
                && sight.SeesRegion(pool.Region.Id.Value))
            ? decision
            : null;
    }

    private static RecordAnswer Of(LedgerEntry entry) => entry.Record is { } record ? Of(record) : new RecordAnswer
    {
        Position = entry.Position,
        Leaf = Convert.ToHexStringLower(entry.Retired!.Leaf.Span), // one of the two is there
        Hash = entry.Retired.Hash is { } hash ? Convert.ToHexStringLower(hash.Span) : null,
    };

    private static RecordAnswer Of(LedgerRecord record) => new()
    {
        Position = record.Position,
        At = record.At.ToString("O", CultureInfo.InvariantCulture),
        Kind = record.Event.Kind,
        Hash = Convert.ToHexStringLower(record.Hash.Span),
        Body = Convert.ToBase64String(record.Body.Span),
    };

    private static string Digest(byte[] bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));

    private static string LetGo(long position) =>
        $"the records that led to record {position} were let go, so its reasons cannot be found again here";

    private static ProblemAnswer Missing(Guid id) => AnswerResults.Missing($"there is no decision {id}");
}
