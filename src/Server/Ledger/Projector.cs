using System.Collections.Concurrent;
using System.Diagnostics;
using ControlPlane.Ledger;
using ControlPlane.Server.Database;
using Dapper;
using static ControlPlane.Server.Hosting.LogLines;

namespace ControlPlane.Server.Ledger;

/// <summary>
/// Brings the tables after the ledger, a step of many records at a time, while decisions go on. It follows the ledger
/// on a state of its own. Several servers may try; a step lands only where the tables still are where it began.
/// </summary>
internal sealed class Projector : IAsyncDisposable
{
    /// <summary>Records written in one transaction.</summary>
    public const int RecordsPerStep = 5_000;

    /// <summary>Records kept in memory for the next steps; what is over is read from the ledger again.</summary>
    private const int MostQueued = 50_000;

    /// <summary>Records behind which decisions no longer have precedence.</summary>
    private const int MostBehind = 1_000_000;

    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(1);

    /// <summary>Decisions in a second from which on the tables take a small part of the time only.</summary>
    private const int ManyPerSecond = 2_000;

    /// <summary>How many times as long as a step the pause after it is while there are many decisions.</summary>
    private const int PausePerStep = 6;

    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan DrainLimit = TimeSpan.FromSeconds(5);

    private readonly ProjectorServices services;
    private readonly ILogger log;
    private readonly ConcurrentQueue<LedgerRecord> queue = new();
    private readonly SemaphoreSlim signal = new(0, 1);
    private readonly CancellationTokenSource stopping = new();
    private readonly Task running;
    private LedgerState? state;
    private long offered;

    /// <param name="services">What it works with.</param>
    /// <param name="start">The state that the tables have; null to load it.</param>
    /// <param name="log">Where failures are told.</param>
    public Projector(ProjectorServices services, LedgerState? start, ILogger<Projector> log)
    {
        this.services = services;
        this.log = log;
        state = start;
        running = Task.Run(RunAsync);
    }

    /// <summary>Whether this server should write the tables; the others leave it to the one that does.</summary>
    public Func<bool> IsWriter { get; set; } = () => true;

    /// <summary>Takes records that were committed, in order.</summary>
    public void Offer(List<LedgerRecord> records)
    {
        Volatile.Write(ref offered, records[^1].Position);
        if (queue.Count + records.Count <= MostQueued)
        {
            foreach (var record in records) queue.Enqueue(record);
        }

        Wake();
    }

    /// <summary>Stops after what was committed is in the tables, unless that takes too long.</summary>
    public async ValueTask DisposeAsync()
    {
        var drained = Stopwatch.GetTimestamp();
        while (!running.IsCompleted && (state?.Position ?? 0) < Volatile.Read(ref offered)
            && Stopwatch.GetElapsedTime(drained) < DrainLimit && IsWriter())
        {
            Wake();
            await Task.Delay(5);
        }

        await stopping.CancelAsync();
        Wake();
        await running;
        stopping.Dispose();
        signal.Dispose();
    }

    private void Wake()
    {
        try
        {
            signal.Release();
        }
        catch (SemaphoreFullException)
        {
            // It is awake already.
        }
    }

    private async Task RunAsync()
    {
        while (!stopping.IsCancellationRequested)
        {
            var signalled = await signal.WaitAsync(LookEvery, CancellationToken.None);
            try
            {
                if (await MayStepAsync())
                {
                    var (began, before) = (Stopwatch.GetTimestamp(), Volatile.Read(ref offered));
                    while (!stopping.IsCancellationRequested && await StepAsync(looks: !signalled))
                    {
                        await PauseAsync(began, before);
                        (began, before) = (Stopwatch.GetTimestamp(), Volatile.Read(ref offered));
                    }
                }
            }
            catch (Exception lost) when (DatabaseLost.Is(lost) || lost is IOException
                or InvalidOperationException or LedgerFormatException)
            {
                LogTablesNotWritten(log, lost.Message);
                // Records may have been folded whose rows did not land; what the tables have is read anew.
                state = null;
                await Task.WhenAny(Task.Delay(LookEvery, stopping.Token));
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                // What is left is done by whoever starts next.
            }
        }
    }

