using ControlPlane.Server.Database;
using Dapper;

namespace ControlPlane.Server.Capacity;

/// <summary>Keeps the records of drills, each signed.</summary>
internal sealed class DrillStore(PostgresDatabase database)
{
    private const string Columns = """
        select drill_id as Id, scenario as Scenario, ran_at as RanAt, broken as Broken, body as Body, key_id as KeyId,
            signature as Signature
        from drill
        """;

    public async Task AddAsync(DrillRow drill, CancellationToken cancellation)
    {
        const string Add = """
            insert into drill (drill_id, scenario, ran_at, broken, body, key_id, signature)
            values (@Id, @Scenario, @RanAt, @Broken, @Body, @KeyId, @Signature)
            """;
        await using var connection = await database.OpenWriteAsync(cancellation);
        await connection.ExecuteAsync(new CommandDefinition(Add, drill, cancellationToken: cancellation));
    }

    public async Task<DrillRow?> FindAsync(Guid id, CancellationToken cancellation)
    {
        await using var connection = await database.OpenReadAsync(cancellation);
        return await connection.QuerySingleOrDefaultAsync<DrillRow>(new CommandDefinition(
            $"{Columns} where drill_id = @id", new { id }, cancellationToken: cancellation));
    }

    /// <summary>The newest drill of a scenario; null when there was none.</summary>
    public async Task<DrillRow?> LastAsync(string scenario, CancellationToken cancellation)
    {
        await using var connection = await database.OpenReadAsync(cancellation);
        return await connection.QueryFirstOrDefaultAsync<DrillRow>(new CommandDefinition(
            $"{Columns} where scenario = @scenario order by ran_at desc, drill_id desc limit 1", new { scenario },
            cancellationToken: cancellation));
    }

    /// <summary>The newest drill of every scenario, ordered by scenario.</summary>
    public async Task<List<DrillRow>> NewestAsync(CancellationToken cancellation)
    {
        const string Newest = """
            select distinct on (scenario) drill_id as Id, scenario as Scenario, ran_at as RanAt, broken as Broken,
                '' as Body, key_id as KeyId, signature as Signature
            from drill order by scenario, ran_at desc, drill_id desc
            """;
        await using var connection = await database.OpenReadAsync(cancellation);
        return (await connection.QueryAsync<DrillRow>(new CommandDefinition(Newest, cancellationToken: cancellation)))
            .AsList();
    }
}

/// <summary>A record of a drill as it is kept: the very text that was signed.</summary>
internal sealed record DrillRow(
    Guid Id, string Scenario, DateTime RanAt, bool Broken, string Body, string KeyId, byte[] Signature);
