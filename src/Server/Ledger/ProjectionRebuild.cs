using System.Data;
using ControlPlane.Ledger;
using ControlPlane.Regions;
using ControlPlane.Server.Database;
using Dapper;
using Npgsql;

namespace ControlPlane.Server.Ledger;

/// <summary>
/// Derives the tables from the ledger alone: beside the real ones to compare the two row by row, or in their stead.
/// </summary>
internal sealed class ProjectionRebuild(PostgresDatabase database, LedgerStore store)
{
    /// <summary>Records folded between two writes.</summary>
    private const int RecordsPerStep = 2_000;

    /// <summary>Differing rows that are named of each table.</summary>
    private const int MostShown = 10;

    // In the order in which they can be emptied.
    private static readonly string[] Tables =
    [
        "placement_unit", "placement", "preempted_placement", "decision", "node", "node_pool", "cluster", "site",
        "region",
    ];

    /// <summary>Compares the tables with what the ledger gives; servers may go on writing meanwhile.</summary>
    public async Task<ProjectionFinding> VerifyAsync(CancellationToken cancellation)
    {
        await using var connection = await database.OpenAsideAsync(cancellation);
        // One snapshot of everything; never committed, so the copies are gone with it.
        await using var transaction = await connection.BeginTransactionAsync(
            IsolationLevel.RepeatableRead, cancellation);
        var head = await connection.ExecuteScalarAsync<long>(
            "select position from projection_head", transaction: transaction);
        // Temporary tables hide the real ones from every statement that names no schema.
        foreach (var table in Tables)
            await connection.ExecuteAsync(
                $"create temporary table {table} (like public.{table} including all)", null, transaction);
        await FillAsync(connection, transaction, head, cancellation);

        var differences = new List<ProjectionDifference>();
        foreach (var table in Tables) differences.AddRange(await CompareAsync(connection, transaction, table));
        return new ProjectionFinding(head, differences);
    }

    /// <summary>Empties the tables and writes them anew. Appends and readers wait until it is done.</summary>
    public async Task<(CommitAnswer Answer, long Position)> RebuildAsync(CancellationToken cancellation)
    {
        long head = 0;
        var answer = await database.CommitAsync(
            async (connection, transaction, token) =>
            {
                head = await connection.ExecuteScalarAsync<long>(
                    "select position from ledger_head for update", null, transaction);
                await connection.ExecuteAsync($"truncate {string.Join(", ", Tables)}", null, transaction);
                await FillAsync(connection, transaction, head, token);
                await connection.ExecuteAsync("update projection_head set position = @head", new { head }, transaction);
                return true;
            },
            cancellation);
        return (answer, head);
    }

    private async Task FillAsync(
        NpgsqlConnection connection, NpgsqlTransaction transaction, long head, CancellationToken cancellation)
    {
        var state = await BeginAsync(connection, transaction, cancellation);
        var records = new List<LedgerRecord>(RecordsPerStep);
        var ended = new List<EndedPlacement>();

        async Task WriteAsync()
        {
            if (records.Count == 0) return;
            var statements = new Statements(connection, transaction);
            await Projection.AddAsync(statements, records, (state, ended));
            await statements.ExecuteAsync();
            state.Settle();
            records.Clear();
            ended.Clear();
        }

        await foreach (var record in store.ReadAsync(state.Position, state.Hash, cancellation))
        {
            if (record.Position > head) break;
            ended.AddRange(Projection.Before(state.World, record));
            state.Fold(record);
            records.Add(record);
            if (records.Count == RecordsPerStep) await WriteAsync();
        }

        await WriteAsync();
        if (state.Position != head)
            throw new LedgerFormatException($"the tables go up to {head}, the records end at {state.Position}");
    }

    /// <summary>
    /// The state to begin with: the first, or the one from which the ledger goes on after what was let go. What runs
    /// there has its rows from the records about it, which are still whole.
    /// </summary>
    private async Task<LedgerState> BeginAsync(
        NpgsqlConnection connection, NpgsqlTransaction transaction, CancellationToken cancellation)
    {
        if (await new RetentionStore(database).ReadAsync(cancellation) is not { } retention)
            return new LedgerState(new FleetReader());
        var state = await store.LoadSnapshotAsync(retention.UpTo, cancellation);
        if (state.Position != retention.UpTo)
            throw new LedgerFormatException($"the state at {retention.UpTo}, from which it goes on, is damaged");
        var kept = new List<LedgerRecord>();
        for (var after = 0L; ;)
        {
            var page = await store.ReadPageAsync(after, RecordsPerStep, cancellation);
            kept.AddRange(page.TakeWhile(record => record.Position <= retention.UpTo));
            if (page.Count < RecordsPerStep || page[^1].Position > retention.UpTo) break;
            after = page[^1].Position;
        }

        await InventoryRows.RewriteAsync(connection, transaction, state.World, state.FleetPosition);
        var statements = new Statements(connection, transaction);
        PlacementRows.Add(statements, Projection.Running(state.World, kept));
        await statements.ExecuteAsync();
        return state;
    }

    private static async Task<IEnumerable<ProjectionDifference>> CompareAsync(
        NpgsqlConnection connection, NpgsqlTransaction transaction, string table)
    {
        var compare = $"""
            (select '{table}' as "Table", 'not in the table' as "What", wanted::text as "Row"
             from (table pg_temp.{table} except all table public.{table}) wanted limit {MostShown})
            union all
            (select '{table}', 'not in the ledger', found::text
             from (table public.{table} except all table pg_temp.{table}) found limit {MostShown})
            """;
        return await connection.QueryAsync<ProjectionDifference>(compare, null, transaction);
    }
}

/// <summary>What a comparison of the tables with the ledger found.</summary>
/// <param name="Position">Position up to which both were read.</param>
/// <param name="Differences">Rows that only one of the two has; of each table the first few.</param>
internal sealed record ProjectionFinding(long Position, IReadOnlyList<ProjectionDifference> Differences);

/// <summary>A row that only one of the two has.</summary>
internal sealed record ProjectionDifference(string Table, string What, string Row);
