using System.Diagnostics;
using Npgsql;

namespace ControlPlane.Bench.Http;

/// <summary>
/// Does the durable part of a decision as most services do: a transaction for each, which takes from a guarded row of
/// the pool and adds the key, the decision, the placement and its unit. What it does not do counts in its favour: no
/// HTTP, no choice of a place, no chain of hashes, no replay.
/// </summary>
internal sealed class RowPerDecision(string connectionString, int pools)
{
    private const string Tables = """
        drop schema if exists row_per_decision cascade;
        create schema row_per_decision;
        create table row_per_decision.pool (pool int primary key, free bigint not null check (free >= 0));
        create table row_per_decision.key (tenant text, key text, hash bytea not null, primary key (tenant, key));
        create table row_per_decision.decision (id uuid primary key, at timestamptz not null, tenant text not null,
            workload text not null, outcome text not null);
        create table row_per_decision.placement (id uuid primary key, tenant text not null, workload text not null,
            pool int not null, cpu bigint not null, memory bigint not null);
        create index on row_per_decision.placement (tenant, id);
        create table row_per_decision.unit (id uuid, ordinal int, node int not null, devices bigint not null,
            primary key (id, ordinal));
        insert into row_per_decision.pool select pool, 1000000000 from generate_series(0, @pools - 1) as pool;
        """;

    private static readonly string[] Statements =
    [
        "insert into row_per_decision.key values ($1, $2, $3)",
        "update row_per_decision.pool set free = free - 1 where pool = $1 and free >= 1",
        "insert into row_per_decision.decision values ($1, now(), $2, $3, 'bound')",
        "insert into row_per_decision.placement values ($1, $2, $3, $4, 100, 128)",
        "insert into row_per_decision.unit values ($1, 0, 7, 1)",
    ];

    /// <summary>Decides for a while on so many connections at once.</summary>
    /// <returns>Latencies of transactions that were acknowledged, in stopwatch ticks, shortest first.</returns>
    public async Task<LoadResult> RunAsync(int connections, TimeSpan duration)
    {
        await using var source = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(connectionString)
        {
            MaxPoolSize = connections, MaxAutoPrepare = Statements.Length + 2, Enlist = false,
        });
        await using (var create = source.CreateCommand(Tables))
        {
            create.Parameters.AddWithValue("pools", pools);
            await create.ExecuteNonQueryAsync();
        }

        var started = Stopwatch.GetTimestamp();
        var end = started + (long)(duration.TotalSeconds * Stopwatch.Frequency);
        var latencies = await Task.WhenAll(
            Enumerable.Range(0, connections).Select(number => Task.Run(() => WorkAsync(source, number, end))));
        var sorted = latencies.SelectMany(list => list).Order().ToArray();
        return new LoadResult(
            sorted, new Dictionary<int, int> { [201] = sorted.Length }, Stopwatch.GetElapsedTime(started));
    }

    /// <summary>Rows that are there.</summary>
    public async Task<long> CountAsync()
    {
        await using var source = NpgsqlDataSource.Create(connectionString);
        await using var count = source.CreateCommand("select count(*) from row_per_decision.placement");
        return (long)(await count.ExecuteScalarAsync() ?? 0L);
    }

    private async Task<List<long>> WorkAsync(NpgsqlDataSource source, int number, long end)
    {
        var latencies = new List<long>();
        await using var connection = await source.OpenConnectionAsync();
        var random = new Random(number);
        for (var count = 0; Stopwatch.GetTimestamp() < end; count++)
        {
            var asked = Stopwatch.GetTimestamp();
            var (id, tenant, workload) = (Guid.CreateVersion7(), $"t{number % 20}", $"w{number}-{count}");
            object[][] values =
            [
                [tenant, workload, new byte[32]], [random.Next(pools)], [id, tenant, workload],
                [id, tenant, workload, random.Next(pools)], [id],
            ];
            await using var transaction = await connection.BeginTransactionAsync();
            await using var batch = new NpgsqlBatch(connection, transaction);
            for (var at = 0; at < Statements.Length; at++)
            {
                var command = new NpgsqlBatchCommand(Statements[at]);
                foreach (var value in values[at]) command.Parameters.Add(new NpgsqlParameter { Value = value });
                batch.BatchCommands.Add(command);
            }

            await batch.ExecuteNonQueryAsync();
            await transaction.CommitAsync();
            latencies.Add(Stopwatch.GetTimestamp() - asked);
        }

        return latencies;
    }
}
