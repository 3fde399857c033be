using System.Globalization;
using ControlPlane.Core.Tests;
using Npgsql;

namespace ControlPlane.Bench.Http;

/// <summary>
/// Measures placements that are durable when they are answered, over HTTP from a real server with its own PostgreSQL,
/// beside a transaction for each decision on the same PostgreSQL in the same run.
/// </summary>
internal static class HttpTable
{
    private const int Connections = 128;
    private const int RowConnections = 64;
    private const int PerBatch = 1_000;
    private const int Slices = 3;

    public static BenchTable Make(BenchOptions options) => MakeAsync(options).GetAwaiter().GetResult();

    private static async Task<BenchTable> MakeAsync(BenchOptions options)
    {
        var table = new BenchTable("service", "Durable placements over HTTP, on the shipped regions",
        [
            "what", "placements/s", "min to max", "p50 ms", "p99 ms", "CPU us each: server", "PostgreSQL", "client",
            "tables after", "answers",
        ]);
        using var place = new ServerPlace("service");
        await MeasureAsync(options, table, place.Directory);
        return table;
    }

    private static async Task MeasureAsync(BenchOptions options, BenchTable table, string directory)
    {
        await using var server = await ServerUnderLoad.StartAsync(directory, Checkout.Root);
        var seconds = options.Seconds ?? (options.Quick ? 1 : 5);
        var bench = new HttpBench(server, table) { Slice = TimeSpan.FromSeconds(seconds) };
        var rows = new RowPerDecision(server.ConnectionString, pools: 77);

        // Code is compiled again while it runs; what is measured is what a server does that has run for a while.
        await bench.WarmUpAsync(Single("warm"), TimeSpan.FromSeconds(options.Quick ? 1 : 20));
        await bench.WarmUpAsync(Batch("warm"), TimeSpan.FromSeconds(options.Quick ? 1 : 10));
        await bench.FillAsync(number => LoadBodies.Whole("fill", number));
        for (var slice = 0; slice < (options.Quick ? 1 : Slices); slice++)
        {
            var name = slice.ToString(CultureInfo.InvariantCulture);
            await bench.ClosedAsync($"single, {Connections} connections", Connections, Single($"s{name}"));
            await bench.RowsAsync($"a transaction each, {RowConnections} connections", RowConnections, rows);
            await bench.ClosedAsync($"bulk, {PerBatch} a call, 1 connection", 1, Batch($"b{name}"));
            await bench.ClosedAsync($"bulk, {PerBatch} a call, 4 connections", 4, Batch($"c{name}"));
            await bench.ClosedAsync($"the same bulk call again (same keys), {PerBatch} a call", 1, Again);
            await bench.ClosedAsync($"hostile: all refused, {PerBatch} a call", 1, Refused($"r{name}"));
            await bench.ClosedAsync($"hostile: refused again (same keys), {PerBatch} a call", 1, RefusedAgain);
        }

        bench.Finish();
        var half = bench.PerSecond($"single, {Connections} connections") / 2;
        await bench.OpenAsync($"single, due at {half:f0}/s", (Connections, half), Single("open"));
        await bench.CheckAsync();
        table.Notes.Add(await SettingsAsync(server.ConnectionString));
        table.Notes.Add(string.Create(CultureInfo.InvariantCulture,
            $"load average {Machine.Load():f1} on {Environment.ProcessorCount} cores, which client, server and "
                + $"PostgreSQL share"));
    }

    private static LoadRequests Single(string name) => new(1, number => LoadBodies.Single(name, number));

    private static LoadRequests Batch(string name) => new(PerBatch, number => LoadBodies.Batch(name, number, PerBatch));

    private static LoadRequests Again { get; } = new(PerBatch, Repeat(LoadBodies.Batch("again", 0, PerBatch)))
    {
        Repeats = true,
    };

    private static LoadRequests Refused(string name) =>
        new(PerBatch, number => LoadBodies.Refused(name, number, PerBatch)) { AllRefused = true };

    private static LoadRequests RefusedAgain { get; } =
        new(PerBatch, Repeat(LoadBodies.Refused("refused", 0, PerBatch))) { Repeats = true, AllRefused = true };

    private static Func<long, byte[]> Repeat(byte[] request) => _ => request;

    private static async Task<string> SettingsAsync(string connectionString)
    {
        await using var source = NpgsqlDataSource.Create(connectionString);
        await using var settings = source.CreateCommand("""
            select 'PostgreSQL ' || current_setting('server_version') || ': ' || string_agg(name || ' ' || setting, ', ' order by name)
            from pg_settings where name in ('fsync', 'synchronous_commit', 'full_page_writes')
            """);
        return (string)(await settings.ExecuteScalarAsync() ?? "");
    }
}

/// <summary>Requests of one kind: how many placements each asks for, and its bytes by number.</summary>
internal sealed record LoadRequests(int Placements, Func<long, byte[]> Bytes)
{
    /// <summary>Whether every request after the first only asks for the first answer again.</summary>
    public bool Repeats { get; init; }

    /// <summary>Whether there is no room for any of them; else there has to be room for all.</summary>
    public bool AllRefused { get; init; }
}
