using ControlPlane.Failover;

namespace ControlPlane.SiteAgent.Failover;

/// <summary>
/// Runs one site: feeds the decider with what happens, one event after the other, and has done what it decides. Nothing
/// that is done holds up the loop, so a scheduler that hangs does not keep the lease from being renewed.
/// </summary>
internal sealed class SiteLoop(SiteParts parts)
{
    private readonly AgentInbox inbox = new();
    private readonly Lock gate = new();
    private readonly AgentDecider decider = new(parts.Terms with { Guarded = parts.Driver.Guards });
    private readonly long startedAt = parts.Clock.GetTimestamp();

    private TimeSpan Now => parts.Clock.GetElapsedTime(startedAt);

    public async Task RunAsync(CancellationToken cancellation)
    {
        using var actions = new SiteActions(parts, inbox, IsStillWanted);
        actions.Watch(parts.Peers.RunAsync(cancellation));
        Carry(decider.Begin(parts.Sessions.Next(), Now));
        while (!cancellation.IsCancellationRequested)
        {
            await inbox.WaitAsync(decider.NextTick(Now) - Now, parts.Clock, cancellation);
            while (inbox.TryTake(out var learnt)) Carry(Take(learnt));
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
            inbox.Put(new Ticked());
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
}
