using System.Buffers;
using System.Collections.Concurrent;
using System.Diagnostics;
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

    /// <summary>Commands from which on a batch is decided while the one before it is still being written.</summary>
    private const int ManyWaiting = 500;

    /// <summary>Commands of one tenant that may wait, so that there is always room for others.</summary>
    public const int MaxWaitingOfOne = MaxWaiting / 4 * 3;

    private readonly TurnQueue<Pending> queue = new(MaxWaiting, MaxWaitingOfOne);

    // By what stands for the key of a tenant.
    private readonly ConcurrentDictionary<ulong, byte> inProgress = new();

    // In the order in which they were asked. What is answered goes soon: kept until the next tick, the answers of a
    // second would outlive a collection and be moved by it.
    private readonly Queue<Asking> askings = [];
    private readonly Lock asking = new();
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
    public Fleet Fleet => decider.View.Fleet.Fleet;

    /// <summary>Who asks in the current request; the gate says it.</summary>
    public ActorScope Actors { get; } = new();

    /// <summary>Ends with the loop; before it is disposed only when a bug ended it.</summary>
    public Task Ended => running;

    /// <summary>The policies in force, as far as this server knows.</summary>
    public ControlPlane.Policies.PolicySet Policies => decider.View.Policies;

    /// <summary>What the ledger says about law, as far as this server knows.</summary>
    public PoliciesInForce InForce => decider.View.InForce;

    /// <summary>Position at which the work of each site last changed; null while nobody asked for any.</summary>
    public IReadOnlyDictionary<SiteId, long>? Revisions => decider.View.Revisions;

    /// <summary>Room that is kept for windows of time, as far as this server knows.</summary>
    public ControlPlane.Workloads.ReservationBook Reservations => decider.View.Reservations;

    /// <summary>What software agents may do, and did, as far as this server knows.</summary>
    public GrantBook Grants => decider.View.Grants;

    /// <summary>Position of the newest record that this server knows of.</summary>
    public long Position => decider.View.Fleet.UpTo;

    /// <summary>Asks something and waits for the answer, also when nobody listens any more.</summary>
    public async Task<Answer> SubmitAsync(Command command, CancellationToken cancellation) =>
        (await SubmitAsync([command], cancellation))[0];

    /// <summary>Asks several things at once; they are decided in order, and each is answered.</summary>
    public async Task<Answer[]> SubmitAsync(IReadOnlyList<Command> commands, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        if (commands.Count == 0) return [];
        var asked = new Asking(commands.Count);
        lock (asking)
        {
            while (askings.TryPeek(out var first) && first.IsAnswered) askings.Dequeue();
            askings.Enqueue(asked);
        }

        Enqueue(commands, asked);
        var answers = await asked.Answers;
        // Outside the loop, so that clients who repeat themselves hold up nobody.
        return Array.Exists(answers, answer => answer is Repeated)
            ? await repeats.FillAsync(answers, decider.View.Fleet, cancellation)
            : answers;
    }

    public async ValueTask DisposeAsync()
    {
        queue.Complete();
        await stopping.CancelAsync();
        await ticking;
        await running;
        await decider.FinishAsync();
        stopping.Dispose();
    }

    /// <summary>Whose turn a command waits for: its tenant's, else whoever asks; the server has one too.</summary>
    private QueueOwner OwnerOf(Command command) => command switch
    {
        Place place => new QueueOwner(true, place.Request.Tenant.Value),
        PlanOnly plan => new QueueOwner(true, plan.Request.Tenant.Value),
        _ => new QueueOwner(false, (command.By ?? Actors.Current)?.Subject ?? ""),
    };

    /// <summary>What is asked at once waits in one line, so that it is decided in order.</summary>
    private void Enqueue(IReadOnlyList<Command> commands, Asking asked)
    {
        var by = Actors.Current;
        var all = ArrayPool<Pending>.Shared.Rent(commands.Count);
        var count = 0;
        for (var index = 0; index < commands.Count; index++)
        {
            var command = commands[index];
            if (by is not null && command.By is null) command = command with { By = by };
            if (command is Place place && !inProgress.TryAdd(place.KeyHash, 0))
                asked.Answer(index, new KeyInProgress());
            else all[count++] = new Pending(command, asked, index);
        }

        var taken = queue.Add(OwnerOf(commands[0]), all.AsSpan(0, count));
        foreach (var pending in all.AsSpan(taken, count - taken)) Finish(pending, NotTaken());
        all.AsSpan(0, count).Clear();
        ArrayPool<Pending>.Shared.Return(all);
    }

    /// <summary>
    /// The key stays in progress until here, also when the caller has stopped waiting, and is free before the answer
    /// goes out, so that a client that repeats itself at once gets the first answer.
    /// </summary>
    private void Finish(Pending pending, Answer answer)
    {
        if (pending.Command is Place place) inProgress.TryRemove(place.KeyHash, out _);
        pending.Asked.Answer(pending.Index, answer);
    }

    private Unavailable NotTaken() => stopping.IsCancellationRequested
        ? new Unavailable("busy", "the server is stopping", TimeSpan.FromSeconds(2))
        : new Unavailable("busy", "as many commands as may are waiting already", TimeSpan.FromSeconds(1));

    private async Task RunAsync()
    {
        Task<bool>? waiting = null;
        while (true)
        {
            waiting ??= queue.WaitAsync().AsTask();
            // What cannot be written is seen to at once, also while nothing is asked.
            await Task.WhenAny(waiting, decider.Written);
            if (!waiting.IsCompleted)
            {
                await decider.LandAsync(stopping.Token);
                continue;
            }

            if (!await waiting) break;
            waiting = null;
            // Few wait for what is being written, so that more of them go with one commit.
            if (queue.Count < ManyWaiting) await decider.LandAsync(stopping.Token);
            var batch = new List<Pending>();
            queue.Take(batch, MaxBatch);
            await decider.DecideAsync(
                batch.ConvertAll(pending => pending.Command), answers => Finish(batch, answers), stopping.Token);
        }

        await decider.LandAsync(stopping.Token);
    }

    private void Finish(List<Pending> batch, Answer[] answers)
    {
        for (var index = 0; index < batch.Count; index++) Finish(batch[index], answers[index]);
    }

    /// <summary>
    /// Holds must run out also while nobody asks for anything, and other servers' records must come in. Whoever has
    /// waited too long is told so.
    /// </summary>
    private async Task TickAsync(TimeProvider clock)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1), clock);
        var ticked = Task.CompletedTask;
        try
        {
            while (await timer.WaitForNextTickAsync(stopping.Token))
            {
                GiveUp();
                if (ticked.IsCompleted) ticked = SubmitAsync(new ExpireHolds(), stopping.Token);
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
        }
    }

    /// <summary>They were asked in this order, so whoever is first in the queue has waited longest.</summary>
    private void GiveUp()
    {
        lock (asking)
        {
            while (askings.TryPeek(out var first) && (first.IsAnswered || first.Age > AnswerDeadline))
            {
                first.GiveUp(new Unavailable(
                    "outcome-unknown", "the commit takes longer than the answer may", TimeSpan.FromSeconds(2)));
                askings.Dequeue();
            }
        }
    }

    private readonly record struct Pending(Command Command, Asking Asked, int Index);

    /// <summary>What was asked together, and the answers as far as there are any.</summary>
    private sealed class Asking(int count)
    {
        private readonly TaskCompletionSource<Answer[]> done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly Answer?[] answers = new Answer?[count];
        private readonly long since = Stopwatch.GetTimestamp();
        private int left = count;

        public Task<Answer[]> Answers => done.Task;

        public bool IsAnswered => done.Task.IsCompleted;

        public TimeSpan Age => Stopwatch.GetElapsedTime(since);

        public void Answer(int index, Answer answer)
        {
            Volatile.Write(ref answers[index], answer);
            if (Interlocked.Decrement(ref left) == 0) done.TrySetResult(answers!); // all are there
        }

        /// <summary>Gives the answers that are there, and this one in place of each other.</summary>
        public void GiveUp(Answer late)
        {
            if (IsAnswered) return;
            done.TrySetResult(Array.ConvertAll(answers, answer => answer ?? late));
        }
    }
}
