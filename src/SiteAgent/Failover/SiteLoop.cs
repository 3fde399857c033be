using System.Threading.Channels;
using ControlPlane.Failover;

namespace ControlPlane.SiteAgent.Failover;

/// <summary>
/// Runs one site: feeds the decider with what happens, one event after the other, and has done what it decides. Nothing
/// that is done holds up the loop, so a scheduler that hangs does not keep the lease from being renewed.
/// </summary>
internal sealed class SiteLoop(SiteParts parts)
{
    private static readonly TimeSpan LongestWait = TimeSpan.FromMinutes(1);

    // Each action in flight brings one event, and the decider bounds the actions in flight.
    private readonly Channel<AgentEvent> inbox = Channel.CreateUnbounded<AgentEvent>(
        new() { SingleReader = true, AllowSynchronousContinuations = true });
    private readonly Lock gate = new();
    private readonly AgentDecider decider = new(parts.Terms with { Guarded = parts.Driver.Guards });
    private readonly long startedAt = parts.Clock.GetTimestamp();
    private Task<bool>? something;

    private TimeSpan Now => parts.Clock.GetElapsedTime(startedAt);

    public async Task RunAsync(CancellationToken cancellation)
    {
        using var actions = new SiteActions(parts, inbox.Writer, IsStillWanted);
        Carry(decider.Begin(parts.Sessions.Next(), Now));
        while (!cancellation.IsCancellationRequested)
        {
            await WaitAsync(decider.NextTick(Now) - Now, cancellation);
            while (inbox.Reader.TryRead(out var learnt)) Carry(Take(learnt));
            Carry(Take(new Ticked()));
        }

        void Carry(Seq<AgentAction> decided)
        {
            foreach (var action in decided)
            {
                if (action is NeedSession need) actions.Watch(RenewSessionAsync(need));
                else actions.Begin(action, () => Now, cancellation);
            }
        }

        async Task RenewSessionAsync(NeedSession need)
        {
            parts.Log.Happened(parts.Site, $"session over: {need.Why}");
            // Two agents of one site would take turns for ever; the one that was replaced holds back.
            await Task.Delay(parts.SessionPause, parts.Clock, cancellation);
            Seq<AgentAction> begun;
            lock (gate) begun = decider.Begin(parts.Sessions.Next(), Now);
            Carry(begun);
            inbox.Writer.TryWrite(new Ticked());
        }
    }

    private bool IsStillWanted(WorkOrder order)
    {
        lock (gate) return decider.MayStart(order, Now);
    }

    private Seq<AgentAction> Take(AgentEvent learnt)
    {
        lock (gate) return decider.Take(learnt, Now);
    }

    private async Task WaitAsync(TimeSpan longest, CancellationToken cancellation)
    {
        if (longest <= TimeSpan.Zero) longest = TimeSpan.FromMilliseconds(1);
        // While everything hangs on answers nothing is due, and there is no such long wait.
        if (longest > LongestWait) longest = LongestWait;
        using var woken = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        // The wait that time won goes on as the next one, so that waits do not pile up.
        something ??= inbox.Reader.WaitToReadAsync(cancellation).AsTask();
        await Task.WhenAny(something, Task.Delay(longest, parts.Clock, woken.Token));
        End(woken);
        cancellation.ThrowIfCancellationRequested();
        if (!something.IsCompleted) return;
        await something;
        something = null;
    }

    // At once and on this thread: the next event is not to wait for a thread of the pool.
    private static void End(CancellationTokenSource waiting) => waiting.Cancel();
}
