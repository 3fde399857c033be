using ControlPlane.Failover;
using ControlPlane.SiteAgent.Drivers;
using ControlPlane.SiteAgent.Drivers.Kubernetes;

namespace ControlPlane.SiteAgent.Tests.Drivers.Kubernetes;

/// <summary>Holds the driver to the contract on a real API server, with the rights that our stacks give it.</summary>
public sealed class KubernetesServerTests(KubernetesServerTests.Lent lent)
    : IClassFixture<KubernetesServerTests.Lent>
{
    [KubernetesTheory]
    [MemberData(nameof(DriverContract.Promises), MemberType = typeof(DriverContract))]
    public Task The_driver_keeps_the_contract(string promise) =>
        DriverContract.HoldAsync(promise, new Bench(lent.Cluster!));

    /// <summary>One cluster for all promises.</summary>
    public sealed class Lent : IAsyncLifetime
    {
        internal KubernetesCluster? Cluster { get; private set; }

        public async Task InitializeAsync()
        {
            if (Parts.Kubernetes is not null) Cluster = await KubernetesCluster.StartAsync();
        }

        public async Task DisposeAsync()
        {
            if (Cluster is not null) await Cluster.DisposeAsync();
        }
    }

    private sealed class Bench(KubernetesCluster cluster) : DriverBench
    {
        private readonly LossyHandler lossy = new(cluster.Handler());
        private bool killed;

        public override TimeSpan Patience => TimeSpan.FromSeconds(60);

        public override ISiteDriver Connect() => new KubernetesDriver(
            cluster.Api("agent-token", lossy),
            new() { DatedWithin = TimeSpan.FromSeconds(30) },
            TimeProvider.System);

        public override async Task<int> CountLiveAsync(WorkOrder order)
        {
            using var handler = cluster.Handler();
            var selector = $"{KubernetesNames.PlacementLabel}={KubernetesNames.Label(order.Placement)},"
                + $"{KubernetesNames.EpochLabel}={KubernetesNames.Label(order.Epoch)}";
            var pods = await cluster.Api("admin-token", handler)
                .ListAsync(KubernetesNames.AllPods, selector, CancellationToken.None);
            var live = pods.Items.Count(KubernetesView.IsLivePod);
            return (live + order.Units.Count - 1) / order.Units.Count;
        }

        public override void LoseNextReply() => lossy.LoseNext();

        public override Task FinishAsync(WorkOrder order)
        {
            cluster.Kubelet.Finish(WorkName.Of(order).ToString());
            return Task.CompletedTask;
        }

        public override Task KillSchedulerAsync()
        {
            killed = true;
            return cluster.KillAsync();
        }

        public override async ValueTask DisposeAsync()
        {
            if (killed) await cluster.BeginAsync();
            await cluster.ClearAsync();
            lossy.Dispose();
        }
    }
}
