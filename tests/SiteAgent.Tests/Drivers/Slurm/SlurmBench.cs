using ControlPlane.Failover;
using ControlPlane.SiteAgent.Drivers;
using ControlPlane.SiteAgent.Drivers.Slurm;
using ControlPlane.SiteAgent.Failover;
using ControlPlane.SiteAgent.Tests.Drivers.Kubernetes;

namespace ControlPlane.SiteAgent.Tests.Drivers.Slurm;

/// <summary>Lends a running Slurm cluster to the contract; the agent's folder is new for each promise.</summary>
internal sealed class SlurmBench(SlurmCluster cluster) : DriverBench
{
    private readonly LossyHandler lossy = new(new SocketsHttpHandler());
    private readonly string folder = Directory.CreateTempSubdirectory("cplane-agent-").FullName;
    private bool killed;

    public override TimeSpan Patience => TimeSpan.FromSeconds(60);

    public override ISiteDriver Connect() => new SlurmDriver(
        cluster.Api(lossy), cluster.Settings, new(new SiteFolder(folder), TimeProvider.System), TimeProvider.System);

    public override async Task<int> CountLiveAsync(WorkOrder order)
    {
        using var handler = new SocketsHttpHandler();
        var jobs = SlurmView.Jobs(await cluster.Api(handler).JobsAsync(CancellationToken.None));
        return jobs.Count(job => job.Name == WorkName.Of(order) && job.Status is WorkStatus.Running);
    }

    public override void LoseNextReply() => lossy.LoseNext();

    public override Task<bool> ActsAsync(WorkOrder order) => Task.FromResult(File.Exists(SignalOf(order) + ".up"));

    public override Task FinishAsync(WorkOrder order)
    {
        File.WriteAllText(SignalOf(order), "");
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
        lossy.Dispose();
        Directory.Delete(folder, recursive: true);
    }

    private static string SignalOf(WorkOrder order) => Path.Combine(Signals, WorkName.Of(order).ToString());
}
