using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using ControlPlane.Core.Tests;
using Npgsql;

namespace ControlPlane.Bench.Http;

/// <summary>
/// Keeps a load going over kills and restarts, and remembers what was asked for and what was answered.
/// </summary>
internal sealed class KillRun : IAsyncDisposable
{
    /// <summary>Placements acknowledged in a round before the kill may fall; a round with fewer says nothing.</summary>
    private const int LeastAcknowledged = 100;

    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    private readonly ServerPlace place;
    private readonly List<Asker> askers = [];
    private readonly HashSet<string> acknowledged = new(StringComparer.Ordinal);
    private readonly HashSet<string> there = new(StringComparer.Ordinal);
    private readonly List<KillRound> rounds = [];
    private ServerUnderLoad server;
    private long seenUpTo;
    private long killedAt;
    private int answeredSince;
    private int acknowledgedNow;

    private KillRun(ServerPlace place, ServerUnderLoad server) => (this.place, this.server) = (place, server);

    public IReadOnlyList<KillRound> Rounds => rounds;

    public static async Task<KillRun> StartAsync(ServerPlace place, int singles, (int Count, int PerBatch) bulks)
    {
        var run = new KillRun(place, await StartServerAsync(place));
        for (var at = 0; at < singles + bulks.Count; at++)
            run.askers.Add(new Asker(at, at < singles ? 1 : bulks.PerBatch, singles + bulks.Count));
        return run;
    }

    /// <summary>Lets the load run, kills, starts what does not start itself, and judges.</summary>
    public async Task RoundAsync(Victim victim, int milliseconds)
    {
        Volatile.Write(ref acknowledgedNow, 0);
        using var stop = new CancellationTokenSource();
        var load = askers.ConvertAll(asker => Task.Run(() => AskAsync(asker, stop.Token)));
        await UntilAsync(() => Volatile.Read(ref acknowledgedNow) >= LeastAcknowledged);
        await Task.Delay(milliseconds);
        var killed = Stopwatch.StartNew();
        if (victim != Victim.Server) server.KillPostgres();
        Volatile.Write(ref killedAt, Stopwatch.GetTimestamp());
        Volatile.Write(ref answeredSince, 0);
        if (victim != Victim.Postgres)
        {
            await server.KillAsync();
            server = await StartServerAsync(place);
        }

        await UntilAsync(() => Volatile.Read(ref answeredSince) > 0);
        var readyAgain = killed.Elapsed;
        await stop.CancelAsync();
        // Each ends when its last request is answered, however often it has to be sent.
        await Task.WhenAll(load);
        var (lost, doubled) = await JudgeAsync();
        rounds.Add(new KillRound(victim, acknowledgedNow, lost, doubled, readyAgain));
    }

    /// <summary>That its database is out of reach now and then is what is wanted here, and nothing to tell.</summary>
    private static Task<ServerUnderLoad> StartServerAsync(ServerPlace place) =>
        ServerUnderLoad.StartAsync(place.Directory, Checkout.Root, saysErrors: false);

    public ValueTask DisposeAsync() => server.DisposeAsync();

    private async Task AskAsync(Asker asker, CancellationToken stop)
    {
        LoadConnection? connection = null;
        var deadline = Stopwatch.StartNew();
        while (!stop.IsCancellationRequested)
        {
            var request = asker.Next();
            deadline.Restart();
            while (true)
            {
                if (deadline.Elapsed > Longest) throw new TimeoutException($"{asker.Last} was not answered");
                try
                {
                    connection ??= await LoadConnection.OpenAsync(server.Url);
                    var sent = Stopwatch.GetTimestamp();
                    if (await connection.SendAsync(request) is 200 or 201)
                    {
                        if (sent > Volatile.Read(ref killedAt)) Interlocked.Increment(ref answeredSince);
                        break;
                    }
                }
                catch (Exception gone) when (gone is IOException or SocketException or FormatException)
                {
                    connection?.Dispose();
                    connection = null;
                }

                await Task.Delay(Pause, CancellationToken.None);
            }

            lock (acknowledged) acknowledged.UnionWith(asker.Asked());
            Interlocked.Add(ref acknowledgedNow, asker.PerRequest);
        }

        connection?.Dispose();
    }

    /// <summary>What was acknowledged and is not there; what is there twice, or was never asked for.</summary>
    private async Task<(int Lost, int Doubled)> JudgeAsync()
    {
        await using var source = NpgsqlDataSource.Create(server.ConnectionString);
        while (await BehindAsync(source) is not 0) await Task.Delay(Pause);
        await using var rows = source.CreateCommand("select workload, position from decision where position > $1");
        rows.Parameters.AddWithValue(seenUpTo);
        await using var reader = await rows.ExecuteReaderAsync();
        var twice = 0;
        while (await reader.ReadAsync())
        {
            if (!there.Add(reader.GetString(0))) twice++;
            seenUpTo = Math.Max(seenUpTo, reader.GetInt64(1));
        }

        var lost = acknowledged.Count(workload => !there.Contains(workload));
        return (lost, twice + there.Count(workload => !acknowledged.Contains(workload)));
    }

    /// <summary>Records that the tables lack; null while the database is not there again.</summary>
    private static async Task<long?> BehindAsync(NpgsqlDataSource source)
    {
        try
        {
            await using var heads = source.CreateCommand(
                "select ledger.position - tables.position from ledger_head ledger, projection_head tables");
            return (long)(await heads.ExecuteScalarAsync() ?? 0L);
        }
        catch (NpgsqlException)
        {
            return null;
        }
    }

    private static async Task UntilAsync(Func<bool> condition)
    {
        var waited = Stopwatch.StartNew();
        while (!condition())
        {
            if (waited.Elapsed > Longest) throw new TimeoutException("the load did not go on within two minutes");
            await Task.Delay(TimeSpan.FromMilliseconds(5));
        }
    }

    /// <summary>One connection's requests, each for workloads that no other asks for.</summary>
    private sealed class Asker(int number, int perRequest, int askers)
    {
        private long next = -1;

        public int PerRequest => perRequest;

        public long Last => next;

        /// <summary>Numbers go up by the number of askers, so that none is used twice.</summary>
        public byte[] Next()
        {
            next++;
            var of = (next * askers) + number;
            return perRequest == 1
                ? LoadBodies.Single($"kill-{number}", of)
                : LoadBodies.Batch($"kill-{number}", of + (1L << 32), perRequest);
        }

        /// <summary>Workloads of the last request.</summary>
        public IEnumerable<string> Asked()
        {
            var of = (next * askers) + number;
            var first = perRequest == 1 ? of : (of + (1L << 32)) * perRequest;
            return Enumerable.Range(0, perRequest)
                .Select(at => string.Create(CultureInfo.InvariantCulture, $"w{first + at}"));
        }
    }
}
