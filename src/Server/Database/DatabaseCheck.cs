using ControlPlane.Server.Hosting;
using Dapper;
using Npgsql;

namespace ControlPlane.Server.Database;

/// <summary>Refuses a database that would forget what it has acknowledged, or that is too old or read-only.</summary>
internal static class DatabaseCheck
{
    private const string Settings = """
        select current_setting('server_version_num')::int / 10000 as Major,
               pg_is_in_recovery()                                as InRecovery,
               current_setting('fsync')                           as Fsync,
               current_setting('full_page_writes')                as FullPageWrites,
               current_setting('synchronous_commit')              as SynchronousCommit
        """;

    public static async Task RunAsync(PostgresDatabase database, CancellationToken cancellation)
    {
        var found = await LoadAsync(database, cancellation);
        List<string> objections = [];
        if (found.Major < PostgresBinaries.OldestMajor)
            objections.Add($"it is PostgreSQL {found.Major}, {PostgresBinaries.OldestMajor} or newer is needed");
        if (found.InRecovery) objections.Add("it is a standby and takes no writes");
        if (found.Fsync != "on") objections.Add($"fsync is {found.Fsync}, must be on");
        if (found.FullPageWrites != "on") objections.Add($"full_page_writes is {found.FullPageWrites}, must be on");
        if (found.SynchronousCommit is not ("on" or "remote_apply"))
            objections.Add($"synchronous_commit is {found.SynchronousCommit}, must be on or remote_apply");
        if (objections.Count > 0)
            throw new StartRefusedException(
                ExitCode.Unreachable, $"the database cannot be used: {string.Join("; ", objections)}");
    }

    private static async Task<Found> LoadAsync(PostgresDatabase database, CancellationToken cancellation)
    {
        try
        {
            await using var connection = await database.OpenWriteAsync(cancellation);
            return await connection.QuerySingleAsync<Found>(
                new CommandDefinition(Settings, cancellationToken: cancellation));
        }
        catch (NpgsqlException failure)
        {
            throw new StartRefusedException(
                ExitCode.Unreachable, $"the database cannot be reached: {failure.Message}", failure);
        }
    }

    private sealed record Found(
        int Major, bool InRecovery, string Fsync, string FullPageWrites, string SynchronousCommit);
}
