using System.Security.Cryptography;
using ControlPlane.Ledger;
using ControlPlane.Regions;
using ControlPlane.Server.Database;
using Dapper;
using Npgsql;

namespace ControlPlane.Server.Ledger;

/// <summary>Reads and appends the ledger in PostgreSQL. An append lands only behind the head it was decided on.</summary>
internal sealed class LedgerStore(PostgresDatabase database, FleetReader fleets)
{
    private const int BatchesPerRead = 256;

    /// <summary>
    /// Moves the head from the mark to the last record and writes the batch, inside the caller's transaction.
    /// </summary>
    /// <returns>False when another writer moved the head first; then nothing was written.</returns>
    public static async Task<bool> TryAppendAsync(
        NpgsqlConnection connection, NpgsqlTransaction transaction, (long Position, Seq<byte> Hash) head, List<LedgerRecord> records)
    {
        const string MoveHead = """
            update ledger_head set position = @last, hash = @lastHash where position = @position and hash = @hash
            """;
        const string AddBatch = """
            insert into ledger_batch (first_position, last_position, committed_at, head_hash, body)
            values (@first, @last, @at, @lastHash, @body)
            """;
        var last = records[^1];
        var values = new
        {
            position = head.Position,
            hash = head.Hash.Span.ToArray(),
            first = records[0].Position,
            last = last.Position,
            lastHash = last.Hash.Span.ToArray(),
            at = last.At,
            body = LedgerBatch.Write(records),
        };
        var moved = await connection.ExecuteAsync(MoveHead, values, transaction);
        if (moved == 0) return false;
        await connection.ExecuteAsync(AddBatch, values, transaction);
        return true;
    }

    /// <summary>The newest state: the newest sound snapshot and what was appended after it.</summary>
    public async Task<LedgerState> LoadAsync(CancellationToken cancellation)
    {
        var state = await LoadSnapshotAsync(long.MaxValue, cancellation);
        await CatchUpAsync(state, cancellation);
        return state;
    }

    /// <summary>The state at one position.</summary>
    public async Task<LedgerState> LoadAtAsync(long position, CancellationToken cancellation)
    {
        var state = await LoadSnapshotAsync(position, cancellation);
        await foreach (var record in ReadAsync(state.Position, state.Hash, cancellation))
        {
            if (record.Position > position) break;
            state.Fold(record);
        }

        state.Settle();
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
        long after, Seq<byte> hash, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellation)
    {
        const string NextBatches = """
            select first_position as FirstPosition, head_hash as HeadHash, body as Body,
                case when first_position <= @after then
                    (select head_hash from ledger_batch before where before.last_position = batch.first_position - 1)
                end as HashBefore
            from ledger_batch batch where last_position > @after order by first_position limit @limit
            """;
        while (true)
        {
            List<BatchRow> batches;
            await using (var connection = await database.OpenReadAsync(cancellation))
            {
                var rows = await connection.QueryAsync<BatchRow>(
                    new CommandDefinition(NextBatches, new { after, limit = BatchesPerRead }, cancellationToken: cancellation));
                batches = rows.AsList();
            }

            foreach (var batch in batches)
            {
                if (batch.FirstPosition > after + 1) throw new LedgerFormatException($"record {after + 1} is missing");
                // A state may end within a batch; the records of it that are folded in already only lead up to its hash.
                var leads = batch.FirstPosition <= after;
                var before = leads ? batch.HashBefore?.ToSeq() ?? LedgerRecord.NoHash : hash;
                foreach (var record in LedgerBatch.Read(batch.Body, before))
                {
                    if (record.Position == after && record.Hash != hash)
                        throw new LedgerFormatException($"record {after} does not match the hash of the state");
                    if (record.Position <= after) continue;
                    (after, hash) = (record.Position, record.Hash);
                    yield return record;
                }

                if (!hash.Span.SequenceEqual(batch.HeadHash))
                    throw new LedgerFormatException($"the batch that ends with record {after} does not match its hash");
            }

            if (batches.Count < BatchesPerRead) yield break;
        }
    }

    /// <summary>Records after a position, at most so many; the hash that precedes them is looked up.</summary>
    public async Task<List<LedgerRecord>> ReadPageAsync(long after, int limit, CancellationToken cancellation)
    {
        // Starts at the batch that holds the first wanted record; its own first records may not be wanted.
        const string BatchBefore = """
            select first_position - 1 as Position,
                coalesce((select head_hash from ledger_batch before where before.last_position = batch.first_position - 1),
                    decode(repeat('00', 32), 'hex')) as Hash
            from ledger_batch batch where last_position > @after order by first_position limit 1
            """;
        (long Position, byte[] Hash) start;
        await using (var connection = await database.OpenReadAsync(cancellation))
        {
            start = await connection.QuerySingleOrDefaultAsync<(long, byte[])>(
                new CommandDefinition(BatchBefore, new { after }, cancellationToken: cancellation));
        }

        var page = new List<LedgerRecord>();
        if (start.Hash is null) return page;
        await foreach (var record in ReadAsync(start.Position, start.Hash.ToSeq(), cancellation))
        {
            if (record.Position > after) page.Add(record);
            if (page.Count == limit) break;
        }

        return page;
    }

    public async Task<LedgerHead> ReadHeadAsync(CancellationToken cancellation)
    {
        const string Head = """
            select head.position as Position, head.hash as Hash, batch.committed_at as At
            from ledger_head head left join ledger_batch batch on batch.last_position = head.position
            """;
        await using var connection = await database.OpenReadAsync(cancellation);
        var row = await connection.QuerySingleAsync<HeadRow>(new CommandDefinition(Head, cancellationToken: cancellation));
        return new LedgerHead(row.Position, row.Hash.ToSeq(), row.At is { } at ? new DateTimeOffset(at) : null);
    }

    public async Task SaveSnapshotAsync(long position, Seq<byte> headHash, byte[] body, DateTimeOffset at)
    {
        const string Add = """
            insert into ledger_snapshot (position, head_hash, digest, taken_at, body)
            values (@position, @headHash, @digest, @at, @body) on conflict (position) do nothing
            """;
        await using var connection = await database.OpenWriteAsync(CancellationToken.None);
        await connection.ExecuteAsync(Add, new
        {
            position, headHash = headHash.Span.ToArray(), digest = SHA256.HashData(body), at, body,
        });
    }

    /// <summary>The newest snapshot up to a position whose digest is right; the empty state when there is none.</summary>
    private async Task<LedgerState> LoadSnapshotAsync(long atMost, CancellationToken cancellation)
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
            if (SHA256.HashData(body).AsSpan().SequenceEqual(digest)) return LedgerSnapshot.Read(fleets, body);
        }

        return new LedgerState(fleets);
    }

    private sealed record BatchRow(long FirstPosition, byte[] HeadHash, byte[] Body, byte[]? HashBefore);

    private sealed record HeadRow(long Position, byte[] Hash, DateTime? At);
}

/// <summary>The newest position and its hash.</summary>
internal sealed record LedgerHead(long Position, Seq<byte> Hash, DateTimeOffset? At);
