using ControlPlane.Ledger;
using ControlPlane.Placements;
using ControlPlane.Regions;
using ControlPlane.Server.Database;
using Dapper;

namespace ControlPlane.Server.Ledger;

/// <summary>Reads recorded decisions and decides them again on the world they were decided on.</summary>
internal sealed class DecisionReader(PostgresDatabase database, LedgerStore store)
{
    /// <summary>A decision by its id; null when there is none.</summary>
    public async Task<ReplayedDecision?> ReadAsync(DecisionId id, CancellationToken cancellation)
    {
        const string PositionOf = "select position from decision where decision_id = @id";
        long? position;
        await using (var connection = await database.OpenReadAsync(cancellation))
        {
            position = await connection.QuerySingleOrDefaultAsync<long?>(
                new CommandDefinition(PositionOf, new { id = id.Value }, cancellationToken: cancellation));
        }

        return position is { } found ? (await ReadAsync([found], cancellation))[found] : null;
    }

    /// <summary>Decisions by their positions, replayed in one pass over the ledger.</summary>
    public async Task<Dictionary<long, ReplayedDecision>> ReadAsync(List<long> positions, CancellationToken cancellation)
    {
        var decisions = new Dictionary<long, ReplayedDecision>();
        var wanted = positions.ToHashSet();
        var state = await store.LoadAtAsync(wanted.Min() - 1, cancellation);
        await foreach (var record in store.ReadAsync(state.Position, state.Hash, cancellation))
        {
            if (wanted.Contains(record.Position))
                decisions.Add(record.Position, new ReplayedDecision(record, state.World.Fleet, Replay.Of(state, record)));
            if (decisions.Count == wanted.Count) break;
            state.Fold(record);
            state.Settle();
        }

        return decisions;
    }
}

/// <summary>A recorded decision and what deciding it again gave.</summary>
internal sealed record ReplayedDecision(LedgerRecord Record, Fleet Fleet, ReplayResult Result)
{
    /// <summary>The reasons; null when the decision was made by another version of the engine.</summary>
    public Explanation? Explanation => Result switch
    {
        ReplaySame same => same.Explanation,
        ReplayDiffers differs => differs.Explanation,
        _ => null,
    };
}
