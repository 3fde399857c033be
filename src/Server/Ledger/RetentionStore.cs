using System.Security.Cryptography;
using ControlPlane.Ledger;
using ControlPlane.Server.Database;
using ControlPlane.Server.Hosting;
using Dapper;

namespace ControlPlane.Server.Ledger;

/// <summary>Keeps up to where the content of records was let go, and takes it from the tables.</summary>
internal sealed class RetentionStore(PostgresDatabase database)
{
    private const int BatchesAtOnce = 200;

    /// <summary>Up to where content was let go; null while all is there.</summary>
    public async Task<Retention?> ReadAsync(CancellationToken cancellation)
    {
        const string Read = """
            select up_to as UpTo, before as Before, state_digest as StateDigest, recorded_at as RecordedAt,
                is_done as IsDone
            from ledger_retention
            """;
        await using var connection = await database.OpenReadAsync(cancellation);
        var row = await connection.QuerySingleOrDefaultAsync<RetentionRow>(
            new CommandDefinition(Read, cancellationToken: cancellation));
        return row is null ? null : new Retention(
            row.UpTo, new DateTimeOffset(row.Before), row.StateDigest.ToSeq(), row.RecordedAt, row.IsDone);
    }

    /// <summary>Position of the last record before a moment, where the tables have come as far; 0 for none.</summary>
    public async Task<long> LastBeforeAsync(DateTimeOffset before, CancellationToken cancellation)
    {
        const string Last = """
            select coalesce((
                select last_position from ledger_batch, projection_head
                where committed_at < @before and last_position <= position order by last_position desc limit 1), 0)
            """;
        await using var connection = await database.OpenReadAsync(cancellation);
        return await connection.ExecuteScalarAsync<long>(
            new CommandDefinition(Last, new { before }, cancellationToken: cancellation));
    }

    /// <summary>Records by what is left of them, and when the oldest whole one was made.</summary>
    public async Task<RetentionCount> CountAsync(CancellationToken cancellation)
    {
        const string Count = """
            select coalesce(sum(records) filter (where not is_whole), 0)::bigint as Retired,
                coalesce(sum(records) filter (where is_whole), 0)::bigint as Whole
            from (
                select last_position - first_position + 1 as records, body is not null as is_whole
                from ledger_batch) batch
            """;
        await using var connection = await database.OpenReadAsync(cancellation);
        return await connection.QuerySingleAsync<RetentionCount>(
            new CommandDefinition(Count, cancellationToken: cancellation));
    }

    /// <summary>
    /// Keeps the state from which the ledger goes on. One that stands there already and is another one is damaged, or
    /// of another version, and is replaced.
    /// </summary>
    public async Task KeepStateAsync(Snapshot state, CancellationToken cancellation)
    {
        const string Keep = """
            insert into ledger_snapshot (position, head_hash, digest, taken_at, body)
            values (@position, @headHash, @digest, @at, @body)
            on conflict (position) do update set digest = excluded.digest, body = excluded.body
            """;
        await using var connection = await database.OpenWriteAsync(cancellation);
        await connection.ExecuteAsync(new CommandDefinition(Keep, new
        {
            position = state.Position, headHash = state.HeadHash.Span.ToArray(),
            digest = SHA256.HashData(state.Body), at = state.At, body = state.Body,
        }, cancellationToken: cancellation));
    }

    /// <summary>
    /// From here on the ledger goes on from a state: rows of what ended before it go, and snapshots from before it.
    /// </summary>
    public Task<CommitAnswer> BeginAsync(Retention retention, LedgerState goesOn, CancellationToken cancellation)
    {
        const string Begin = """
            insert into ledger_retention (up_to, before, state_digest, recorded_at, is_done)
            values (@UpTo, @Before, @digest, @RecordedAt, false)
            on conflict (singleton) do update set up_to = excluded.up_to, before = excluded.before,
                state_digest = excluded.state_digest, recorded_at = excluded.recorded_at, is_done = false
            where ledger_retention.up_to < excluded.up_to;
            delete from decision where position <= @UpTo
                and not exists (select from unnest(@runs) as item (id) where item.id = decision_id);
            delete from refusal_reasons where last_position <= @UpTo;
            delete from preempted_placement where preempted_at < @Before;
            delete from ledger_snapshot where position < @UpTo
            """;
        var runs = goesOn.World.Placements.Select(placement => placement.Id.Value).ToArray();
        return database.CommitAsync(
            async (connection, transaction, _) =>
            {
                await connection.ExecuteAsync(Begin, new
                {
                    retention.UpTo, retention.Before, digest = retention.StateDigest.Span.ToArray(),
                    retention.RecordedAt, runs,
                }, transaction);
                return true;
            },
            cancellation);
    }

