using ControlPlane.Server.Database;
using ControlPlane.Server.Hosting;
using Dapper;
using Microsoft.Extensions.Logging.Abstractions;

namespace ControlPlane.Server.Tests.Database;

/// <summary>
/// COMMIT while PostgreSQL waits for a synchronous standby that does not answer: the moment in which impatience turns
/// "not replicated" into "committed". It needs a PostgreSQL of its own, since the setting is of the whole of it.
/// </summary>
public sealed class CommitStandbyTests : IAsyncLifetime, IDisposable
{
    private readonly TestDirectory directory = new();
    private DataDirectory held = null!; // set before each test by InitializeAsync, as the next two
    private PrivatePostgres postgres = null!;
    private PostgresDatabase database = null!;

    public async Task InitializeAsync()
    {
        held = DataDirectory.Take(directory.Path);
        postgres = await PrivatePostgres.StartAsync(held, NullLoggerFactory.Instance, CancellationToken.None);
        database = new PostgresDatabase(postgres.ConnectionString, NullLoggerFactory.Instance);
        await ExecuteAsync("create table note (x int primary key)");
        await ExecuteAsync("alter system set synchronous_standby_names = 'absent'");
        await ExecuteAsync("select pg_reload_conf()");
        await UntilAsync("select current_setting('synchronous_standby_names') = 'absent'");
    }

    public async Task DisposeAsync()
    {
        await database.DisposeAsync();
        await postgres.DisposeAsync();
    }

    public void Dispose()
    {
        held.Dispose();
        directory.Dispose();
    }

    private async Task ExecuteAsync(string sql)
    {
        await using var connection = await database.OpenReadAsync(CancellationToken.None);
        await connection.ExecuteAsync(sql);
    }

    private async Task<T> AskAsync<T>(string sql)
    {
        await using var connection = await database.OpenReadAsync(CancellationToken.None);
        return (await connection.ExecuteScalarAsync<T>(sql))!; // asked for what is never null
    }

    private async Task UntilAsync(string question)
    {
        var deadline = DateTime.UtcNow.AddSeconds(20);
        while (!await AskAsync<bool>(question))
        {
            Assert.True(DateTime.UtcNow < deadline, $"not so within 20 s: {question}");
            await Task.Delay(20);
        }
    }

    /// <summary>A commit that hangs at the standby.</summary>
    private async Task<Task<CommitAnswer>> StartCommitAsync()
    {
        var commit = database.CommitAsync(
            async (connection, _, _) => await connection.ExecuteAsync("insert into note values (1)") == 1,
            CancellationToken.None);
        await UntilAsync("select exists (select 1 from pg_stat_activity where wait_event = 'SyncRep')");
        return commit;
    }

    private Task SignalWaitingAsync(string function) => ExecuteAsync(
        $"select {function}(pid) from pg_stat_activity where wait_event = 'SyncRep'");

    [Fact]
    public async Task A_commit_waits_for_the_standby_however_long_the_caller_waits()
    {
        var commit = await StartCommitAsync();

        await Assert.ThrowsAsync<TimeoutException>(() => commit.WaitAsync(TimeSpan.FromSeconds(1)));
        var seenWhileWaiting = await AskAsync<long>("select count(*) from note");
        await ExecuteAsync("alter system reset synchronous_standby_names");
        await ExecuteAsync("select pg_reload_conf()");

        Assert.Equal(0, seenWhileWaiting);
        Assert.Equal(new Committed(), await commit.WaitAsync(TimeSpan.FromSeconds(20)));
    }

    [Fact]
    public async Task A_commit_whose_wait_somebody_cancels_is_unknown_although_it_is_reported_as_success()
    {
        var commit = await StartCommitAsync();

        await SignalWaitingAsync("pg_cancel_backend");

        var unknown = Assert.IsType<OutcomeUnknown>(await commit.WaitAsync(TimeSpan.FromSeconds(20)));
        Assert.StartsWith("01000 canceling wait for synchronous replication", unknown.Why, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_commit_whose_connection_is_ended_is_unknown()
    {
        var commit = await StartCommitAsync();

        await SignalWaitingAsync("pg_terminate_backend");

        Assert.IsType<OutcomeUnknown>(await commit.WaitAsync(TimeSpan.FromSeconds(20)));
    }

    [Fact]
    public async Task A_commit_during_which_PostgreSQL_dies_is_unknown()
    {
        var commit = await StartCommitAsync();
        var processFile = Path.Combine(directory.Path, "postgres", "data", "postmaster.pid");

        Signal.Kill(int.Parse(File.ReadLines(processFile).First(), System.Globalization.CultureInfo.InvariantCulture));

        Assert.IsType<OutcomeUnknown>(await commit.WaitAsync(TimeSpan.FromSeconds(20)));
    }
}
