using ControlPlane.Ledger;
using ControlPlane.Server.Database;
using ControlPlane.Server.Placements;
using static ControlPlane.Server.Hosting.LogLines;

namespace ControlPlane.Server.Ledger;

/// <summary>
/// Lets the content of old records go, once a day: first it is written to the archive, then the state from which the
/// ledger goes on is kept, then the ledger records what goes, and only then it goes. Any step may be the last one
/// before a crash; the next look begins anew or goes on.
/// </summary>
internal sealed class RetentionReconciler(RetentionServices services, RetentionTerms? terms, TimeProvider time)
    : IAsyncDisposable
{
    private static readonly TimeSpan lookEvery = TimeSpan.FromHours(1);

    private readonly CancellationTokenSource stopping = new();
    private Task running = Task.CompletedTask;

    /// <summary>How long records are kept whole; null for ever.</summary>
    public RetentionTerms? Terms => terms;

    /// <summary>Whether this server should do it; the others leave it to the one that writes.</summary>
    public Func<bool> IsWriter { get; init; } = () => true;

    /// <summary>Looks from now on, every hour.</summary>
    public void Begin() => running = terms is null ? Task.CompletedTask : Task.Run(RunAsync);

    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync();
        await running;
        stopping.Dispose();
    }

    /// <summary>Up to where content was let go; null while all is there.</summary>
    public Task<Retention?> ReadAsync(CancellationToken cancellation) => services.Rows.ReadAsync(cancellation);

    /// <summary>Up to where content would be let go now; null when nothing is old enough, or kept for ever.</summary>
    public async Task<RetentionPlan?> PlanAsync(CancellationToken cancellation)
    {
        if (terms is null) return null;
        var before = terms.Before(time.GetUtcNow());
        var last = await services.Rows.ReadAsync(cancellation);
        var upTo = await services.Rows.LastBeforeAsync(before, cancellation);
        return upTo > (last?.UpTo ?? 0) ? new RetentionPlan(last, before, upTo) : null;
    }

    /// <summary>Lets go what is due; returns how many records lost their content.</summary>
    public async Task<long> RunOnceAsync(CancellationToken cancellation)
    {
        if (terms is null || !IsWriter()) return 0;
        if (await ReadAsync(cancellation) is { IsDone: false } begun) return await FinishAsync(begun, cancellation);
        if (await PlanAsync(cancellation) is not { } plan) return 0;
        var goesOn = await StateAtAsync(plan.UpTo, cancellation);
        var body = LedgerSnapshot.Write(goesOn);
        await ArchiveAsync(plan, cancellation);
        await services.Rows.KeepStateAsync(new Snapshot(plan.UpTo, goesOn.Hash, body, goesOn.At), cancellation);
        var digest = System.Security.Cryptography.SHA256.HashData(body).ToSeq();
        var said = new RecordsRetired(plan.UpTo, plan.Before, goesOn.Hash, digest);
        var answer = await services.Loop.SubmitAsync(new RecordRetirement(said), cancellation);
        if (answer is not Recorded recorded) return 0;
        var retention = new Retention(plan.UpTo, plan.Before, digest, recorded.Position, IsDone: false);
        return await services.Rows.BeginAsync(retention, goesOn, cancellation) is Committed
            ? await FinishAsync(retention, cancellation)
            : 0;
    }

    private async Task ArchiveAsync(RetentionPlan plan, CancellationToken cancellation)
    {
        var after = (Position: 0L, Hash: LedgerRecord.NoHash);
        if (plan.Last is { } last)
        {
            var records = await services.Store.ReadAtAsync([last.RecordedAt], cancellation);
            after = (last.UpTo, ((RecordsRetired)records[last.RecordedAt].Event).Hash);
        }

        await services.Archive!.WriteAsync(after, plan.UpTo, cancellation); // there with the terms
        await services.Sign(terms!.Archive);
    }

    private async Task<long> FinishAsync(Retention retention, CancellationToken cancellation)
    {
        var goesOn = await StateAtAsync(retention.UpTo, cancellation);
        var retired = await services.Rows.RetireAsync(
            retention, new RetentionNeed(goesOn, terms!.Held), cancellation); // asked for with terms only
        LogRetired(services.Log, retired, retention.UpTo);
        return retired;
    }

    private async Task<LedgerState> StateAtAsync(long position, CancellationToken cancellation)
    {
        var state = await services.Store.LoadSnapshotAsync(position, cancellation);
        if (state.Position == position) return state;
        await foreach (var record in services.Store.ReadAsync(state.Position, state.Hash, cancellation))
        {
            state.Fold(record);
            state.Settle();
            if (record.Position == position) return state;
        }

        throw new LedgerFormatException($"the records end at {state.Position}, before {position}");
    }

    private async Task RunAsync()
    {
        using var timer = new PeriodicTimer(lookEvery, time);
        try
        {
            do
            {
                try
                {
                    await RunOnceAsync(stopping.Token);
                }
                catch (Exception lost) when (DatabaseLost.Is(lost)
                    || lost is IOException or UnauthorizedAccessException or LedgerFormatException)
                {
                    LogNotRetired(services.Log, lost.Message);
                }
            }
            while (await timer.WaitForNextTickAsync(stopping.Token));
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
        }
    }
}

/// <summary>What is let go next.</summary>
/// <param name="Last">What was let go last; null for nothing.</param>
/// <param name="Before">Every record that goes is older than this.</param>
/// <param name="UpTo">Last position that it reaches.</param>
internal sealed record RetentionPlan(Retention? Last, DateTimeOffset Before, long UpTo);

/// <summary>What letting go of old records works with.</summary>
/// <param name="Store">The ledger.</param>
/// <param name="Rows">What is kept about it, and the tables.</param>
/// <param name="Loop">Where it is recorded.</param>
internal sealed record RetentionServices(LedgerStore Store, RetentionStore Rows, DecisionLoop Loop)
{
    /// <summary>Where records are written to first; null where they are kept for ever.</summary>
    public LedgerArchive? Archive { get; init; }

    /// <summary>Writes a signed head to a directory.</summary>
    public required Func<string, Task> Sign { get; init; }

    public required ILogger Log { get; init; }
}
