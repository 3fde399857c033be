using ControlPlane.Server.Database;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace ControlPlane.Server.Tests.Database;

/// <summary>
/// A migrated database of one test class, which is an <c>IClassFixture&lt;TestDatabase&gt;</c>, or of one test:
/// <c>await using var database = await TestDatabase.CreateAsync()</c>.
/// </summary>
public sealed class TestDatabase : IAsyncLifetime, IAsyncDisposable
{
    private readonly string name = $"test_{Guid.NewGuid():n}";
    private PostgresDatabase? opened;

    public string ConnectionString { get; private set; } = "";

    internal PostgresDatabase Database => opened ?? throw new InvalidOperationException("not created yet");

    public static async Task<TestDatabase> CreateAsync()
    {
        var database = new TestDatabase();
        await database.InitializeAsync();
        return database;
    }

    /// <summary>One without any table.</summary>
    public static async Task<TestDatabase> CreateEmptyAsync()
    {
        var database = new TestDatabase();
        database.Open(await TestPostgres.CreateEmptyDatabaseAsync(database.name));
        return database;
    }

    public async Task InitializeAsync() => Open(await TestPostgres.CreateDatabaseAsync(name));

    /// <summary>Runs SQL as it stands; for arranging and for looking.</summary>
    public async Task ExecuteAsync(string sql)
    {
        await using var connection = await Database.OpenWriteAsync(CancellationToken.None);
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>The single value of a query.</summary>
    public async Task<T> AskAsync<T>(string sql)
    {
        await using var connection = await Database.OpenReadAsync(CancellationToken.None);
        await using var command = new NpgsqlCommand(sql, connection);
        return (T)(await command.ExecuteScalarAsync())!; // a query for a value that may be absent is not asked here
    }

    public async Task DisposeAsync()
    {
        await Database.DisposeAsync();
        await TestPostgres.DropDatabaseAsync(name);
    }

    async ValueTask IAsyncDisposable.DisposeAsync() => await DisposeAsync();

    private void Open(string connectionString)
    {
        ConnectionString = connectionString;
        opened = new PostgresDatabase(connectionString, NullLoggerFactory.Instance);
    }
}
