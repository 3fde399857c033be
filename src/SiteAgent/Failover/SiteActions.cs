using System.Diagnostics;
using ControlPlane.Failover;
using ControlPlane.SiteAgent.Drivers;

namespace ControlPlane.SiteAgent.Failover;

/// <summary>
/// Does what was decided for one site, each thing in a task of its own, and tells how it went. What fails is told as
/// such and decided again; at most <see cref="MostAtOnce"/> starts and stops are with the scheduler at a time.
/// </summary>
internal sealed class SiteActions(
    SiteParts parts, AgentInbox inbox, Func<WorkOrder, bool> isStillWanted) : IDisposable
{
    private const int MostAtOnce = 16;

    private readonly SemaphoreSlim atScheduler = new(MostAtOnce);
    private SiteObservation? seen;
    private long seenAt;
    private string? driverTrouble;
    private Task<bool> guarding = Task.FromResult(true);
    private readonly Dictionary<string, string> said = [];

    /// <summary>Begins an action; it never throws and always tells.</summary>
    public void Begin(AgentAction action, Func<TimeSpan> now, CancellationToken cancellation)
    {
        Watch(action switch
        {
            SendRenew renew => RenewAsync(renew, cancellation),
            AskDesired ask => DesireAsync(ask, cancellation),
            SendReport report => ReportAsync(report, cancellation),
            LookAtWork look => LookAsync(look, cancellation),
            StartWork start => StartAsync(start.Order, cancellation),
            StopWork stop => StopAsync(stop, cancellation),
            GuardWork guard => guarding = GuardAsync(guarding, guard.Until - now(), cancellation),
            _ => throw new UnreachableException(action.GetType().Name),
        });
    }

    /// <summary>Lets a bug in a task end the loop instead of leaving it waiting for ever.</summary>
    public void Watch(Task task) => _ = task.ContinueWith(
        failed => inbox.Fail(failed.Exception!.InnerException!),
        CancellationToken.None,
        TaskContinuationOptions.OnlyOnFaulted,
        TaskScheduler.Default);

    public void Dispose() => atScheduler.Dispose();

    private async Task RenewAsync(SendRenew renew, CancellationToken cancellation)
    {
        var answer = await parts.Server.RenewAsync(renew.Request, cancellation);
        Say("lease", answer is null ? $"lease not renewed: {parts.Server.Trouble}" : "lease renewed");
        if (answer is not null) inbox.Put(new RenewAnswered(answer));
    }

    private async Task DesireAsync(AskDesired ask, CancellationToken cancellation)
    {
        var answer = await parts.Server.DesiredAsync(ask, parts.Terms.DesiredWait, cancellation);
        inbox.Put(answer is null ? new DesiredFailed(ask.Session) : new DesiredArrived(Mine(answer)));
    }

    // Another cluster of the site has an agent of its own for its units.
    private DesiredWork Mine(DesiredWork all) => parts.Cluster is not { } mine
        ? all
        : all with
        {
            Orders = all.Orders
                .Where(order => order.Units.Any(unit => unit.Cluster == mine))
                .Select(order => order with { Units = order.Units.Where(unit => unit.Cluster == mine).ToSeq() })
                .ToSeq(),
            Removed = all.Full ? [] : all.Orders
                .Where(order => order.Units.All(unit => unit.Cluster != mine))
                .Select(order => order.Placement)
                .Concat(all.Removed)
                .ToSeq(),
        };

    private async Task ReportAsync(SendReport send, CancellationToken cancellation)
    {
        var report = send.Report with
        {
            Nodes = seen?.Nodes ?? [],
            Signals =
            [
                new()
                {
                    Site = parts.Site,
                    Source = SignalSource.Driver,
                    Healthy = driverTrouble is null && seen is { Healthy: true },
                    ConfidencePercent = driverTrouble is null ? seen?.ConfidencePercent ?? 0 : 90,
                    AgeMilliseconds = seen is null ? 0 : (long)parts.Clock.GetElapsedTime(seenAt).TotalMilliseconds,
                    Detail = driverTrouble ?? seen?.Detail,
                },
                .. parts.Peers.Signals(),
            ],
        };
        inbox.Put(new ReportAnswered(await parts.Server.ReportAsync(report, cancellation)));
    }

    private async Task LookAsync(LookAtWork look, CancellationToken cancellation)
    {
        SiteObservation? observed = null;
        if (!await AtSchedulerAsync(async within => observed = await parts.Driver.ObserveAsync(within), cancellation))
        {
            inbox.Put(new WorkNotSeen(look.Look));
            return;
        }

        (seen, seenAt) = (observed, parts.Clock.GetTimestamp());
        inbox.Put(new WorkSeen(look.Look, observed!.Work));
    }

    private async Task StartAsync(WorkOrder order, CancellationToken cancellation)
    {
        await atScheduler.WaitAsync(cancellation);
        StartAnswer? answer = null;
        // Exclusive work without a guard would outlive its lease.
        if (await guarding && isStillWanted(order))
            await AtSchedulerAsync(async within => answer = await parts.Driver.StartAsync(order, within), cancellation);
        atScheduler.Release();
        Tell(answer is Started, answer switch
        {
            Started => $"started {order.Tenant}/{order.Workload} epoch {order.Epoch}",
            RefusedOlder refused => $"refused {order.Placement} epoch {order.Epoch}: {refused.Newest} was here",
            OlderStopping older => $"waiting for {order.Placement} epoch {older.Older} to stop",
            _ => $"not started {order.Placement}: {driverTrouble ?? "the lease is over"}",
        });
        if (answer is not Started) await PauseAsync(cancellation);
        inbox.Put(new WorkActed(order.Placement, order.Epoch));
    }

    private async Task StopAsync(StopWork stop, CancellationToken cancellation)
    {
        await atScheduler.WaitAsync(cancellation);
        var done = await AtSchedulerAsync(
            within => parts.Driver.StopAsync(stop.Placement, stop.Epoch, within), cancellation);
        atScheduler.Release();
        Tell(done, $"{(done ? "stopped" : "not stopped")} {stop.Placement} epoch {stop.Epoch}");
        if (!done) await PauseAsync(cancellation);
        inbox.Put(new WorkActed(stop.Placement, stop.Epoch));
    }

    // What could not be done is looked at and decided again at once when it is told; so it is told after a while.
    private Task PauseAsync(CancellationToken cancellation) =>
        Task.Delay(parts.Terms.RetryAfter, parts.Clock, cancellation);

    private async Task<bool> GuardAsync(Task<bool> before, TimeSpan left, CancellationToken cancellation)
    {
        var since = parts.Clock.GetTimestamp();
        await before;
        var still = left - parts.Clock.GetElapsedTime(since);
        if (still < TimeSpan.Zero) still = TimeSpan.Zero;
        return await AtSchedulerAsync(within => parts.Driver.GuardAsync(still, within), cancellation);
    }

    /// <summary>Speaks to the scheduler; false when it gave no answer in time or failed.</summary>
    private async Task<bool> AtSchedulerAsync(Func<CancellationToken, Task> call, CancellationToken cancellation)
    {
        using var limit = new CancellationTokenSource(parts.DriverWithin, parts.Clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellation);
        try
        {
            await call(either.Token);
            if (driverTrouble is not null) Say("scheduler", "scheduler: answers again");
            driverTrouble = null;
            return true;
        }
        catch (SiteUnreachableException unreachable)
        {
            driverTrouble = unreachable.Message;
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            driverTrouble = "the scheduler did not answer in time";
        }

        Say("scheduler", $"scheduler: {driverTrouble}");
        return false;
    }

    // What was done is told each time: a second start of what died between is something else than the first.
    private void Tell(bool done, string what)
    {
        if (done) parts.Log.Happened(parts.Site, what);
        else Say("work", what);
    }

    // The same word again and again says nothing; a change does.
    private void Say(string about, string what)
    {
        lock (said)
        {
            if (said.TryGetValue(about, out var last) && last == what) return;
            said[about] = what;
        }

        parts.Log.Happened(parts.Site, what);
    }
}
