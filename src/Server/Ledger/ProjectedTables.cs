using System.Diagnostics;
using ControlPlane.Server.Database;
using Dapper;

namespace ControlPlane.Server.Ledger;

/// <summary>
/// Says how far the tables have followed the ledger, and waits until they have what stood in it when it was asked.
/// </summary>
internal sealed class ProjectedTables(PostgresDatabase database)
{
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(20);

    private volatile TaskCompletionSource moved = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Says that the tables have come further.</summary>
    public void Moved() =>
        Interlocked.Exchange(ref moved, new(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();

    /// <summary>Position of the last record that the tables have.</summary>
    public async Task<long> ReadPositionAsync(CancellationToken cancellation)
    {
        await using var connection = await database.OpenReadAsync(cancellation);
        return await connection.ExecuteScalarAsync<long>(
            new CommandDefinition("select position from projection_head", cancellationToken: cancellation));
    }

    /// <summary>
    /// Waits until the tables have every record that stood in the ledger when this was called.
    /// </summary>
    /// <exception cref="TablesBehindException">They are too far behind.</exception>
    public async Task WaitAsync(CancellationToken cancellation)
    {
        const string Heads = """
            select ledger.position as Ledger, tables.position as Tables from ledger_head ledger, projection_head tables
            """;
        var asked = Stopwatch.GetTimestamp();
        long? wanted = null;
        while (true)
        {
            var next = moved.Task;
            HeadRow heads;
            await using (var connection = await database.OpenReadAsync(cancellation))
            {
                heads = await connection.QuerySingleAsync<HeadRow>(
                    new CommandDefinition(Heads, cancellationToken: cancellation));
            }

            wanted ??= heads.Ledger;
            if (heads.Tables >= wanted) return;
            if (Stopwatch.GetElapsedTime(asked) > Longest) throw new TablesBehindException(wanted.Value - heads.Tables);
            // Another server may be the one that writes them, so looking now and then is needed too.
            await Task.WhenAny(next, Task.Delay(LookEvery, cancellation));
        }
    }

    private sealed record HeadRow(long Ledger, long Tables);
}

/// <summary>The tables lack so many records of the ledger that waiting for them takes too long.</summary>
internal sealed class TablesBehindException(long records)
    : Exception($"the tables are {records} records behind the ledger; ask again in a moment");
