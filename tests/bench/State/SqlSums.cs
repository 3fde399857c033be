using ControlPlane.Bench.Http;
using ControlPlane.Core.Tests;
using Npgsql;

namespace ControlPlane.Bench.State;

/// <summary>
/// Adds up by SQL what runs, over a table of as many workloads as the world has, in processor time of PostgreSQL.
/// </summary>
internal static class SqlSums
{
    private const string Fill = """
        create unlogged table sums as
        select gen_random_uuid() as placement_id, 'tenant-' || number % @tenants as tenant,
            'm' || number % @pools as sku, 'p' || number % @pools as node_pool, 1000::bigint as accelerator_milli
        from generate_series(0, @workloads - 1) as number
        """;

    private const string ByTenant = "select tenant, sku, sum(accelerator_milli)::bigint from sums group by tenant, sku";

    private const string ByPool =
        "select node_pool, sku, sum(accelerator_milli)::bigint from sums group by node_pool, sku";

    /// <summary>Times of a sum by pool and by tenant, and the latter's figures.</summary>
    public static SqlFigures Measure(int workloads, int pools, int tenants, int slices) =>
        MeasureAsync((workloads, pools, tenants), slices).GetAwaiter().GetResult();

    private static async Task<SqlFigures> MeasureAsync((int Workloads, int Pools, int Tenants) size, int slices)
    {
        using var place = new ServerPlace("sums");
        await using var server = await ServerUnderLoad.StartAsync(place.Directory, Checkout.Root);
        await using var connection = new NpgsqlConnection(server.ConnectionString);
        await connection.OpenAsync();
        await using (var fill = new NpgsqlCommand(Fill, connection))
        {
            fill.CommandTimeout = 0;
            fill.Parameters.AddWithValue("workloads", size.Workloads);
            fill.Parameters.AddWithValue("pools", size.Pools);
            fill.Parameters.AddWithValue("tenants", size.Tenants);
            await fill.ExecuteNonQueryAsync();
        }

        // In one process, since the time of workers that have ended is nowhere to be read.
        const string Prepare = "analyze sums; set max_parallel_workers_per_gather = 0";
        await using (var prepare = new NpgsqlCommand(Prepare, connection)) await prepare.ExecuteNonQueryAsync();
        var (byTenant, byPool) = (new List<double>(), new List<double>());
        Dictionary<(string, string), long> sums = [];
        for (var slice = 0; slice < slices; slice++)
        {
            sums = await TimeAsync(ByTenant, byTenant);
            await TimeAsync(ByPool, byPool);
        }

        return new SqlFigures(new Sample(byPool), new Sample(byTenant), sums);

        async Task<Dictionary<(string, string), long>> TimeAsync(string sql, List<double> times)
        {
            var before = server.ProcessorTime().Postgres;
            var found = new Dictionary<(string, string), long>();
            await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 0 };
            await using (var reader = await command.ExecuteReaderAsync())
            {
                while (await reader.ReadAsync())
                    found.Add((reader.GetString(0), reader.GetString(1)), reader.GetInt64(2));
            }

            times.Add((server.ProcessorTime().Postgres - before).TotalNanoseconds);
            return found;
        }
    }
}

/// <summary>What SQL took for its sums, and those by tenant and model.</summary>
internal sealed record SqlFigures(Sample ByPool, Sample ByTenant, Dictionary<(string Tenant, string Sku), long> Sums);
