using ControlPlane.Failover;
using ControlPlane.Workloads;

namespace ControlPlane.SiteAgent.Drivers;

/// <summary>
/// Drives the scheduler of one cluster. Every call may be repeated: names are made of placement and epoch, so what was
/// done already is not done again. A call whose outcome is not known throws <see cref="SiteUnreachableException"/>.
/// </summary>
internal interface ISiteDriver : IAsyncDisposable
{
    /// <summary>
    /// Whether exclusive work ends when its guard runs out though the agent, and the way to it, are gone.
    /// </summary>
    bool Guards { get; }

    /// <summary>Everything of ours that is there now, of every epoch; nothing in it is older than the call.</summary>
    Task<SiteObservation> ObserveAsync(CancellationToken cancellation);

    /// <summary>Starts work under its epoch, once; refuses an epoch older than the newest that was here.</summary>
    Task<StartAnswer> StartAsync(WorkOrder order, CancellationToken cancellation);

    /// <summary>Stops one epoch of a placement. Stopping what is not there changes nothing.</summary>
    Task StopAsync(DecisionId placement, Epoch epoch, CancellationToken cancellation);

    /// <summary>Lets exclusive work end by itself after this time, unless a later guard comes before.</summary>
    Task GuardAsync(TimeSpan left, CancellationToken cancellation);
}
