using System.Runtime.CompilerServices;
using ControlPlane.Ledger;
using ControlPlane.Regions;
using ControlPlane.Server.Database;
using Dapper;
using Npgsql;

namespace ControlPlane.Server.Ledger;

/// <summary>
/// Reads and appends the ledger in PostgreSQL. An append lands only behind the head it was decided on.
/// </summary>
internal sealed partial class LedgerStore(PostgresDatabase database, FleetReader fleets)
{
    private const int BatchesPerRead = 256;

    private const string BatchColumns = """
        batch.first_position as FirstPosition, batch.last_position as LastPosition, batch.head_hash as HeadHash,
            batch.body as Body, batch.leaves as Leaves,
            coalesce((select before.head_hash from ledger_batch before where before.last_position = batch.first_position - 1),
                decode(repeat('00', 32), 'hex')) as HashBefore
        """;

    /// <summary>
    /// Adds the append of a batch behind the head it was decided on. When another writer moved the head first, the
    /// statement fails as a race that was lost.
    /// </summary>
    /// <param name="statements">Statements of the transaction.</param>
    /// <param name="head">What the records were decided on.</param>
    /// <param name="records">What is appended.</param>
    /// <param name="body">Memory for the records, in use until the statements have run.</param>
    public static void Append(
        Statements statements, (long Position, Seq<byte> Hash) head, List<LedgerRecord> records, CanonicalWriter body)
    {
        const string Append = "select append_ledger_batch($1, $2, $3, $4, $5, $6, $7)";
        var last = records[^1];
        statements.Add(
            Append, head.Position, head.Hash.Span.ToArray(), records[0].Position, last.Position,
            last.Hash.Span.ToArray(),
            last.At, LedgerBatch.Write(records, body));
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
    /// <exception cref="LedgerFormatException">Something is wrong, or the content of a record was let go.</exception>
    public async IAsyncEnumerable<LedgerRecord> ReadAsync(
        long after, Seq<byte> hash, [EnumeratorCancellation] CancellationToken cancellation)
    {
        await foreach (var entry in ReadEntriesAsync(after, hash, cancellation))
        {
            yield return entry.Record ?? throw new LedgerFormatException(
                $"the content of record {entry.Position} was let go, and no sound snapshot from after it is there");
        }
    }

    /// <summary>The same, and what is left of records whose content was let go.</summary>
    public async IAsyncEnumerable<LedgerEntry> ReadEntriesAsync(
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
                if (batch.Body is not { } body)
                {
                    foreach (var retired in RetiredOf(batch, after)) yield return new LedgerEntry(retired);
                    (after, hash) = (batch.LastPosition, batch.HeadHash.ToSeq());
                    continue;
                }

                var records = LedgerBatch.Read(body, passed ? batch.HashBefore.ToSeq() : hash).ToList();
                // Before any of them is handed out: what was folded in cannot be taken back.
                if (records.Count == 0 || !records[^1].Hash.Span.SequenceEqual(batch.HeadHash))
                    throw Mismatch(after + 1);
                foreach (var record in records)
                {
                    if (record.Position == after && record.Hash != hash) throw Mismatch(after);
                    if (record.Position <= after) continue;
                    (after, hash) = (record.Position, record.Hash);
                    yield return new LedgerEntry(record);
                }
            }

            if (batches.Count < BatchesPerRead) yield break;
        }
    }

    private static IEnumerable<RetiredRecord> RetiredOf(BatchRow batch, long after)
    {
        var leaves = batch.Leaves!; // there where the content is not; the table holds it to that
        for (var position = Math.Max(after + 1, batch.FirstPosition); position <= batch.LastPosition; position++)
        {
            var at = (int)(position - batch.FirstPosition) * LedgerRecord.HashBytes;
            yield return new RetiredRecord(
                position, Seq.Create<byte>(leaves.AsSpan(at, LedgerRecord.HashBytes)),
                position == batch.LastPosition ? batch.HeadHash.ToSeq() : null);
        }
    }

    /// <summary>
    /// Records at positions, each read with its batch and checked against the batch's hash. Those whose content was let
    /// go are left out.
    /// </summary>
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
            if (batch.Body is not { } body)
            {
                wanted.RemoveWhere(position => position >= batch.FirstPosition && position <= batch.LastPosition);
                continue;
            }

            var records = new List<LedgerRecord>();
            var hash = LedgerBatch.Pick(
                body, batch.HashBefore.ToSeq(), place => wanted.Contains(batch.FirstPosition + place), records);
            foreach (var record in records) found.Add(record.Position, record);
            if (!hash.Span.SequenceEqual(batch.HeadHash)) throw Mismatch(batch.FirstPosition);
        }

        return found.Count == wanted.Count
            ? found
            : throw Missing(wanted.First(position => !found.ContainsKey(position)));
    }

    /// <summary>Records after a position, at most so many; those whose content was let go are passed over.</summary>
    public async Task<List<LedgerRecord>> ReadPageAsync(long after, int limit, CancellationToken cancellation) =>
        [.. (await PageAsync(after, limit, isWhole: true, cancellation)).Select(entry => entry.Record!)]; // whole

    /// <summary>What stands after a position, at most so much of it.</summary>
    public Task<List<LedgerEntry>> ReadEntryPageAsync(long after, int limit, CancellationToken cancellation) =>
        PageAsync(after, limit, isWhole: false, cancellation);

    private async Task<List<LedgerEntry>> PageAsync(
        long after, int limit, bool isWhole, CancellationToken cancellation)
    {
        // Batches may be large: a few at a time, so that a page does not read what it will not show.
        const int BatchesForPage = 8;
        var page = new List<LedgerEntry>(limit);
        while (true)
        {
            var batches = await ReadBatchesAsync(after, cancellation, BatchesForPage);
            foreach (var entry in batches.SelectMany(batch => EntriesOf(batch, after, isWhole)))
            {
                page.Add(entry);
                if (page.Count == limit) return page;
            }

            if (batches.Count < BatchesForPage) return page;
            after = batches[^1].LastPosition;
        }
    }

    private static IEnumerable<LedgerEntry> EntriesOf(BatchRow batch, long after, bool isWhole) =>
        batch.Body is { } body
            ? LedgerBatch.Read(body, batch.HashBefore.ToSeq())
                .Where(record => record.Position > after).Select(record => new LedgerEntry(record))
            : isWhole ? [] : RetiredOf(batch, after).Select(retired => new LedgerEntry(retired));

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
                rows.GetInt64(0), rows.GetInt64(1), rows.GetFieldValue<byte[]>(2),
                rows.IsDBNull(3) ? null : rows.GetFieldValue<byte[]>(3),
                rows.IsDBNull(4) ? null : rows.GetFieldValue<byte[]>(4), rows.GetFieldValue<byte[]>(5)));
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

    private sealed record BatchRow(
        long FirstPosition, long LastPosition, byte[] HeadHash, byte[]? Body, byte[]? Leaves, byte[] HashBefore);

    private sealed record HeadRow(long Position, byte[] Hash, DateTime? At);
}

/// <summary>The state at a position, written out.</summary>
internal sealed record Snapshot(long Position, Seq<byte> HeadHash, byte[] Body, DateTimeOffset At);

/// <summary>The newest position and its hash.</summary>
internal sealed record LedgerHead(long Position, Seq<byte> Hash, DateTimeOffset? At);