    /// <summary>Another server that writes is left alone while the tables move.</summary>
    private async Task<bool> MayStepAsync()
    {
        if (IsWriter()) return true;
        queue.Clear();
        state = null;
        var before = await services.Tables.ReadPositionAsync(stopping.Token);
        if (before >= (await services.Store.ReadHeadAsync(stopping.Token)).Position) return false;
        await Task.WhenAny(Task.Delay(2 * LookEvery, stopping.Token));
        return await services.Tables.ReadPositionAsync(stopping.Token) == before;
    }

    /// <summary>Writes the rows of some records; false when there are none.</summary>
    private async Task<bool> StepAsync(bool looks)
    {
        var at = state ??= await LoadAsync();
        var records = Queued(at.Position);
        if (records.Count == 0 && (looks || at.Position < Volatile.Read(ref offered))) records = await ReadAsync(at);
        if (records.Count == 0)
        {
            // Rows that had landed are lost when the database dies soon after: its tables are behind without news.
            if (looks) await FollowTablesAsync(at);
            return state is null;
        }

        var mark = at.Mark();
        var ended = new List<EndedPlacement>();
        foreach (var record in records)
        {
            ended.AddRange(Projection.Before(at.World, record));
            at.Fold(record);
        }

        var answer = await services.Database.CommitAsync(
            async (connection, transaction, _) =>
            {
                // What is lost with these rows is written again from the ledger.
                await connection.ExecuteAsync("set local synchronous_commit = off", null, transaction);
                var statements = new Statements(connection, transaction);
                statements.Add("select advance_projection($1, $2)", mark.Position, at.Position);
                await Projection.AddAsync(statements, records, (at, ended));
                await statements.ExecuteAsync();
                return true;
            },
            stopping.Token);
        if (answer is Committed)
        {
            at.Settle();
            services.Tables.Moved();
            return true;
        }

        at.UndoTo(mark);
        await FollowTablesAsync(at);
        if (answer is not LostRace) await Task.WhenAny(Task.Delay(LookEvery, stopping.Token));
        return true;
    }

    /// <summary>Lets decisions go first, unless the tables are far behind.</summary>
    private async Task PauseAsync(long began, long offeredBefore)
    {
        var decided = Volatile.Read(ref offered);
        var step = Stopwatch.GetElapsedTime(began);
        if (decided - offeredBefore < step.TotalSeconds * ManyPerSecond) return;
        if (decided - (state?.Position ?? 0) > MostBehind) return;
        var pause = step * PausePerStep;
        await Task.WhenAny(Task.Delay(pause < LongestPause ? pause : LongestPause, stopping.Token));
    }

    /// <summary>Records that follow a position and are still in memory.</summary>
    private List<LedgerRecord> Queued(long position)
    {
        var records = new List<LedgerRecord>();
        while (records.Count < RecordsPerStep && queue.TryPeek(out var next) && next.Position <= position + 1)
        {
            queue.TryDequeue(out _);
            if (next.Position != position + 1) continue;
            records.Add(next);
            position++;
        }

        return records;
    }

    private async Task<List<LedgerRecord>> ReadAsync(LedgerState at)
    {
        var records = new List<LedgerRecord>();
        await foreach (var record in services.Store.ReadAsync(at.Position, at.Hash, stopping.Token))
        {
            records.Add(record);
            if (records.Count == RecordsPerStep) break;
        }

        return records;
    }

    private async Task<LedgerState> LoadAsync()
    {
        var position = await services.Tables.ReadPositionAsync(stopping.Token);
        var loaded = await services.Store.LoadSnapshotAsync(position, stopping.Token);
        loaded.ForgetKeys();
        await FoldUpToAsync(loaded, position);
        return loaded;
    }

    /// <summary>What somebody else put into the tables is folded in, or loaded when they went back.</summary>
    private async Task FollowTablesAsync(LedgerState at)
    {
        var position = await services.Tables.ReadPositionAsync(stopping.Token);
        if (position < at.Position) state = null;
        else await FoldUpToAsync(at, position);
    }

    private async Task FoldUpToAsync(LedgerState at, long position)
    {
        if (at.Position == position) return;
        await foreach (var record in services.Store.ReadAsync(at.Position, at.Hash, stopping.Token))
        {
            at.Fold(record);
            at.Settle();
            if (at.Position == position) return;
        }

        throw new LedgerFormatException($"the tables are at {position}, the records end at {at.Position}");
    }
}

/// <summary>What the projector works with.</summary>
internal sealed record ProjectorServices(PostgresDatabase Database, LedgerStore Store, ProjectedTables Tables);
