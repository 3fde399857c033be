using Npgsql;

namespace ControlPlane.Server.Database;

/// <summary>Collects statements of one transaction, so that they travel to the database together.</summary>
internal sealed class Statements(NpgsqlConnection connection, NpgsqlTransaction transaction)
{
    private readonly List<NpgsqlBatchCommand> commands = [];

    public NpgsqlConnection Connection => connection;

    public NpgsqlTransaction Transaction => transaction;

    /// <summary>Adds a statement with its parameters, $1 first.</summary>
    public void Add(string sql, params ReadOnlySpan<object> values)
    {
        var command = new NpgsqlBatchCommand(sql);
        foreach (var value in values) command.Parameters.Add(new NpgsqlParameter { Value = value });
        commands.Add(command);
    }

    /// <summary>Runs what was added since the last time, in order; the first that fails ends the transaction.</summary>
    public async Task ExecuteAsync()
    {
        if (commands.Count == 0) return;
        await using var batch = new NpgsqlBatch(connection, transaction) { Timeout = 0 };
        foreach (var command in commands) batch.BatchCommands.Add(command);
        commands.Clear();
        await batch.ExecuteNonQueryAsync(CancellationToken.None);
    }
}
