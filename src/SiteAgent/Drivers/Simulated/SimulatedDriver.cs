using ControlPlane.Failover;
using ControlPlane.Workloads;

namespace ControlPlane.SiteAgent.Drivers.Simulated;

/// <summary>Drives a simulated site; what is wrong with the site shows in how it answers.</summary>
internal sealed class SimulatedDriver(SimulatedCluster cluster) : ISiteDriver
{
    public bool Guards => true;

    public async Task<SiteObservation> ObserveAsync(CancellationToken cancellation)
    {
        await ReachAsync(cancellation);
        return cluster.Observe();
    }

    public async Task<StartAnswer> StartAsync(WorkOrder order, CancellationToken cancellation)
    {
        await ReachAsync(cancellation);
        return cluster.Start(order);
    }

    public async Task StopAsync(DecisionId placement, Epoch epoch, CancellationToken cancellation)
    {
        await ReachAsync(cancellation);
        cluster.Stop(placement, epoch);
    }

    public async Task GuardAsync(TimeSpan left, CancellationToken cancellation)
    {
        await ReachAsync(cancellation);
        cluster.Guard(left);
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private async Task ReachAsync(CancellationToken cancellation)
    {
        switch (cluster.Fault)
        {
            case SimulatedFault.Dead:
                throw new SiteUnreachableException("the simulated site is dead");
            case SimulatedFault.Hung:
                await Task.Delay(Timeout.InfiniteTimeSpan, cancellation);
                break;
            default:
                break;
        }
    }
}
