using System.ComponentModel;
using ControlPlane.Server.Hosting;
using Npgsql;
using static ControlPlane.Server.Hosting.LogLines;

namespace ControlPlane.Server.Database;

/// <summary>
/// Keeps a PostgreSQL of the server's own running: started with it, restarted when it dies, stopped with it.
/// </summary>
internal sealed class PrivatePostgres : IAsyncDisposable
{
    private const string DatabaseName = "control_plane";
    private static readonly TimeSpan LongestRestartPause = TimeSpan.FromSeconds(10);

    private readonly PostgresPlace place;
    private readonly Func<CancellationToken, Task<PostgresProcess>> start;
    private readonly ILogger log;
    private readonly CancellationTokenSource ending = new();
    private readonly Task watching;

    private PrivatePostgres(
        PostgresPlace place, Func<CancellationToken, Task<PostgresProcess>> start, PostgresProcess running, ILogger log)
    {
        this.place = place;
        this.start = start;
        this.log = log;
        watching = WatchAsync(running);
    }

    public string ConnectionString => place.ConnectionStringOf(DatabaseName);

    public static async Task<PrivatePostgres> StartAsync(
        DataDirectory directory, ILoggerFactory loggers, CancellationToken cancellation)
    {
        var log = loggers.CreateLogger<PrivatePostgres>();
        var account = PostgresAccount.Current();
        var place = await PostgresPlace.PrepareAsync(directory, account, cancellation);
        var npm = new NpmPostgres(NpmPostgres.DefaultCacheDirectory(), log);
        var binaries = await PostgresBinaries.FindAsync(account, place.DataMajor, npm, cancellation);
        var cluster = new PostgresCluster(place, binaries, account, log);

        async Task<PostgresProcess> Start(CancellationToken token)
        {
            var process = await cluster.StartAsync(token);
            LogStarted(log, binaries.Major, process.Id, place.SocketDirectory);
            return process;
        }

        var running = await Start(cancellation);
        try
        {
            await CreateDatabaseAsync(place, cancellation);
        }
        catch
        {
            await running.DisposeAsync();
            throw;
        }
        return new PrivatePostgres(place, Start, running, log);
    }

    public async ValueTask DisposeAsync()
    {
        await ending.CancelAsync();
        await watching;
        ending.Dispose();
        PostgresPlace.RemoveOutsideSocketDirectory(place.Root);
        LogStopped(log);
    }

    /// <summary>Starts PostgreSQL again whenever it ends by itself, and stops it when this is disposed.</summary>
    private async Task WatchAsync(PostgresProcess running)
    {
        while (true)
        {
            await Task.WhenAny(running.Ended, Task.Delay(Timeout.Infinite, ending.Token));
            await running.DisposeAsync();
            if (ending.IsCancellationRequested) return;
            LogGone(log, running.Id);
            if (await RestartAsync() is not { } restarted) return;
            running = restarted;
        }
    }

    /// <summary>Null when the server ended before it succeeded.</summary>
    private async Task<PostgresProcess?> RestartAsync()
    {
        var pause = TimeSpan.FromMilliseconds(200);
        while (true)
        {
            try
            {
                return await start(ending.Token);
            }
            catch (OperationCanceledException)
            {
                return null;
            }
            catch (Exception failure) when (
                failure is StartRefusedException or IOException or UnauthorizedAccessException or Win32Exception)
            {
                // A full disk, say: it stays down, and every answer says so, until somebody makes room.
                LogRestartFailed(log, failure.Message);
            }
            await Task.WhenAny(Task.Delay(pause, ending.Token));
            pause = pause * 2 < LongestRestartPause ? pause * 2 : LongestRestartPause;
        }
    }

    private static async Task CreateDatabaseAsync(PostgresPlace place, CancellationToken cancellation)
    {
        await using var connection = new NpgsqlConnection(place.ConnectionStringOf("postgres"));
        await connection.OpenAsync(cancellation);
        await using var asked = new NpgsqlCommand("select 1 from pg_database where datname = $1", connection)
        {
            Parameters = { new() { Value = DatabaseName } },
        };
        if (await asked.ExecuteScalarAsync(cancellation) is not null) return;
        await using var create = new NpgsqlCommand($"create database {DatabaseName}", connection);
        await create.ExecuteNonQueryAsync(cancellation);
    }
}
