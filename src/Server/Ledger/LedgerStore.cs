using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using ControlPlane.Ledger;
using ControlPlane.Regions;
using ControlPlane.Server.Database;
using Dapper;
using Npgsql;

namespace ControlPlane.Server.Ledger;

/// <summary>
/// Reads and appends the ledger in PostgreSQL. An append lands only behind the head it was decided on.
/// </summary>
internal sealed class LedgerStore(PostgresDatabase database, FleetReader fleets)
{
    private const int BatchesPerRead = 256;

    private const string BatchColumns = """
        batch.first_position as FirstPosition, batch.head_hash as HeadHash, batch.body as Body,
            coalesce((select before.head_hash from ledger_batch before where before.last_position = batch.first_position - 1),
                decode(repeat('00', 32), 'hex')) as HashBefore
        """;

    /// <summary>
    /// Adds the append of a batch behind the head it was decided on. When another writer moved the head first, the
    /// statement fails as a race that was lost.
    /// </summary>
    public static void Append(Statements statements, (long Position, Seq<byte> Hash) head, List<LedgerRecord> records)
    {
        const string Append = "select append_ledger_batch($1, $2, $3, $4, $5, $6, $7)";
        var last = records[^1];
        statements.Add(
            Append, head.Position, head.Hash.Span.ToArray(), records[0].Position, last.Position,
            last.Hash.Span.ToArray(),
            last.At, LedgerBatch.Write(records));
    }

    /// <summary>The newest state: the newest sound snapshot and what was appended after it.</summary>
    public async Task<LedgerState> LoadAsync(CancellationToken cancellation)
    {
        var state = await LoadSnapshotAsync(long.MaxValue, cancellation);
        await CatchUpAsync(state, cancellation);
        return state;
    }

    /// <summary>Folds in everything that was appended after the state.</summary>
    /// <returns>Records that were folded in.</returns>
    public async Task<int> CatchUpAsync(LedgerState state, CancellationToken cancellation)
    {
        var folded = 0;
        await foreach (var record in ReadAsync(state.Position, state.Hash, cancellation))
        {
            state.Fold(record);
            folded++;
        }

        state.Settle();
        return folded;
    }

    /// <summary>Records after a position, oldest first, each checked against the hash before it.</summary>
    public async IAsyncEnumerable<LedgerRecord> ReadAsync(
        long after, Seq<byte> hash, [EnumeratorCancellation] CancellationToken cancellation)
    {
        while (true)
        {
            var batches = await ReadBatchesAsync(after, cancellation);
            foreach (var batch in batches)
            {
                // A read that starts inside a batch passes over its first records, which lead to the same hash.
                var passed = batch.FirstPosition <= after;
                if (!passed && batch.FirstPosition != after + 1) throw Missing(after + 1);
                var records = LedgerBatch.Read(batch.Body, passed ? batch.HashBefore.ToSeq() : hash).ToList();
                // Before any of them is handed out: what was folded in cannot be taken back.
                if (records.Count == 0 || !records[^1].Hash.Span.SequenceEqual(batch.HeadHash))
                    throw Mismatch(after + 1);
                foreach (var record in records)
                {
                    if (record.Position == after && record.Hash != hash) throw Mismatch(after);
                    if (record.Position <= after) continue;
                    (after, hash) = (record.Position, record.Hash);
                    yield return record;
                }
            }

            if (batches.Count < BatchesPerRead) yield break;
        }
    }

    /// <summary>Records at positions, each read with its batch and checked against the batch's hash.</summary>
    public async Task<Dictionary<long, LedgerRecord>> ReadAtAsync(List<long> positions, CancellationToken cancellation)
    {
        const string BatchesOf = $"""
            select distinct on (batch.first_position) {BatchColumns}
            from unnest(@positions) as wanted (position)
            join lateral (
                select * from ledger_batch where last_position >= wanted.position order by last_position limit 1) batch on true
            """;
        var batches = await ReadBatchesAsync(BatchesOf, [new("positions", positions)], cancellation);
        var wanted = positions.ToHashSet();
        var found = new Dictionary<long, LedgerRecord>(wanted.Count);
        foreach (var batch in batches)
        {
            var records = new List<LedgerRecord>();
            var hash = LedgerBatch.Pick(
                batch.Body, batch.HashBefore.ToSeq(), place => wanted.Contains(batch.FirstPosition + place), records);
            foreach (var record in records) found.Add(record.Position, record);
            if (!hash.Span.SequenceEqual(batch.HeadHash)) throw Mismatch(batch.FirstPosition);
        }

        return found.Count == wanted.Count
            ? found
            : throw Missing(wanted.First(position => !found.ContainsKey(position)));
    }

    /// <summary>Records after a position, at most so many.</summary>
    public async Task<List<LedgerRecord>> ReadPageAsync(long after, int limit, CancellationToken cancellation)
    {
        // Batches may be large: a few at a time, so that a page does not read what it will not show.
        const int BatchesForPage = 8;
        var page = new List<LedgerRecord>(limit);
        while (true)
        {
            var batches = await ReadBatchesAsync(after, cancellation, BatchesForPage);
            foreach (var record in batches.SelectMany(batch => LedgerBatch.Read(batch.Body, batch.HashBefore.ToSeq())))
            {
                if (record.Position <= after) continue;
                page.Add(record);
                if (page.Count == limit) return page;
            }

            if (batches.Count < BatchesForPage) return page;
            after = page[^1].Position;
        }
    }

