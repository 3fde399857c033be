using Npgsql;
using static ControlPlane.Server.Hosting.LogLines;

namespace ControlPlane.Server.Database;

/// <summary>
/// Is the way to the database: one pool to write through, whose commits nothing cuts short, and one to read through.
/// </summary>
internal sealed class PostgresDatabase : IAsyncDisposable
{
    private const int WriteConnections = 8;
    private const int ReadConnections = 24;
    private const int MostPrepared = 64;
    private const int ReadTimeoutSeconds = 30;
    private const int ConnectTimeoutSeconds = 5;

    // A server that is stopped within a transaction would keep the head of the ledger from every other.
    private const string NoIdleTransactions = "-c idle_in_transaction_session_timeout=10s";
    private const string IdleInTransaction = "25P03";

    // Reached by a second transaction only when another writer got there first.
    private static readonly HashSet<string> RaceConstraints =
        new(["ledger_head_pkey", "ledger_batch_pkey"], StringComparer.Ordinal);

    private readonly NpgsqlDataSource writes;
    private readonly NpgsqlDataSource reads;
    private readonly ILogger log;
    private readonly string connectionString;

    public PostgresDatabase(string connectionString, ILoggerFactory loggers)
    {
        this.connectionString = connectionString;
        log = loggers.CreateLogger<PostgresDatabase>();
        // No timeout and no cancellation may reach a COMMIT: both make PostgreSQL give up waiting for its standby and
        // call it success. A connection whose other end is gone is found by TCP instead.
        writes = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(connectionString)
        {
            ApplicationName = "control-plane write",
            Pooling = true,
            MaxPoolSize = WriteConnections,
            MaxAutoPrepare = MostPrepared,
            CommandTimeout = 0,
            CancellationTimeout = -1,
            Options = NoIdleTransactions,
            Timeout = ConnectTimeoutSeconds,
            TcpKeepAlive = true,
            Enlist = false,
        });
        reads = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(connectionString)
        {
            ApplicationName = "control-plane read",
            Pooling = true,
            MaxPoolSize = ReadConnections,
            MaxAutoPrepare = MostPrepared,
            CommandTimeout = ReadTimeoutSeconds,
            Timeout = ConnectTimeoutSeconds,
            TcpKeepAlive = true,
            Enlist = false,
        });
    }

    /// <summary>For queries; changes go through CommitAsync.</summary>
    public ValueTask<NpgsqlConnection> OpenReadAsync(CancellationToken cancellation) =>
        reads.OpenConnectionAsync(cancellation);

    /// <summary>For work that is no transaction of the ledger, such as migrating.</summary>
    public ValueTask<NpgsqlConnection> OpenWriteAsync(CancellationToken cancellation) =>
        writes.OpenConnectionAsync(cancellation);

    /// <summary>
    /// A connection of no pool, on which nothing was prepared: a statement prepared earlier would go on meaning the
    /// tables of then when a temporary one takes the name.
    /// </summary>
    public async Task<NpgsqlConnection> OpenAsideAsync(CancellationToken cancellation)
    {
        var settings = new NpgsqlConnectionStringBuilder(connectionString)
        {
            ApplicationName = "control-plane aside",
            Pooling = false,
            CommandTimeout = 0,
            Timeout = ConnectTimeoutSeconds,
            TcpKeepAlive = true,
            Enlist = false,
        };
        var connection = new NpgsqlConnection(settings.ConnectionString);
        await connection.OpenAsync(cancellation);
        return connection;
    }

    public async Task<bool> IsReachableAsync(TimeSpan limit, CancellationToken cancellation)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        deadline.CancelAfter(limit);
        try
        {
            await using var command = reads.CreateCommand("select 1");
            await command.ExecuteScalarAsync(deadline.Token);
            return true;
        }
        catch (NpgsqlException)
        {
            return false;
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return false;
        }
    }

    /// <summary>
    /// Runs <paramref name="write"/> in one transaction and commits it. <paramref name="write"/> answers whether its
    /// compare-and-swap took, and lets every exception of the database through. <paramref name="cancellation"/> counts
    /// until the commit is sent; from then on the answer is awaited however long it takes, so a caller with a deadline
    /// waits for the returned task as long as it likes and leaves it running.
    /// </summary>
    public async Task<CommitAnswer> CommitAsync(
        Func<NpgsqlConnection, NpgsqlTransaction, CancellationToken, Task<bool>> write, CancellationToken cancellation)
    {
        NpgsqlConnection? connection = null;
        NpgsqlTransaction? transaction = null;
        try
        {
            try
            {
                connection = await writes.OpenConnectionAsync(cancellation);
                transaction = await connection.BeginTransactionAsync(cancellation);
                if (!await write(connection, transaction, cancellation)) return new LostRace();
            }
            catch (NpgsqlException failure) when (BeforeCommit(failure) is { } answer)
            {
                return answer;
            }
            return await SendCommitAsync(connection);
        }
        finally
        {
            // Rolls back what was not committed; a broken connection is dropped by its pool.
            if (transaction is not null) await transaction.DisposeAsync();
            if (connection is not null) await connection.DisposeAsync();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await writes.DisposeAsync();
        await reads.DisposeAsync();
    }

    private async Task<CommitAnswer> SendCommitAsync(NpgsqlConnection connection)
    {
        string? doubt = null;
        void Notice(object sender, NpgsqlNoticeEventArgs args) =>
            doubt = $"{args.Notice.SqlState} {args.Notice.MessageText}";

        // PostgreSQL answers the COMMIT of a transaction that failed with a silent rollback. The query before it, sent
        // together with it, fails in that case and COMMIT is not reached.
        await using var commit = new NpgsqlBatch(connection) { Timeout = 0 };
        commit.BatchCommands.Add(new NpgsqlBatchCommand("select"));
        commit.BatchCommands.Add(new NpgsqlBatchCommand("commit"));
        connection.Notice += Notice;
        try
        {
            await commit.ExecuteNonQueryAsync(CancellationToken.None);
        }
        catch (PostgresException failed) when (failed.SqlState == PostgresErrorCodes.InFailedSqlTransaction)
        {
            throw new InvalidOperationException("a failure inside the transaction was swallowed by its writer", failed);
        }
        catch (Exception lost) when (lost is NpgsqlException or IOException or OperationCanceledException)
        {
            doubt = lost.Message;
        }
        finally
        {
            connection.Notice -= Notice;
        }
        if (doubt is null) return new Committed();
        LogOutcomeUnknown(log, doubt);
        return new OutcomeUnknown(doubt);
    }

    /// <summary>What a failure before COMMIT was sent means; null for a bug, which is thrown on.</summary>
    private static CommitAnswer? BeforeCommit(NpgsqlException failure)
    {
        if (failure is not PostgresException answer)
            return new CommitRefused(CommitRefusal.Unavailable, failure.Message);
        return answer.SqlState switch
        {
            PostgresErrorCodes.SerializationFailure or PostgresErrorCodes.DeadlockDetected => new LostRace(),
            PostgresErrorCodes.UniqueViolation when RaceConstraints.Contains(answer.ConstraintName ?? "") =>
                new LostRace(),
            PostgresErrorCodes.DiskFull => Refused(CommitRefusal.DiskFull),
            PostgresErrorCodes.OutOfMemory or PostgresErrorCodes.TooManyConnections
                or PostgresErrorCodes.LockNotAvailable => Refused(CommitRefusal.Overloaded),
            PostgresErrorCodes.AdminShutdown or PostgresErrorCodes.CrashShutdown or PostgresErrorCodes.CannotConnectNow
                or PostgresErrorCodes.ReadOnlySqlTransaction or IdleInTransaction => Refused(CommitRefusal.Unavailable),
            // Class 08 is the connection itself, class 58 the system below PostgreSQL, as a disk that fails.
            _ when answer.SqlState.StartsWith("08", StringComparison.Ordinal)
                || answer.SqlState.StartsWith("58", StringComparison.Ordinal) => Refused(CommitRefusal.Unavailable),
            _ => null,
        };

        CommitRefused Refused(CommitRefusal reason) => new(reason, answer.MessageText);
    }
}
