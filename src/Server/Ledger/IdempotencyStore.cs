using ControlPlane.Ledger;
using ControlPlane.Server.Database;
using ControlPlane.Server.Placements;
using Dapper;

namespace ControlPlane.Server.Ledger;

/// <summary>Remembers which request a tenant's key stood for, in the transaction that answers it.</summary>
internal sealed class IdempotencyStore(PostgresDatabase database)
{
    /// <summary>The keys among these that are known already.</summary>
    public async Task<Dictionary<(string Tenant, string Key), KnownKey>> FindAsync(
        List<Place> requests, CancellationToken cancellation)
    {
        const string Known = """
            select known.tenant as Tenant, known.key as Key, known.request_hash as RequestHash, known.position as Position
            from unnest(@tenants, @keys) as asked (tenant, key)
            join idempotency_key known on known.tenant = asked.tenant and known.key = asked.key
            """;
        if (requests.Count == 0) return [];
        await using var connection = await database.OpenReadAsync(cancellation);
        var known = new CommandDefinition(
            Known,
            new
            {
                tenants = requests.ConvertAll(request => request.Request.Tenant.Value).ToArray(),
                keys = requests.ConvertAll(request => request.IdempotencyKey).ToArray(),
            },
            cancellationToken: cancellation);
        var rows = await connection.QueryAsync<(string Tenant, string Key, byte[] RequestHash, long Position)>(known);
        return rows.ToDictionary(
            row => (row.Tenant, row.Key), row => new KnownKey(row.RequestHash.ToSeq(), row.Position));
    }

    public static void Add(Statements statements, List<LedgerRecord> records)
    {
        const string Add = """
            insert into idempotency_key (tenant, key, request_hash, position, recorded_at)
            select * from unnest($1, $2, $3, $4, $5)
            """;
        var decided = records.FindAll(record => record.Event is PlacementDecided);
        if (decided.Count == 0) return;
        var events = decided.ConvertAll(record => (PlacementDecided)record.Event);
        statements.Add(
            Add,
            Array(events, item => item.Request.Tenant.Value),
            Array(events, item => item.IdempotencyKey),
            Array(events, item => item.RequestHash.Span.ToArray()),
            Array(decided, record => record.Position),
            Array(decided, record => record.At));
    }

    private static TOut[] Array<TIn, TOut>(List<TIn> list, Converter<TIn, TOut> convert) =>
        [.. list.ConvertAll(convert)];
}

/// <summary>What a known key stood for, and where its answer is.</summary>
internal sealed record KnownKey(Seq<byte> RequestHash, long Position);
