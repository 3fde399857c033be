using System.Diagnostics;
using System.Globalization;
using Npgsql;

namespace ControlPlane.Server.Database;

/// <summary>
/// Is one running PostgreSQL and its guard. The guard waits on a pipe from this process; when this process is killed
/// the pipe ends, and the guard stops PostgreSQL in its stead.
/// </summary>
internal sealed class PostgresProcess : IAsyncDisposable
{
    // Recovery after a crash replays at most the write-ahead log between two checkpoints.
    private static readonly TimeSpan ReadyLimit = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(30);

    // A terminal signals every process in its group; neither PostgreSQL (own session) nor the guard may heed that.
    private const string StartScript = "log=$1; shift; export LC_ALL=C; exec setsid \"$@\" >\"$log\" 2>&1 </dev/null";
    private const string GuardScript = "trap '' INT TERM HUP; read -r word || kill -INT \"$1\"";

    private readonly PostgresPlace place;
    private readonly PostgresBinaries binaries;
    private readonly PostgresAccount account;
    private readonly Process postgres;
    private readonly Process guard;

    private PostgresProcess(PostgresPlace place, PostgresBinaries binaries, PostgresAccount account)
    {
        this.place = place;
        this.binaries = binaries;
        this.account = account;
        postgres = account
            .Run("sh", "-c", StartScript, "sh", place.StartLog, binaries.Postgres, "-D", place.Data)
            .StartTied();
        Id = postgres.Id;
        guard = account.Run("sh", "-c", GuardScript, "sh", Id.ToString(CultureInfo.InvariantCulture))
            .StartTied();
    }

    public int Id { get; }

    public Task Ended => postgres.WaitForExitAsync();

    /// <summary>Starts PostgreSQL and returns when it takes connections; null when it ended instead.</summary>
    public static async Task<PostgresProcess?> StartAsync(
        PostgresPlace place, PostgresBinaries binaries, PostgresAccount account, CancellationToken cancellation)
    {
        // One that an earlier server left may still be writing to the file of its own start.
        File.Delete(place.StartLog);
        var process = new PostgresProcess(place, binaries, account);
        try
        {
            if (await process.IsReadyAsync(cancellation)) return process;
        }
        catch
        {
            await process.DisposeAsync();
            throw;
        }
        await process.DisposeAsync();
        return null;
    }

    /// <summary>Stops PostgreSQL, within bounds: first in order, then at once, then by force.</summary>
    public async ValueTask DisposeAsync()
    {
        if (postgres.HasExited) await guard.StandardInput.WriteLineAsync("leave");
        guard.StandardInput.Close();
        await guard.WaitForExitAsync();
        if (!await EndsWithinAsync(StopLimit))
        {
            await account.Run(binaries.PgCtl, "stop", "--pgdata", place.Data, "--mode=immediate", "--no-wait")
                .RunAsync(StopLimit, CancellationToken.None);
            if (!await EndsWithinAsync(StopLimit))
            {
                postgres.Kill();
                await postgres.WaitForExitAsync();
            }
        }
        guard.Dispose();
        postgres.Dispose();
    }

    private async Task<bool> EndsWithinAsync(TimeSpan limit)
    {
        using var deadline = new CancellationTokenSource(limit);
        try
        {
            await postgres.WaitForExitAsync(deadline.Token);
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    /// <summary>True once connections are taken, false when PostgreSQL ended instead.</summary>
    private async Task<bool> IsReadyAsync(CancellationToken cancellation)
    {
        var since = Stopwatch.StartNew();
        while (!postgres.HasExited)
        {
            try
            {
                await using var connection = new NpgsqlConnection(place.ConnectionStringOf("postgres"));
                await connection.OpenAsync(cancellation);
                return true;
            }
            catch (NpgsqlException) when (since.Elapsed < ReadyLimit)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(50), cancellation);
            }
        }
        return false;
    }
}
