using ControlPlane.Server.Hosting;
using Dapper;
using Npgsql;
using static ControlPlane.Server.Hosting.LogLines;

namespace ControlPlane.Server.Database;

/// <summary>
/// Brings the schema of a database to what this program was built for: each step in a transaction of its own, one
/// migrator at a time. A step that was killed leaves nothing and is taken again.
/// </summary>
internal sealed class Migrator(PostgresDatabase database, Seq<Migration> migrations, ILogger log)
{
    // Any number that nobody else who uses the same database locks.
    private const long LockNumber = 0x63706c616e65;

    private const string CreateTable = """
        create table if not exists schema_migration (
            number     int primary key check (number >= 1),
            name       text        not null,
            sha256     text        not null,
            applied_at timestamptz not null default now()
        )
        """;

    // Another migrator may take a minute; a query that stands in the way of a step may not hold up everyone behind it.
    private const string WaitForLock = "set lock_timeout = '60s'";
    private const string WaitInStep = "set local lock_timeout = '10s'";

    /// <summary>Steps that were applied now.</summary>
    public async Task<int> MigrateAsync(CancellationToken cancellation)
    {
        try
        {
            await using var connection = await database.OpenWriteAsync(cancellation);
            await ExecuteAsync(connection, WaitForLock, null, cancellation);
            await ExecuteAsync(connection, "select pg_advisory_lock(@LockNumber)", new { LockNumber }, cancellation);
            try
            {
                return await MigrateAsync(connection, cancellation);
            }
            finally
            {
                // A connection that broke has lost the lock with its session.
                if (connection.State == System.Data.ConnectionState.Open)
                    await ExecuteAsync(
                        connection, "select pg_advisory_unlock(@LockNumber); reset lock_timeout", new { LockNumber },
                        CancellationToken.None);
            }
        }
        catch (PostgresException busy) when (busy.SqlState == PostgresErrorCodes.LockNotAvailable)
        {
            throw new StartRefusedException(
                ExitCode.Conflict, "the schema is being changed by another server or held by a long query: try again",
                busy);
        }
        catch (NpgsqlException failure)
        {
            throw new StartRefusedException(
                ExitCode.Unreachable, $"the database cannot be migrated: {failure.Message}", failure);
        }
    }

    private async Task<int> MigrateAsync(NpgsqlConnection connection, CancellationToken cancellation)
    {
        await ExecuteAsync(connection, CreateTable, null, cancellation);
        var applied = (await connection.QueryAsync<Applied>(new CommandDefinition(
            "select number, name, sha256 from schema_migration order by number",
            cancellationToken: cancellation))).ToSeq();
        if (Objection(applied) is { } objection) throw new StartRefusedException(ExitCode.Conflict, objection);

        var pending = migrations.Skip(applied.Count).ToSeq();
        foreach (var migration in pending) await ApplyAsync(connection, migration, cancellation);
        return pending.Count;
    }

    /// <summary>Why this program must not touch a database with these steps; null when it may.</summary>
    private string? Objection(Seq<Applied> applied)
    {
        if (applied.Count > migrations.Count)
            return $"the database is of a newer version (schema {applied.Count}, this server knows up to "
                + $"{migrations.Count}): run that version or a newer one";
        foreach (var (known, found) in migrations.Zip(applied))
        {
            if (found.Number != known.Number || found.Name != known.Name)
                return $"schema step {known.Number} of the database is {found.Number} {found.Name}, "
                    + $"not {known.Name}: this database was made by another program";
            if (found.Sha256 != known.Sha256)
                return $"schema step {known.Number} {known.Name} was edited after it was applied to this database: "
                    + "restore the released file and add a new step instead";
        }
        return null;
    }

    private async Task ApplyAsync(NpgsqlConnection connection, Migration migration, CancellationToken cancellation)
    {
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        await ExecuteAsync(connection, WaitInStep, null, cancellation);
        await ExecuteAsync(connection, migration.Sql, null, cancellation);
        await ExecuteAsync(
            connection,
            "insert into schema_migration (number, name, sha256) values (@Number, @Name, @Sha256)",
            new { migration.Number, migration.Name, migration.Sha256 },
            cancellation);
        // Not cut short: see PostgresDatabase.
        await transaction.CommitAsync(CancellationToken.None);
        LogApplied(log, migration.Number, migration.Name);
    }

    private static Task<int> ExecuteAsync(
        NpgsqlConnection connection, string sql, object? values, CancellationToken cancellation) =>
        connection.ExecuteAsync(new CommandDefinition(sql, values, cancellationToken: cancellation));

    private sealed record Applied(int Number, string Name, string Sha256);
}
