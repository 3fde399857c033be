using ControlPlane.Server.Database;
using Dapper;
using Npgsql;

namespace ControlPlane.Server.Tests.Database;

/// <summary>What becomes of a transaction before its COMMIT is sent, and with it.</summary>
public sealed class CommitTests : IAsyncLifetime
{
    private TestDatabase database = null!; // set before each test by InitializeAsync

    public async Task InitializeAsync()
    {
        database = await TestDatabase.CreateAsync();
        await database.ExecuteAsync("create table note (x int primary key)");
    }

    public Task DisposeAsync() => database.DisposeAsync();

    private Task<long> CountAsync() => database.AskAsync<long>("select count(*) from note");

    private Task<CommitAnswer> CommitAsync(Func<NpgsqlConnection, Task<bool>> write) =>
        database.Database.CommitAsync(async (connection, _, _) => await write(connection), CancellationToken.None);

    private static async Task<bool> InsertAsync(NpgsqlConnection connection, int x) =>
        await connection.ExecuteAsync("insert into note values (@x)", new { x }) == 1;

    [Fact]
    public async Task What_was_written_is_committed()
    {
        var answer = await CommitAsync(connection => InsertAsync(connection, 1));

        Assert.Equal(new Committed(), answer);
        Assert.Equal(1, await CountAsync());
    }

    [Fact]
    public async Task A_compare_and_swap_that_did_not_take_is_a_lost_race_and_leaves_nothing()
    {
        var answer = await CommitAsync(async connection =>
        {
            await InsertAsync(connection, 1);
            return await connection.ExecuteAsync("update ledger_head set position = 9 where position = 8") == 1;
        });

        Assert.Equal(new LostRace(), answer);
        Assert.Equal(0, await CountAsync());
    }

    [Fact]
    public async Task A_position_that_another_writer_took_is_a_lost_race()
    {
        const string Batch = "insert into ledger_batch values (1, 1, now(), decode(repeat('00', 32), 'hex'), '')";
        await database.ExecuteAsync(Batch);

        var answer = await CommitAsync(async connection => await connection.ExecuteAsync(Batch) == 1);

        Assert.Equal(new LostRace(), answer);
    }

    [Fact]
    public async Task A_deadlock_is_a_lost_race()
    {
        await database.ExecuteAsync("insert into note values (1), (2)");
        var bothHaveOne = new TaskCompletionSource();
        var have = 0;

        async Task<bool> CrossAsync(NpgsqlConnection connection, int first, int second)
        {
            await connection.ExecuteAsync("update note set x = x where x = @first", new { first });
            if (Interlocked.Increment(ref have) == 2) bothHaveOne.SetResult();
            await bothHaveOne.Task;
            return await connection.ExecuteAsync("update note set x = x where x = @second", new { second }) == 1;
        }

        var answers = await Task.WhenAll(
            CommitAsync(connection => CrossAsync(connection, 1, 2)),
            CommitAsync(connection => CrossAsync(connection, 2, 1)));

        Assert.Single(answers, answer => answer is Committed);
        Assert.Single(answers, answer => answer is LostRace);
    }

    [Fact]
    public async Task Any_other_violation_is_a_bug_and_thrown_on()
    {
        await CommitAsync(connection => InsertAsync(connection, 1));

        var bug = await Assert.ThrowsAsync<PostgresException>(
            () => CommitAsync(connection => InsertAsync(connection, 1)));

        Assert.Equal("note_pkey", bug.ConstraintName);
    }

    [Fact]
    public async Task A_connection_that_ends_before_the_commit_is_a_refusal_and_leaves_nothing()
    {
        var answer = await CommitAsync(async connection =>
        {
            await InsertAsync(connection, 1);
            await database.ExecuteAsync($"select pg_terminate_backend({connection.ProcessID}, 5000)");
            return await InsertAsync(connection, 2);
        });

        Assert.Equal(CommitRefusal.Unavailable, Assert.IsType<CommitRefused>(answer).Reason);
        Assert.Equal(0, await CountAsync());
    }

    [Fact]
    public async Task A_connection_that_ends_with_the_commit_leaves_the_outcome_unknown()
    {
        var answer = await CommitAsync(async connection =>
        {
            await InsertAsync(connection, 1);
            await database.ExecuteAsync($"select pg_terminate_backend({connection.ProcessID}, 5000)");
            return true;
        });

        Assert.IsType<OutcomeUnknown>(answer);
    }

    [Fact]
    public async Task A_caller_that_cancels_before_the_commit_leaves_nothing()
    {
        using var cancelled = new CancellationTokenSource();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => database.Database.CommitAsync(
            async (connection, _, cancellation) =>
            {
                await InsertAsync(connection, 1);
                await cancelled.CancelAsync();
                await connection.ExecuteAsync(new CommandDefinition("select 1", cancellationToken: cancellation));
                return true;
            },
            cancelled.Token));

        Assert.Equal(0, await CountAsync());
    }

    [Fact]
    public async Task A_failure_that_the_writer_swallowed_is_never_taken_for_a_commit()
    {
        await Assert.ThrowsAsync<InvalidOperationException>(() => CommitAsync(async connection =>
        {
            await InsertAsync(connection, 1);
            await Assert.ThrowsAsync<PostgresException>(() => InsertAsync(connection, 1));
            return true;
        }));

        Assert.Equal(0, await CountAsync());
    }
}