    /// <summary>
    /// Takes the content of every batch up to a position of which no record is needed. What was not done when a server
    /// stopped half-way is done by the next look.
    /// </summary>
    public async Task<long> RetireAsync(Retention retention, RetentionNeed need, CancellationToken cancellation)
    {
        const string Next = """
            select first_position as FirstPosition, last_position as LastPosition, body as Body from ledger_batch
            where last_position > @after and last_position <= @upTo and body is not null
            order by last_position limit @limit
            """;
        const string Take = """
            update ledger_batch set body = null, leaves = item.leaves
            from unnest(@lasts, @leaves) as item (last, leaves) where last_position = item.last and body is not null
            """;
        var (retired, after) = (0L, 0L);
        await using var connection = await database.OpenAsideAsync(cancellation);
        while (true)
        {
            var batches = (await connection.QueryAsync<WholeBatch>(new CommandDefinition(
                Next, new { after, upTo = retention.UpTo, limit = BatchesAtOnce }, cancellationToken: cancellation)))
                .AsList();
            if (batches.Count == 0) break;
            after = batches[^1].LastPosition;
            var goes = batches.FindAll(batch => !Needs(batch, need));
            await connection.ExecuteAsync(new CommandDefinition(Take, new
            {
                lasts = goes.ConvertAll(batch => batch.LastPosition).ToArray(),
                leaves = goes.ConvertAll(LeavesOf).ToArray(),
            }, cancellationToken: cancellation));
            retired += goes.Sum(batch => batch.LastPosition - batch.FirstPosition + 1);
        }

        await connection.ExecuteAsync(new CommandDefinition(
            "update ledger_retention set is_done = true where up_to = @UpTo", new { retention.UpTo },
            cancellationToken: cancellation));
        return retired;
    }

    /// <summary>
    /// Refuses a ledger that goes on from another state than the one that its own records name: everything that follows
    /// would rest on it.
    /// </summary>
    public async Task CheckAsync(LedgerStore store, CancellationToken cancellation)
    {
        if (await ReadAsync(cancellation) is not { } retention) return;
        var records = await store.ReadAtAsync([retention.RecordedAt], cancellation);
        byte[]? digest;
        await using (var connection = await database.OpenReadAsync(cancellation))
        {
            digest = await connection.ExecuteScalarAsync<byte[]?>(new CommandDefinition(
                "select sha256(body) from ledger_snapshot where position = @UpTo", new { retention.UpTo },
                cancellationToken: cancellation));
        }

        if (digest is not null
            && records.GetValueOrDefault(retention.RecordedAt)?.Event is RecordsRetired said
            && said.UpTo == retention.UpTo
            && said.StateDigest.Span.SequenceEqual(digest)) return;
        throw new StartRefusedException(
            ExitCode.InvalidInput,
            $"the state at record {retention.UpTo}, from which the ledger goes on, is not the one that record "
            + $"{retention.RecordedAt} names; restore the database from a backup");
    }

    // Every record is asked about, because the need learns from what it is shown.
    private static bool Needs(WholeBatch batch, RetentionNeed need) => LedgerBatch
        .Read(batch.Body, LedgerRecord.NoHash).Aggregate(false, (known, record) => need.Of(record) || known);

    private static byte[] LeavesOf(WholeBatch batch)
    {
        using var leaves = new MemoryStream();
        var leaf = new byte[LedgerRecord.HashBytes];
        foreach (var record in LedgerBatch.Read(batch.Body, LedgerRecord.NoHash))
        {
            MerkleTree.HashLeaf(record.Body.Span, leaf);
            leaves.Write(leaf);
        }

        return leaves.ToArray();
    }

    private sealed record RetentionRow(
        long UpTo, DateTime Before, byte[] StateDigest, long RecordedAt, bool IsDone);

    private sealed record WholeBatch(long FirstPosition, long LastPosition, byte[] Body);
}

/// <summary>Up to where the content of records was let go.</summary>
/// <param name="UpTo">Last position that it reaches.</param>
/// <param name="Before">Every record up to there is older than this.</param>
/// <param name="StateDigest">SHA-256 of the state there.</param>
/// <param name="RecordedAt">Position of the record that says so.</param>
/// <param name="IsDone">Whether everything has gone that was to go.</param>
internal sealed record Retention(
    long UpTo, DateTimeOffset Before, Seq<byte> StateDigest, long RecordedAt, bool IsDone);

/// <summary>How many records are there by their hashes only, and how many whole.</summary>
internal sealed record RetentionCount(long Retired, long Whole);
