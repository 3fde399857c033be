using System.Diagnostics;
using System.Globalization;
using Npgsql;

namespace ControlPlane.Bench.Http;

/// <summary>Takes slices of several loads in turn and adds a row for each load.</summary>
internal sealed class HttpBench(ServerUnderLoad server, BenchTable table)
{
    private readonly Dictionary<string, List<Measured>> slices = new(StringComparer.Ordinal);
    private long acknowledged;
    private long unanswered;
    private (RowPerDecision Rows, long Count)? rows;
    private readonly HashSet<LoadRequests> repeated = new(ReferenceEqualityComparer.Instance);
    private long mostBehind;

    public required TimeSpan Slice { get; init; }

    public async Task WarmUpAsync(LoadRequests requests, TimeSpan duration)
    {
        Count(
            await HttpLoad.ClosedAsync(server.Url, requests.Placements == 1 ? 64 : 1, duration, requests.Bytes),
            requests);
        await FollowAsync();
    }

    /// <summary>Asks for the same kind of thing until it is refused.</summary>
    public async Task FillAsync(Func<long, byte[]> request)
    {
        using var connection = await LoadConnection.OpenAsync(server.Url);
        for (long number = 0; ; number++)
        {
            var status = await connection.SendAsync(request(number));
            if (status is not (200 or 201)) throw new InvalidOperationException($"filling was answered {status}");
            acknowledged++;
            if (status == 200) return;
        }
    }

    public Task ClosedAsync(string what, int connections, LoadRequests requests) =>
        MeasureAsync(what, requests.Placements, async () =>
    {
        var result = await HttpLoad.ClosedAsync(server.Url, connections, Slice, requests.Bytes);
        Count(result, requests);
        return result;
    });

    public async Task OpenAsync(string what, (int Connections, double PerSecond) pace, LoadRequests requests)
    {
        await MeasureAsync(what, requests.Placements, async () =>
        {
            var result = await HttpLoad.OpenAsync(
                server.Url, pace.Connections, (Slice, pace.PerSecond), requests.Bytes);
            Count(result, requests);
            return result;
        });
        AddRow(what, slices[what]);
    }

    public Task RowsAsync(string what, int connections, RowPerDecision work) => MeasureAsync(what, 1, async () =>
    {
        var result = await work.RunAsync(connections, Slice);
        rows = (work, result.Latencies.Length);
        return result;
    });

    /// <summary>Adds the rows, and how the loads compare.</summary>
    public void Finish()
    {
        foreach (var (what, measured) in slices) AddRow(what, measured);
        var plain = slices.Single(pair => pair.Key.StartsWith("a transaction each", StringComparison.Ordinal)).Key;
        foreach (var what in slices.Keys
            .Where(name => name != plain && !name.Contains("again", StringComparison.Ordinal)))
        {
            table.Notes.Add(string.Create(CultureInfo.InvariantCulture,
                $"{what}: {PerSecond(what) / PerSecond(plain):f2} times a transaction each, which does no HTTP and "
                    + $"decides nothing"));
        }
    }

    /// <summary>Median over the slices.</summary>
    public double PerSecond(string what) => Median(slices[what].ConvertAll(measured => measured.PerSecond));

    /// <summary>Every placement that was acknowledged is there, and no other.</summary>
    public async Task CheckAsync()
    {
        await using var source = NpgsqlDataSource.Create(server.ConnectionString);
        await TablesAsync(source);
        await using var count = source.CreateCommand("select count(*) from decision");
        var there = (long)(await count.ExecuteScalarAsync() ?? 0L);
        // What was answered 503 may have been decided all the same, as the answer says.
        if (there < acknowledged || there > acknowledged + unanswered)
            table.Wrong.Add($"{acknowledged} decisions were acknowledged, {there} are there");
        if (rows is { } plain && await plain.Rows.CountAsync() is var counted && counted != plain.Count)
            table.Wrong.Add($"{plain.Count} transactions were acknowledged, {counted} rows are there");
        table.Notes.Add($"the tables were at most {mostBehind} records behind the ledger; '"
            + $"tables after' is the time of server and PostgreSQL until they had what a load left behind, each");
    }

