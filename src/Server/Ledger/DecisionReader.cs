using ControlPlane.Ledger;
using ControlPlane.Placements;
using ControlPlane.Regions;
using ControlPlane.Server.Database;
using Dapper;

namespace ControlPlane.Server.Ledger;

/// <summary>Reads recorded decisions and decides them again on the world they were decided on.</summary>
internal sealed class DecisionReader(PostgresDatabase database, LedgerStore store) : IDisposable
{
    // One replay at a time: it takes memory and processor time that deciding needs more.
    private readonly SemaphoreSlim oneReplay = new(1);
    private LedgerState? replayed;

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

        return position is { } found ? (await ReplayAsync([found], cancellation))[found] : null;
    }

    /// <summary>Decisions by their positions, replayed in one pass over the ledger.</summary>
    public async Task<Dictionary<long, ReplayedDecision>> ReplayAsync(
        IReadOnlyCollection<long> positions, CancellationToken cancellation)
    {
        var decisions = new Dictionary<long, ReplayedDecision>();
        if (positions.Count == 0) return decisions;
        await AddRetiredAsync(positions, decisions, cancellation);
        var wanted = positions.Where(position => !decisions.ContainsKey(position)).ToHashSet();
        if (wanted.Count == 0) return decisions;
        await oneReplay.WaitAsync(cancellation);
        try
        {
            var state = await StateBeforeAsync(wanted.Min(), cancellation);
            replayed = null;
            await foreach (var record in store.ReadAsync(state.Position, state.Hash, cancellation))
            {
                if (wanted.Contains(record.Position))
                    decisions.Add(record.Position, new(record, state.World.Fleet, Replay.Of(state, record)));
                if (decisions.Count == positions.Count) break;
                state.Fold(record);
                state.Settle();
            }

            replayed = state;
        }
        finally
        {
            oneReplay.Release();
        }

        return decisions;
    }

    /// <summary>What is left of decisions whose world was let go: what was decided, without the reasons.</summary>
    private async Task AddRetiredAsync(
        IReadOnlyCollection<long> positions, Dictionary<long, ReplayedDecision> decisions,
        CancellationToken cancellation)
    {
        if (await new RetentionStore(database).ReadAsync(cancellation) is not { } retention) return;
        var old = positions.Where(position => position <= retention.UpTo).ToList();
        if (old.Count == 0) return;
        var goesOn = await store.LoadSnapshotAsync(retention.UpTo, cancellation);
        foreach (var record in (await store.ReadAtAsync(old, cancellation)).Values)
            decisions.Add(record.Position, new(record, goesOn.World.Fleet, new ReplayRetired()));
    }

    public void Dispose() => oneReplay.Dispose();

    /// <summary>
    /// A state that the record at a position can be reached from, soonest from the one of the last replay.
    /// </summary>
    private async Task<LedgerState> StateBeforeAsync(long position, CancellationToken cancellation)
    {
        if (replayed is { } state
            && state.Position < position
            && position - state.Position <= SnapshotSaver.LeastRecords)
            return state;
        return await store.LoadSnapshotAsync(position - 1, cancellation);
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
