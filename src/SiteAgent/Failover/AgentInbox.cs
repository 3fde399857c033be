using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.ExceptionServices;
using ControlPlane.Failover;

namespace ControlPlane.SiteAgent.Failover;

/// <summary>
/// Hands events to the loop of one site, in order. The loop is woken by an event or by time, and never goes on inside
/// whoever told something: it may be in the middle of what was decided.
/// </summary>
internal sealed class AgentInbox
{
    private static readonly TimeSpan LongestWait = TimeSpan.FromMinutes(1);

    // Each action in flight brings one event, and the decider bounds the actions in flight.
    private readonly ConcurrentQueue<AgentEvent> events = new();
    private Exception? met;
    private TaskCompletionSource woken = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public void Put(AgentEvent learnt)
    {
        events.Enqueue(learnt);
        Volatile.Read(ref woken).TrySetResult();
    }

    /// <summary>Ends the loop with a bug that a task met.</summary>
    public void Fail(Exception bug)
    {
        Volatile.Write(ref met, bug);
        Volatile.Read(ref woken).TrySetResult();
    }

    public bool TryTake([MaybeNullWhen(false)] out AgentEvent learnt) => events.TryDequeue(out learnt);

    public async Task WaitAsync(TimeSpan longest, TimeProvider clock, CancellationToken cancellation)
    {
        var wait = longest < TimeSpan.Zero ? TimeSpan.Zero : longest > LongestWait ? LongestWait : longest;
        var current = woken;
        using var timer = clock.CreateTimer(_ => current.TrySetResult(), null, wait, Timeout.InfiniteTimeSpan);
        await using var ended = cancellation.Register(() => current.TrySetCanceled(cancellation));
        await current.Task;
        // Also when the loop was being woken by something else just then: a loop that goes on after a bug waits for
        // ever for what the task would have told.
        if (Volatile.Read(ref met) is { } bug) ExceptionDispatchInfo.Throw(bug);
        // Renewed before the events are taken, so that none that comes from now on is slept through.
        Volatile.Write(ref woken, new(TaskCreationOptions.RunContinuationsAsynchronously));
    }
}
