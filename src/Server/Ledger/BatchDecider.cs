using ControlPlane.Capacity;
using ControlPlane.Failover;
using ControlPlane.Ledger;
using ControlPlane.Placements;
using ControlPlane.Policies;
using ControlPlane.Server.Cells;
using ControlPlane.Server.Database;
using ControlPlane.Server.Failover;
using ControlPlane.Server.Placements;
using ControlPlane.Workloads;
using Command = ControlPlane.Server.Placements.Command;
using static ControlPlane.Server.Hosting.LogLines;

namespace ControlPlane.Server.Ledger;

/// <summary>
/// Decides batches of commands on the working world and commits what they change behind the head they were decided on.
/// A batch that loses the race is taken back, the winner's records are folded in, and it is decided again. While one
/// batch is being written, the next may be decided on it already; it is written when that one is durable, and goes with
/// it otherwise.
/// </summary>
internal sealed class BatchDecider(
    LedgerState loaded, LedgerStore store, BatchServices services, ILogger<BatchDecider> log)
{
    /// <summary>Lost races in a row before the callers are told to come back.</summary>
    private const int MaxAttempts = 20;

    private static readonly Task never = new TaskCompletionSource().Task;

    private readonly LedgerState state = loaded;
    private readonly SnapshotSaver snapshots = new(store, loaded.Position, services.Clock, log);
    private readonly DecisionIds ids = new();
    private readonly DueHolds holds = DueHolds.Of(loaded.World);
    private DateOnly? auditedOn;
    private bool mustCatchUp;
    private long sitesSeen = -1;
    private BatchInFlight? flying;

    // One batch is written at a time, each in the same memory.
    private readonly CanonicalWriter body = new();

    /// <summary>What is durable, as far as this server knows.</summary>
    public LedgerView View { get; private set; } = LedgerView.Of(loaded, null);

    /// <summary>Ends when what is being written is written, or cannot be; never while nothing is.</summary>
    public Task Written => flying?.Commit ?? never;

    /// <summary>
    /// Decides a batch and begins to write it; it is answered, one answer for each command in order, as soon as it is
    /// durable. Never throws for what a database or a client can do.
    /// </summary>
    public async Task DecideAsync(List<Command> commands, Action<Answer[]> answer, CancellationToken cancellation)
    {
        if (!MayGoAhead(commands)) await LandAsync(cancellation);
        var batch = await DraftAsync(commands, answer, cancellation);
        // What was decided on records that did not land went with them.
        if (batch is not null && !await LandedAsync(cancellation, batch.Start))
            batch = await DraftAsync(commands, answer, cancellation);
        if (batch is null) return;
        if (batch.Run.Records.Count == 0)
        {
            AnswerAtOnce(batch);
            return;
        }

        var after = Look();
        // On another thread: the next batch may be decided meanwhile.
        var written = Task.Run(() => WriteAsync(batch, after, cancellation), CancellationToken.None);
        flying = new BatchInFlight(batch, written);
    }

    /// <summary>Waits until what was being written is, or was answered otherwise.</summary>
    public async Task LandAsync(CancellationToken cancellation)
    {
        await LandedAsync(cancellation);
        snapshots.SaveWhenDue(state);
    }

    /// <summary>Waits for a snapshot that is being saved.</summary>
    public Task FinishAsync() => snapshots.FinishAsync();

    /// <summary>
    /// Whether a batch may be decided on one that is not durable yet: only requests for places and what is read beside
    /// them, because what they are answered waits for both, and nothing else comes of them before.
    /// </summary>
    private bool MayGoAhead(List<Command> commands) =>
        flying is { Batch.PlacesOrReads: true } && DraftedBatch.ArePlacesOrReads(commands)
        && !mustCatchUp && auditedOn == Today && !snapshots.IsDue(state);

    private DateOnly Today => DateOnly.FromDateTime(services.Clock.GetUtcNow().UtcDateTime);

    /// <summary>
    /// Waits for what is being written; nothing to wait for is as good. False when it was taken back, with all that was
    /// decided on it, and then decided anew or answered without.
    /// </summary>
    /// <param name="cancellation">Ends with the server.</param>
    /// <param name="next">The state before what was decided on it; null when nothing was.</param>
    private async Task<bool> LandedAsync(CancellationToken cancellation, LedgerMark? next = null)
    {
        if (flying is not { } landing) return true;
        var answer = await landing.Commit;
        flying = null;
        if (answer is Committed)
        {
            Settle(landing.Batch, next);
            return true;
        }

        await RepeatAsync(landing.Batch, answer, cancellation);
        return false;
    }

    /// <summary>Takes a batch back that did not land, and decides it again if another server was first.</summary>
    private async Task RepeatAsync(DraftedBatch batch, CommitAnswer answer, CancellationToken cancellation)
    {
        for (var attempt = 1; ; attempt++)
        {
            TakeBack(batch.Start);
            if (answer is not LostRace || attempt == MaxAttempts)
            {
                batch.Answer(batch.Run.Answers(batch.Commands, Failure(answer)));
                return;
            }

            // Two servers that lose to each other in turn part ways by waiting for different times.
            await Task.Delay(TimeSpan.FromMilliseconds(Random.Shared.Next(1, 4 * attempt)), CancellationToken.None);
            if (await DraftAsync(batch.Commands, batch.Answer, cancellation) is not { } again) return;
            batch = again;
            if (batch.Run.Records.Count == 0)
            {
                AnswerAtOnce(batch);
                return;
            }

            answer = await WriteAsync(batch, Look(), cancellation);
            if (answer is not Committed) continue;
            Settle(batch);
            return;
        }
    }

    /// <summary>Decides a batch on the working world; null when it could not be and was answered so.</summary>
    private async Task<DraftedBatch?> DraftAsync(
        List<Command> commands, Action<Answer[]> answer, CancellationToken cancellation)
    {
        LedgerMark? start = null;
        Unavailable failure;
        try
        {
            var onlyReads = commands.TrueForAll(command => command is PlanOnly or ExpireHolds or CountKnown
                or AskCellReport or SiteCommand { IsRead: true });
            if (mustCatchUp || onlyReads) await CatchUpAsync(cancellation);
            var known = await KnownKeysAsync(commands, cancellation);
            // Looked at anew for every attempt: what an earlier one rested on may be what it failed for.
            var sights = commands.Exists(command => command is SiteCommand and not AskOrders)
                ? services.Rounds.Look(await services.Sites.ReadAsync(cancellation))
                : [];
            var today = Today;
            start = state.Mark();
            var run = new BatchRun(state, holds, known, services.Clock)
            {
                Engine = services.Engine, Keys = services.PolicyKeys, Reasons = services.Reasons, Ids = ids,
                Sites = new SiteLook(services.Rounds, sights),
                AuditDue = auditedOn != today || (commands.Exists(command => command is ExpireHolds) && IsStale()),
            };
            run.Decide(commands);
            foreach (var bug in run.Failures) LogNotJudged(log, bug);
            return new DraftedBatch(commands, answer, run) { Start = start, Day = today };
        }
        catch (Exception lost) when (DatabaseLost.Is(lost) || lost is IOException)
        {
            LogStoreLost(log, lost.Message);
            failure = new("store-unavailable", "the database cannot be reached", TimeSpan.FromSeconds(2));
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            failure = new("busy", "the server is stopping", TimeSpan.FromSeconds(2));
        }
        catch (LedgerFormatException broken)
        {
            LogLedgerBroken(log, broken.Message);
            failure = new(
                "store-unavailable", $"the ledger is broken: {broken.Message}", TimeSpan.FromSeconds(30));
        }

        if (start is not null) TakeBack(start);
        mustCatchUp = true;
        answer([.. commands.Select(_ => failure)]);
        return null;
    }

    /// <summary>
    /// The state knows every key up to the head that the batch is appended behind, so no key is decided twice. What is
    /// being written cannot be read yet; a key of it is in progress, so only another one with its hash waits here.
    /// </summary>
    private async Task<Dictionary<(string Tenant, string Key), KnownKey>> KnownKeysAsync(
        List<Command> commands, CancellationToken cancellation)
    {
        var requests = commands.SelectMany(command => command switch
        {
            Place place => [place],
            CountKnown count => count.Requests,
            _ => Array.Empty<Place>(),
        });
        var durable = flying?.Batch.Start.Position ?? state.Position;
        if (await services.Keys.FindAsync((state.Keys!, durable), requests, cancellation) is { } known) return known;
        await LandedAsync(cancellation);
        // The loop's state is a whole one, and all of it is durable now.
        return (await services.Keys.FindAsync((state.Keys!, state.Position), requests, cancellation))!;
    }

    /// <summary>Writes a batch and, when that took, lets everybody know.</summary>
    private async Task<CommitAnswer> WriteAsync(DraftedBatch batch, LedgerView after, CancellationToken cancellation)
    {
        var answer = await CommitAsync(batch, cancellation);
        if (answer is not Committed) return answer;
        services.Committed(batch.Run.Records);
        View = after;
        batch.Answer(batch.Run.Answers(batch.Commands, null));
        return answer;
    }

    private async Task<CommitAnswer> CommitAsync(DraftedBatch batch, CancellationToken cancellation)
    {
        try
        {
            return await services.Database.CommitAsync(
                async (connection, transaction, _) =>
                {
                    var statements = new Statements(connection, transaction);
                    LedgerStore.Append(
                        statements, (batch.Start.Position, batch.Start.Hash), batch.Run.Records, body);
                    RefusalReasons.Add(statements, batch.Run.Drafts);
                    foreach (var end in batch.Run.Ends) SiteStore.End(statements, end.Site, end.Renewals);
                    foreach (var site in batch.Run.Dead) SiteStore.End(statements, site);
                    await statements.ExecuteAsync();
                    return true;
                },
                cancellation);
        }
        catch (Exception lost) when (DatabaseLost.Is(lost) || lost is IOException)
        {
            LogStoreLost(log, lost.Message);
            // It may have been lost after the commit.
            return new OutcomeUnknown(lost.Message);
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            return new CommitRefused(CommitRefusal.Stopping, "the server is stopping");
        }
    }

    /// <summary>Answers a batch that changed nothing.</summary>
    private void AnswerAtOnce(DraftedBatch batch)
    {
        Settle(batch);
        View = Look();
        batch.Answer(batch.Run.Answers(batch.Commands, null));
    }

    /// <summary>A batch is durable, and is not taken back any more; what was decided on it still may be.</summary>
    private void Settle(DraftedBatch batch, LedgerMark? next = null)
    {
        auditedOn = batch.Day;
        if (next is null) state.Settle();
        else state.Settle(next);
    }

    private void TakeBack(LedgerMark start)
    {
        state.UndoTo(start);
        services.Rounds.Pace.Forget();
        holds.Refill(state.World);
        (mustCatchUp, sitesSeen) = (true, -1);
    }

    private async Task CatchUpAsync(CancellationToken cancellation)
    {
        await store.CatchUpAsync(state, cancellation);
        // Also when it broke off the last time, after some records.
        if (state.Position != View.Fleet.UpTo)
        {
            holds.Refill(state.World);
            View = Look();
        }

        mustCatchUp = false;
    }

    /// <summary>What there is to know of the state as it is now.</summary>
    private LedgerView Look()
    {
        var sites = state.World.Sites.Changes;
        var look = LedgerView.Of(state, View, sites != sitesSeen);
        sitesSeen = sites;
        return look;
    }

    /// <summary>Whether something that was found unlawful has moved since.</summary>
    private bool IsStale() => state.InForce.Findings.Values
        .Any(open => state.World.Find(open.Finding.Placement)?.Epoch != open.Finding.Epoch);

    private static Unavailable Failure(CommitAnswer answer) => answer switch
    {
        LostRace => new("busy", "other servers were first each time", TimeSpan.FromSeconds(1)),
        OutcomeUnknown unknown =>
            new("outcome-unknown", $"whether the commit took is not known: {unknown.Why}", TimeSpan.FromSeconds(2)),
        CommitRefused { Reason: CommitRefusal.Stopping } stopped => new("busy", stopped.Why, TimeSpan.FromSeconds(2)),
        CommitRefused { Reason: CommitRefusal.DiskFull } =>
            new("store-unavailable", "the database's disk is full", TimeSpan.FromSeconds(30)),
        CommitRefused refused =>
            new("store-unavailable", $"the database refused: {refused.Why}", TimeSpan.FromSeconds(2)),
        _ => throw new System.Diagnostics.UnreachableException(),
    };
}

/// <summary>What a batch needs beside the state and the ledger.</summary>
internal sealed record BatchServices(PostgresDatabase Database, IdempotencyStore Keys, TimeProvider Clock)
{
    /// <summary>What the database has of sites.</summary>
    public SiteStore Sites { get; } = new(Database);

    /// <summary>Why requests were refused.</summary>
    public RefusalReasons Reasons { get; } = new(Database);

    /// <summary>How sites are judged.</summary>
    public SiteRounds Rounds { get; init; } = new(new LossTerms(), Clock);

    /// <summary>What decides; the placer, except where a test shows what a failing one leads to.</summary>
    public DecisionEngine Engine { get; init; } = Admission.Decide;

    /// <summary>Is told of every batch of records that is durable, in order.</summary>
    public Action<List<LedgerRecord>> Committed { get; init; } = _ => { };

    /// <summary>Whose approval policies need; nobody's when there are no keys.</summary>
    public PolicyKeys PolicyKeys { get; init; } = PolicyKeys.None;
}

/// <summary>Decides a request on a world under a law at an instant.</summary>
internal delegate PlacementDecision DecisionEngine(World world, Law law, PlacementRequest request, DateTimeOffset asOf);
