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
/// Decides a batch of commands on the working world and commits what it changes behind the head it was decided on. A
/// batch that loses the race is taken back, the winner's records are folded in, and it is decided again.
/// </summary>
internal sealed class BatchDecider(
    LedgerState loaded, LedgerStore store, BatchServices services, ILogger<BatchDecider> log)
{
    /// <summary>Lost races in a row before the callers are told to come back.</summary>
    private const int MaxAttempts = 20;

    /// <summary>Placements for which a snapshot waits for one more record.</summary>
    private const int PlacementsPerSnapshotRecord = 10;

    /// <summary>
    /// Records between two snapshots of a small world, so that replaying any decision folds about so many.
    /// </summary>
    public const int RecordsPerSnapshot = 5_000;

    /// <summary>Records after which there is a snapshot however soon.</summary>
    private const int MostRecordsPerSnapshot = 200_000;

    /// <summary>Least time between two snapshots.</summary>
    private static readonly TimeSpan SnapshotPause = TimeSpan.FromSeconds(5);

    private readonly LedgerState state = loaded;
    private long? saved;
    private readonly DueHolds holds = DueHolds.Of(loaded.World);
    private DateOnly? auditedOn;
    private bool mustCatchUp;
    private long sitesPublished = -1;
    private Task saving = Task.CompletedTask;
    private long snapshotPosition = loaded.Position;

    public DeclaredFleet Fleet { get; private set; } =
        new(loaded.World.Fleet, loaded.FleetPosition, loaded.Position);

    /// <summary>The policies that judge, where several sets are in force as one.</summary>
    public PolicySet Policies { get; private set; } = loaded.Law.Policies;

    public ReservationBook Reservations { get; private set; } = loaded.World.Reservations;

    /// <summary>What the ledger says about law.</summary>
    public PoliciesInForce InForce { get; private set; } = loaded.InForce;

    /// <summary>What software agents may do, and did.</summary>
    public GrantBook Grants { get; private set; } = loaded.Grants;

    /// <summary>One answer for each command, in order. Never throws for what a database or a client can do.</summary>
    public async Task<Answer[]> DecideAsync(List<Command> commands, CancellationToken cancellation)
    {
        try
        {
            for (var attempt = 1; attempt <= MaxAttempts; attempt++)
            {
                if (await TryDecideAsync(commands, cancellation) is { } answers) return answers;
                // Two servers that lose to each other in turn part ways by waiting for different times.
                await Task.Delay(TimeSpan.FromMilliseconds(Random.Shared.Next(1, 4 * attempt)), cancellation);
            }
        }
        catch (Exception lost) when (DatabaseLost.Is(lost) || lost is IOException)
        {
            mustCatchUp = true;
            LogStoreLost(log, lost.Message);
            return All(
                commands,
                new Unavailable("store-unavailable", "the database cannot be reached", TimeSpan.FromSeconds(2)));
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            return All(commands, new Unavailable("busy", "the server is stopping", TimeSpan.FromSeconds(2)));
        }
        catch (LedgerFormatException broken)
        {
            mustCatchUp = true;
            LogLedgerBroken(log, broken.Message);
            return All(
                commands,
                new Unavailable(
                    "store-unavailable", $"the ledger is broken: {broken.Message}", TimeSpan.FromSeconds(30)));
        }

        return All(commands, new Unavailable("busy", "other servers were first each time", TimeSpan.FromSeconds(1)));
    }

    /// <summary>One attempt; null when another server was first.</summary>
    private async Task<Answer[]?> TryDecideAsync(List<Command> commands, CancellationToken cancellation)
    {
        var onlyReads = commands.TrueForAll(command => command is PlanOnly or ExpireHolds or CountKnown
            or AskCellReport or SiteCommand { IsRead: true });
        if (mustCatchUp || onlyReads) await CatchUpAsync(cancellation);
        var known = await KnownKeysAsync(commands, cancellation);
        var mark = state.Mark();
        // Looked at anew for every attempt: what an earlier one rested on may be what it failed for.
        var sights = commands.Exists(command => command is SiteCommand and not AskOrders)
            ? services.Rounds.Look(await services.Sites.ReadAsync(cancellation))
            : [];
        var today = DateOnly.FromDateTime(services.Clock.GetUtcNow().UtcDateTime);
        var batch = new BatchRun(state, holds, known, services.Clock)
        {
            Engine = services.Engine, Keys = services.PolicyKeys, Reasons = services.Reasons,
            Sites = new SiteLook(services.Rounds, sights),
            AuditDue = auditedOn != today || (commands.Exists(command => command is ExpireHolds) && IsStale()),
        };
        batch.Decide(commands);
        foreach (var failure in batch.Failures) LogNotJudged(log, failure);
        if (batch.Records.Count > 0 && await CommitAsync(batch, mark, cancellation) is var answer and not Committed)
        {
            state.UndoTo(mark);
            services.Rounds.Pace.Forget();
            holds.Refill(state.World);
            mustCatchUp = true;
            if (answer is LostRace) return null;
            return batch.Answers(commands, Failure(answer));
        }

        auditedOn = today;
        state.Settle();
        if (batch.Records.Count > 0) services.Committed(batch.Records);
        Publish();
        SnapshotWhenDue();
        return batch.Answers(commands, null);
    }

    /// <summary>
    /// The state knows every key up to the head that the batch is appended behind, so no key is decided twice.
    /// </summary>
    private Task<Dictionary<(string Tenant, string Key), KnownKey>> KnownKeysAsync(
        List<Command> commands, CancellationToken cancellation) => services.Keys.FindAsync(
            state.Keys!, // the loop's state is a whole one
            commands.SelectMany(command => command switch
            {
                Place place => [place],
                CountKnown count => count.Requests,
                _ => Array.Empty<Place>(),
            }),
            cancellation);

    private Task<CommitAnswer> CommitAsync(BatchRun batch, LedgerMark mark, CancellationToken cancellation) =>
        services.Database.CommitAsync(
            async (connection, transaction, _) =>
            {
                var statements = new Statements(connection, transaction);
                LedgerStore.Append(statements, (mark.Position, mark.Hash), batch.Records);
                RefusalReasons.Add(statements, batch.Drafts);
                foreach (var end in batch.Ends) SiteStore.End(statements, end.Site, end.Renewals);
                foreach (var site in batch.Dead) SiteStore.End(statements, site);
                await statements.ExecuteAsync();
                return true;
            },
            cancellation);

    private async Task CatchUpAsync(CancellationToken cancellation)
    {
        if (await store.CatchUpAsync(state, cancellation) > 0)
        {
            holds.Refill(state.World);
            Publish();
        }

        mustCatchUp = false;
    }

    /// <summary>Position at which the work of each site last changed; null while nobody asked for any.</summary>
    public IReadOnlyDictionary<SiteId, long>? Revisions { get; private set; }

    private void Publish()
    {
        if (state.World.Sites.Changes != sitesPublished)
            (Revisions, sitesPublished) = (state.World.Sites.Revisions(), state.World.Sites.Changes);
        var since = ReferenceEquals(Fleet.Fleet, state.World.Fleet) ? Fleet.Since : state.Position;
        Fleet = new DeclaredFleet(state.World.Fleet, since, state.Position);
        (Policies, InForce) = (state.Law.Policies, state.InForce);
        (Reservations, Grants) = (state.World.Reservations, state.Grants);
    }

    /// <summary>Whether something that was found unlawful has moved since.</summary>
    private bool IsStale() => state.InForce.Findings.Values
        .Any(open => state.World.Find(open.Finding.Placement)?.Epoch != open.Finding.Epoch);

    /// <summary>Waits for a snapshot that is being saved.</summary>
    public Task FinishAsync() => saving;

    /// <summary>
    /// Writes a snapshot now and then: after a number of records, or, when many placements make it large, of records in
    /// proportion to them, so that snapshots cost each record a bounded part of its time. Saving it holds up nobody.
    /// </summary>
    private void SnapshotWhenDue()
    {
        var due = Math.Max(RecordsPerSnapshot, state.World.Placements.Count / PlacementsPerSnapshotRecord);
        if (state.Position - snapshotPosition < due || !saving.IsCompleted) return;
        // Under load a snapshot of everything for every few records would take more time than the records do.
        if (saved is { } last && services.Clock.GetElapsedTime(last) < SnapshotPause
            && state.Position - snapshotPosition < MostRecordsPerSnapshot) return;
        snapshotPosition = state.Position;
        saved = services.Clock.GetTimestamp();
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

    private static Unavailable Failure(CommitAnswer answer) => answer switch
    {
        OutcomeUnknown unknown =>
            new("outcome-unknown", $"whether the commit took is not known: {unknown.Why}", TimeSpan.FromSeconds(2)),
        CommitRefused { Reason: CommitRefusal.DiskFull } =>
            new("store-unavailable", "the database's disk is full", TimeSpan.FromSeconds(30)),
        CommitRefused refused =>
            new("store-unavailable", $"the database refused: {refused.Why}", TimeSpan.FromSeconds(2)),
        _ => throw new System.Diagnostics.UnreachableException(),
    };

    private static Answer[] All(List<Command> commands, Answer answer) => [.. commands.Select(_ => answer)];
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

/// <summary>When holds run out, soonest first; entries of holds that are gone are skipped.</summary>
internal sealed class DueHolds
{
    private readonly PriorityQueue<DecisionId, DateTimeOffset> queue = new();

    public static DueHolds Of(World world)
    {
        var holds = new DueHolds();
        holds.Refill(world);
        return holds;
    }

    public void Refill(World world)
    {
        queue.Clear();
        foreach (var placement in world.Held)
        {
            if (placement.HoldUntil is { } until) Add(placement.Id, until);
        }
    }

    public void Add(DecisionId id, DateTimeOffset until) => queue.Enqueue(id, until);

    /// <summary>Takes out the holds that have run out, in the order of their end.</summary>
    public IEnumerable<DecisionId> TakeDue(World world, DateTimeOffset now)
    {
        while (queue.TryPeek(out var id, out var until) && until <= now)
        {
            queue.Dequeue();
            if (world.Find(id) is { State: PlacementState.Held } hold && hold.HoldUntil == until) yield return id;
        }
    }
}