    private async Task TablesAsync(NpgsqlDataSource source)
    {
        while (true)
        {
            await using var heads = source.CreateCommand(
                "select ledger.position - tables.position from ledger_head ledger, projection_head tables");
            var lacking = (long)(await heads.ExecuteScalarAsync() ?? 0L);
            mostBehind = Math.Max(mostBehind, lacking);
            if (lacking == 0) return;
            await Task.Delay(TimeSpan.FromMilliseconds(100));
        }
    }

    private void Count(LoadResult result, LoadRequests requests)
    {
        long expectedRefusals = 0;
        foreach (var (status, answers) in result.Statuses)
        {
            if (status is not (200 or 201)) unanswered += answers * requests.Placements;
            else if (!requests.Repeats) acknowledged += answers * requests.Placements;
            else if (answers > 0 && repeated.Add(requests)) acknowledged += requests.Placements;
            if (status is not (200 or 201) || !requests.AllRefused) continue;
            expectedRefusals += answers * requests.Placements;
        }

        if (result.Refused != expectedRefusals)
            table.Wrong.Add($"{result.Refused} placements were refused, {expectedRefusals} had to be");
    }

    private async Task MeasureAsync(string what, int placements, Func<Task<LoadResult>> load)
    {
        var (before, client) = (server.ProcessorTime(), Process.GetCurrentProcess().TotalProcessorTime);
        var result = await load();
        var (after, clientAfter) = (server.ProcessorTime(), Process.GetCurrentProcess().TotalProcessorTime);
        var tables = await FollowAsync();
        if (!slices.TryGetValue(what, out var measured)) slices.Add(what, measured = []);
        var count = Math.Max(1, result.Latencies.Length * placements);
        measured.Add(new Measured(
            result.PerSecond * placements, result,
            (after.Server - before.Server) / count, (after.Postgres - before.Postgres) / count,
            (clientAfter - client) / count, tables / count));
    }

    /// <summary>Waits until the tables have what the ledger has, so that no load pays for the one before it.</summary>
    /// <returns>Processor time of server and PostgreSQL until then.</returns>
    private async Task<TimeSpan> FollowAsync()
    {
        var before = server.ProcessorTime();
        await using var source = NpgsqlDataSource.Create(server.ConnectionString);
        await TablesAsync(source);
        var after = server.ProcessorTime();
        return after.Server - before.Server + (after.Postgres - before.Postgres);
    }

    private void AddRow(string what, List<Measured> all) => table.Add(
        what,
        Whole(Median(all.ConvertAll(one => one.PerSecond))),
        $"{Whole(all.Min(one => one.PerSecond))} to {Whole(all.Max(one => one.PerSecond))}",
        Tenths(Median(all.ConvertAll(one => one.Result.Milliseconds(0.5)))),
        Tenths(Median(all.ConvertAll(one => one.Result.Milliseconds(0.99)))),
        Tenths(Median(all.ConvertAll(one => one.Server.TotalMicroseconds))),
        Tenths(Median(all.ConvertAll(one => one.Postgres.TotalMicroseconds))),
        Tenths(Median(all.ConvertAll(one => one.Client.TotalMicroseconds))),
        Tenths(Median(all.ConvertAll(one => one.Tables.TotalMicroseconds))),
        string.Join(' ', all.SelectMany(one => one.Result.Statuses).GroupBy(pair => pair.Key)
            .Select(group => $"{group.Key}:{group.Sum(pair => pair.Value)}")));

    private static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);

    private static string Whole(double value) => value.ToString("f0", CultureInfo.InvariantCulture);

    private static string Tenths(double value) => value.ToString("f1", CultureInfo.InvariantCulture);

    private sealed record Measured(
        double PerSecond, LoadResult Result, TimeSpan Server, TimeSpan Postgres, TimeSpan Client, TimeSpan Tables);
}
