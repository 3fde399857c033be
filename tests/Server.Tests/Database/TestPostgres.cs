using ControlPlane.Server.Database;
using ControlPlane.Server.Hosting;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace ControlPlane.Server.Tests.Database;

/// <summary>
/// The one PostgreSQL of a test run and the migrated database that all others are copied from. Started at first use;
/// stopped when the run ends, also when it ends by being killed.
/// </summary>
internal static class TestPostgres
{
    private const string Template = "template_ledger";
    private const string Prefix = "run-";

    private static readonly Lazy<Task<PrivatePostgres>> Running = new(StartAsync);
    private static readonly SemaphoreSlim OneCopyAtATime = new(1);

    /// <summary>Makes an empty, migrated database and returns how to reach it.</summary>
    public static async Task<string> CreateDatabaseAsync(string name)
    {
        var postgres = await Running.Value;
        // A template cannot be copied twice at once.
        await OneCopyAtATime.WaitAsync();
        try
        {
            await ExecuteAsync(postgres, $"create database {name} template {Template}");
        }
        finally
        {
            OneCopyAtATime.Release();
        }
        return ConnectionStringOf(postgres, name);
    }

    /// <summary>Makes a database without any table.</summary>
    public static async Task<string> CreateEmptyDatabaseAsync(string name)
    {
        var postgres = await Running.Value;
        await ExecuteAsync(postgres, $"create database {name}");
        return ConnectionStringOf(postgres, name);
    }

    public static async Task DropDatabaseAsync(string name) =>
        await ExecuteAsync(await Running.Value, $"drop database {name} with (force)");

    private static async Task<PrivatePostgres> StartAsync()
    {
        DeleteLeftovers();
        var directory = new TestDirectory(Prefix);
        var held = DataDirectory.Take(directory.Path);
        var postgres = await PrivatePostgres.StartAsync(held, NullLoggerFactory.Instance, CancellationToken.None);
        AppDomain.CurrentDomain.ProcessExit += (_, _) =>
        {
            postgres.DisposeAsync().AsTask().GetAwaiter().GetResult();
            held.Dispose();
            directory.Dispose();
        };

        await ExecuteAsync(postgres, $"create database {Template}");
        await using var database = new PostgresDatabase(
            ConnectionStringOf(postgres, Template), NullLoggerFactory.Instance);
        await new Migrator(database, Migration.BuiltIn(), NullLogger.Instance).MigrateAsync(CancellationToken.None);
        return postgres;
    }

    /// <summary>A run that was killed could not delete its directory.</summary>
    private static void DeleteLeftovers()
    {
        foreach (var left in Directory.EnumerateDirectories("/tmp", $"cplane-test-{Prefix}*"))
        {
            if (Directory.GetLastWriteTimeUtc(left) > DateTime.UtcNow.AddHours(-1)) continue;
            try
            {
                DataDirectory.Take(left).Dispose();
                Directory.Delete(left, recursive: true);
            }
            catch (StartRefusedException)
            {
                // In use by another run, or another user's.
            }
        }
    }

    private static async Task ExecuteAsync(PrivatePostgres postgres, string sql)
    {
        await using var connection = new NpgsqlConnection(ConnectionStringOf(postgres, "postgres"));
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }

    private static string ConnectionStringOf(PrivatePostgres postgres, string database) =>
        new NpgsqlConnectionStringBuilder(postgres.ConnectionString) { Database = database }.ConnectionString;
}