    private async Task<List<BatchRow>> ReadBatchesAsync(
        long after, CancellationToken cancellation, int limit = BatchesPerRead)
    {
        const string NextBatches = $"""
            select {BatchColumns} from ledger_batch batch where last_position > @after order by last_position limit @limit
            """;
        return await ReadBatchesAsync(NextBatches, [new("after", after), new("limit", limit)], cancellation);
    }

    // By hand: bodies are long, and a mapper that reads column by column holds a thread for each that is not there yet.
    private async Task<List<BatchRow>> ReadBatchesAsync(
        string sql, NpgsqlParameter[] parameters, CancellationToken cancellation)
    {
        await using var connection = await database.OpenReadAsync(cancellation);
        await using var command = new NpgsqlCommand(sql, connection);
        command.Parameters.AddRange(parameters);
        await using var rows = await command.ExecuteReaderAsync(cancellation);
        var batches = new List<BatchRow>();
        while (await rows.ReadAsync(cancellation))
        {
            batches.Add(new(
                rows.GetInt64(0), rows.GetFieldValue<byte[]>(1), rows.GetFieldValue<byte[]>(2),
                rows.GetFieldValue<byte[]>(3)));
        }

        return batches;
    }

    private static LedgerFormatException Missing(long position) => new($"record {position} is missing");

    private static LedgerFormatException Mismatch(long position) =>
        new($"the batch that holds record {position} does not match its hash");

    public async Task<LedgerHead> ReadHeadAsync(CancellationToken cancellation)
    {
        const string Head = """
            select head.position as Position, head.hash as Hash, batch.committed_at as At
            from ledger_head head left join ledger_batch batch on batch.last_position = head.position
            """;
        await using var connection = await database.OpenReadAsync(cancellation);
        var row = await connection.QuerySingleAsync<HeadRow>(
            new CommandDefinition(Head, cancellationToken: cancellation));
        return new LedgerHead(row.Position, row.Hash.ToSeq(), row.At is { } at ? new DateTimeOffset(at) : null);
    }

    public async Task SaveSnapshotAsync(Snapshot snapshot)
    {
        const string Add = """
            insert into ledger_snapshot (position, head_hash, digest, taken_at, body)
            values (@position, @headHash, @digest, @at, @body) on conflict (position) do nothing
            """;
        await using var connection = await database.OpenWriteAsync(CancellationToken.None);
        await connection.ExecuteAsync(Add, new
        {
            position = snapshot.Position, headHash = snapshot.HeadHash.Span.ToArray(),
            digest = SHA256.HashData(snapshot.Body), at = snapshot.At, body = snapshot.Body,
        });
    }

    /// <summary>
    /// Deletes snapshots that stand close to others, closer the older they are. The two newest stay, and the one that
    /// the tables would be followed from.
    /// </summary>
    public async Task ThinSnapshotsAsync()
    {
        await using var connection = await database.OpenWriteAsync(CancellationToken.None);
        var positions = (await connection.QueryAsync<long>(
            "select position from ledger_snapshot order by position desc")).AsList();
        var tables = await connection.ExecuteScalarAsync<long>("select position from projection_head");
        await connection.ExecuteAsync(
            "delete from ledger_snapshot where position = any(@gone)", new { gone = TooClose(positions, tables) });
    }

    /// <summary>Of snapshots, newest first, those to delete.</summary>
    internal static long[] TooClose(IReadOnlyList<long> positions, long tables)
    {
        const int AgePerGap = 4;
        const int Newest = 2;
        var gone = new List<long>();
        long kept = 0;
        var (count, followed) = (0, false);
        foreach (var position in positions)
        {
            var follows = !followed && position <= tables;
            if (count < Newest || follows || kept - position >= (positions[0] - position) / AgePerGap)
            {
                (kept, count, followed) = (position, count + 1, followed || follows);
                continue;
            }

            gone.Add(position);
        }

        return [.. gone];
    }

    /// <summary>
    /// The newest snapshot up to a position whose digest is right; the empty state when there is none.
    /// </summary>
    public async Task<LedgerState> LoadSnapshotAsync(long atMost, CancellationToken cancellation)
    {
        const string Newest = """
            select digest as Digest, body as Body from ledger_snapshot where position <= @atMost order by position desc limit @limit
            """;
        const int Tries = 2;
        await using var connection = await database.OpenReadAsync(cancellation);
        var rows = await connection.QueryAsync<(byte[] Digest, byte[] Body)>(
            new CommandDefinition(Newest, new { atMost, limit = Tries }, cancellationToken: cancellation));
        foreach (var (digest, body) in rows)
        {
            // A damaged snapshot is only a slower start: the ledger itself has everything.
            if (!SHA256.HashData(body).AsSpan().SequenceEqual(digest)) continue;
            try
            {
                return LedgerSnapshot.Read(fleets, body);
            }
            catch (LedgerFormatException)
            {
                // Sound, but of a version with another form: likewise.
            }
        }

        return new LedgerState(fleets);
    }

    private sealed record BatchRow(long FirstPosition, byte[] HeadHash, byte[] Body, byte[] HashBefore);

    private sealed record HeadRow(long Position, byte[] Hash, DateTime? At);
}

/// <summary>The state at a position, written out.</summary>
internal sealed record Snapshot(long Position, Seq<byte> HeadHash, byte[] Body, DateTimeOffset At);

/// <summary>The newest position and its hash.</summary>
internal sealed record LedgerHead(long Position, Seq<byte> Hash, DateTimeOffset? At);
