using System.Collections.Concurrent;
using System.Threading.Channels;
using ControlPlane.Ledger;
using ControlPlane.Regions;
using ControlPlane.Server.Placements;
using Command = ControlPlane.Server.Placements.Command;

namespace ControlPlane.Server.Ledger;

/// <summary>
/// The one place where the world changes. Commands queue up, one task takes them in batches, decides them in order on
/// the working world and commits the batch at once; nobody is answered before the commit.
/// </summary>
internal sealed class DecisionLoop : IAsyncDisposable
{
    /// <summary>Commands that may wait; one more is answered busy.</summary>
    public const int MaxWaiting = 16_384;

    /// <summary>Commands decided and committed together.</summary>
    public const int MaxBatch = 8_000;

    /// <summary>How long a caller waits for a commit before it is told that the outcome is unknown.</summary>
    private static readonly TimeSpan AnswerDeadline = TimeSpan.FromSeconds(30);

    private readonly Channel<Pending> queue = Channel.CreateBounded<Pending>(
        new BoundedChannelOptions(MaxWaiting) { SingleReader = true });

    private readonly ConcurrentDictionary<(string Tenant, string Key), byte> inProgress = new();
    private readonly CancellationTokenSource stopping = new();
    private readonly BatchDecider decider;
    private readonly RepeatedAnswers repeats;
    private readonly Task running;
    private readonly Task ticking;

    public DecisionLoop(BatchDecider decider, RepeatedAnswers repeats, TimeProvider clock)
    {
        this.decider = decider;
        this.repeats = repeats;
        running = Task.Run(RunAsync);
        ticking = Task.Run(() => TickAsync(clock));
    }

    /// <summary>The newest declared fleet; what is read from it may be older than the next decision.</summary>
    public Fleet Fleet => decider.Fleet.Fleet;

    /// <summary>Who asks in the current request; the gate says it.</summary>
    public ActorScope Actors { get; } = new();

    /// <summary>Ends with the loop; before it is disposed only when a bug ended it.</summary>
    public Task Ended => running;

    /// <summary>The policies in force, as far as this server knows.</summary>
    public ControlPlane.Policies.PolicySet Policies => decider.Policies;

    /// <summary>What the ledger says about law, as far as this server knows.</summary>
    public PoliciesInForce InForce => decider.InForce;

    /// <summary>Position at which the work of each site last changed; null while nobody asked for any.</summary>
    public IReadOnlyDictionary<SiteId, long>? Revisions => decider.Revisions;

    /// <summary>Room that is kept for windows of time, as far as this server knows.</summary>
    public ControlPlane.Workloads.ReservationBook Reservations => decider.Reservations;

    /// <summary>Position of the newest record that this server knows of.</summary>
    public long Position => decider.Fleet.UpTo;

    /// <summary>Asks something and waits for the answer. Cancelling stops the waiting, never the command.</summary>
    public async Task<Answer> SubmitAsync(Command command, CancellationToken cancellation) =>
        (await SubmitAsync([command], cancellation))[0];

    /// <summary>Asks several things at once; they are decided in order, and each is answered.</summary>
    public async Task<Answer[]> SubmitAsync(IReadOnlyList<Command> commands, CancellationToken cancellation)
    {
        var waiting = new Task<Answer>[commands.Count];
        for (var index = 0; index < waiting.Length; index++) waiting[index] = Enqueue(commands[index]);
        var answers = await WithinDeadlineAsync(waiting, cancellation);
        // Outside the loop, so that clients who repeat themselves hold up nobody.
        return await repeats.FillAsync(answers, decider.Fleet, cancellation);
    }

    public async ValueTask DisposeAsync()
    {
        queue.Writer.TryComplete();
        await stopping.CancelAsync();
        await ticking;
        await running;
        await decider.FinishAsync();
        stopping.Dispose();
    }

    private Task<Answer> Enqueue(Command command)
    {
        var pending = new Pending(Actors.Current is { } by && command.By is null ? command with { By = by } : command);
        if (pending.Key is { } key && !inProgress.TryAdd(key, 0)) return Task.FromResult<Answer>(new KeyInProgress());
        if (!queue.Writer.TryWrite(pending)) Finish(pending, NotTaken());
        return pending.Answer.Task;
    }

    /// <summary>Waits once for all of them; what is not answered by then has an outcome that is not known.</summary>
    private static async Task<Answer[]> WithinDeadlineAsync(Task<Answer>[] waiting, CancellationToken cancellation)
    {
        Task all = waiting.Length == 1 ? waiting[0] : Task.WhenAll(waiting);
        try
        {
            await all.WaitAsync(AnswerDeadline, cancellation);
        }
        catch (TimeoutException)
        {
            // Told below, for each by itself.
        }

        var answers = new Answer[waiting.Length];
        for (var index = 0; index < answers.Length; index++)
        {
            answers[index] = waiting[index].IsCompleted
                ? await waiting[index]
                : new Unavailable(
                    "outcome-unknown", "the commit takes longer than the answer may", TimeSpan.FromSeconds(2));
        }

        return answers;
    }

    /// <summary>
    /// The key stays in progress until here, also when the caller has stopped waiting, and is free before the answer
    /// goes out, so that a client that repeats itself at once gets the first answer.
    /// </summary>
    private void Finish(Pending pending, Answer answer)
    {
        if (pending.Key is { } key) inProgress.TryRemove(key, out _);
        pending.Answer.SetResult(answer);
    }

    private Unavailable NotTaken() => stopping.IsCancellationRequested
        ? new Unavailable("busy", "the server is stopping", TimeSpan.FromSeconds(2))
        : new Unavailable("busy", $"{MaxWaiting} commands are waiting already", TimeSpan.FromSeconds(1));

    private async Task RunAsync()
    {
        var batch = new List<Pending>(MaxBatch);
        while (await queue.Reader.WaitToReadAsync(CancellationToken.None))
        {
            while (batch.Count < MaxBatch && queue.Reader.TryRead(out var pending)) batch.Add(pending);
            var answers = await decider.DecideAsync(batch.ConvertAll(pending => pending.Command), stopping.Token);
            for (var index = 0; index < batch.Count; index++) Finish(batch[index], answers[index]);
            batch.Clear();
        }
    }

    /// <summary>
    /// Holds must run out also while nobody asks for anything, and other servers' records must come in.
    /// </summary>
    private async Task TickAsync(TimeProvider clock)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1), clock);
        try
        {
            while (await timer.WaitForNextTickAsync(stopping.Token))
                await SubmitAsync(new ExpireHolds(), stopping.Token);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
        }
    }

    private sealed class Pending(Command command)
    {
        public Command Command => command;

        public (string Tenant, string Key)? Key =>
            command is Place place ? (place.Request.Tenant.Value, place.IdempotencyKey) : null;

        public TaskCompletionSource<Answer> Answer { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
