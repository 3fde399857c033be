using ControlPlane.Ledger;
using ControlPlane.Server.Database;
using static ControlPlane.Server.Hosting.LogLines;

namespace ControlPlane.Server.Ledger;

/// <summary>
/// Writes a snapshot now and then: after a number of records, or, when many placements make it large, of records in
/// proportion to them, so that snapshots cost each record a bounded part of its time. Saving it holds up nobody.
/// </summary>
internal sealed class SnapshotSaver(LedgerStore store, long position, TimeProvider clock, ILogger log)
{
    /// <summary>Placements for which a snapshot waits for one more record.</summary>
    private const int PlacementsPerRecord = 10;

    /// <summary>
    /// Records between two snapshots of a small world, so that replaying any decision folds about so many.
    /// </summary>
    public const int LeastRecords = 5_000;

    /// <summary>Records after which there is a snapshot however soon.</summary>
    private const int MostRecords = 200_000;

    /// <summary>Least time between two snapshots.</summary>
    private static readonly TimeSpan pause = TimeSpan.FromSeconds(5);

    private long? saved;
    private long last = position;
    private Task saving = Task.CompletedTask;

    /// <summary>Waits for a snapshot that is being saved.</summary>
    public Task FinishAsync() => saving;

    public bool IsDue(LedgerState state)
    {
        var due = Math.Max(LeastRecords, state.World.Placements.Count / PlacementsPerRecord);
        if (state.Position - last < due || !saving.IsCompleted) return false;
        // Under load a snapshot of everything for every few records would take more time than the records do.
        return saved is not { } since || clock.GetElapsedTime(since) >= pause || state.Position - last >= MostRecords;
    }

    /// <summary>Begins to save a snapshot of a state, all of which must be durable.</summary>
    public void SaveWhenDue(LedgerState state)
    {
        if (!IsDue(state)) return;
        (last, saved) = (state.Position, clock.GetTimestamp());
        // A copy is made at once; writing it out holds up nobody.
        var copy = state.Copy();
        saving = Task.Run(() => SaveAsync(
            () => new Snapshot(copy.Position, copy.Hash, LedgerSnapshot.Write(copy), copy.At)));
    }

    private async Task SaveAsync(Func<Snapshot> write)
    {
        var snapshot = write();
        try
        {
            await store.SaveSnapshotAsync(snapshot);
            await store.ThinSnapshotsAsync();
        }
        catch (Exception failure) when (DatabaseLost.Is(failure) || failure is IOException)
        {
            // A snapshot only makes starts faster; the next one is due soon.
            LogSnapshotFailed(log, snapshot.Position, failure.Message);
        }
    }
}
