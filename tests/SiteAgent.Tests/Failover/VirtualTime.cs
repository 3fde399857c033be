namespace ControlPlane.SiteAgent.Tests.Failover;

/// <summary>
/// Runs everything on one thread under a clock that jumps from one timer to the next, so that a day takes seconds and
/// the same run is the same each time.
/// </summary>
internal sealed class VirtualTime : TimeProvider
{
    /// <summary>More than this in one instant, and something goes round in circles.</summary>
    private const int MostSteps = 100_000;

    private readonly Queue<Action> ready = new();
    private readonly PriorityQueue<Timer, (long At, long Number)> timers = new();
    private readonly List<Task> begun = [];
    private long now;
    private long made;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() => now;

    public override DateTimeOffset GetUtcNow() => DateTimeOffset.UnixEpoch.AddYears(56).AddTicks(now);

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new Timer(this, () => callback(state));
        timer.Change(dueTime, period);
        return timer;
    }

    /// <summary>Starts something on the one thread.</summary>
    public void Begin(Func<Task> what) => ready.Enqueue(() => begun.Add(what()));

    /// <summary>Lets time pass.</summary>
    public void Pass(TimeSpan span)
    {
        var before = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(new OneThread(this));
        try
        {
            var until = now + span.Ticks;
            while (true)
            {
                Settle();
                if (!timers.TryPeek(out _, out var next) || next.At > until) break;
                var timer = timers.Dequeue();
                now = Math.Max(now, next.At);
                timer.Fire(next.Number);
            }

            now = until;
            foreach (var failed in begun.Where(task => task.IsFaulted)) failed.GetAwaiter().GetResult();
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(before);
        }
    }

    private void Settle()
    {
        for (var steps = 0; ; steps++)
        {
            if (steps > MostSteps) throw new InvalidOperationException($"time stands still at {GetUtcNow():O}");
            Action next;
            lock (ready)
            {
                if (!ready.TryDequeue(out next!)) return;
            }

            next();
        }
    }

    private sealed class OneThread(VirtualTime time) : SynchronizationContext
    {
        public override void Post(SendOrPostCallback d, object? state)
        {
            lock (time.ready) time.ready.Enqueue(() => d(state));
        }

        public override SynchronizationContext CreateCopy() => this;
    }

    private sealed class Timer(VirtualTime time, Action callback) : ITimer
    {
        private long current = -1;

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            current = ++time.made;
            if (dueTime >= TimeSpan.Zero)
                time.timers.Enqueue(this, (time.now + dueTime.Ticks, current));
            return true;
        }

        public void Fire(long number)
        {
            if (number == current) callback();
        }

        public void Dispose() => current = -1;

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
