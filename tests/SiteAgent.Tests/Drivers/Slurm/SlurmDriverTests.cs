using ControlPlane.Failover;
using ControlPlane.SiteAgent.Drivers;

namespace ControlPlane.SiteAgent.Tests.Drivers.Slurm;

/// <summary>Holds the driver to the contract on a real cluster, which all promises share.</summary>
public sealed class SlurmDriverTests : IAsyncLifetime
{
    private SlurmCluster? cluster;

    public async Task InitializeAsync()
    {
        if (Parts.Slurm is not null) cluster = await SlurmCluster.StartAsync(DriverBench.Pool.Value);
    }

    public async Task DisposeAsync()
    {
        if (cluster is not null) await cluster.DisposeAsync();
    }

    [SlurmTheory]
    [MemberData(nameof(DriverContract.Promises), MemberType = typeof(DriverContract))]
    public Task It_keeps_the_contract(string promise) =>
        DriverContract.HoldAsync(promise, new SlurmBench(cluster!));

    // The daemons die and the job does not: only the guard that the job itself watches can end it.
    [SlurmFact]
    public async Task Exclusive_work_ends_by_its_guard_though_the_daemons_and_the_agent_are_dead()
    {
        await using var bench = new SlurmBench(cluster!);
        var order = DriverBench.Order();
        await using (var driver = bench.Connect())
        {
            await bench.RunAsync(driver, order);
            await driver.GuardAsync(TimeSpan.FromSeconds(6), CancellationToken.None);
        }

        var beat = new Heartbeat(order);
        Assert.True(await beat.IsBeatingAsync(), "the work beats while it is guarded");
        await cluster!.KillDaemonsAsync();
        Assert.True(await beat.IsBeatingAsync(), "the work beats though the daemons are dead");
        await Task.Delay(TimeSpan.FromSeconds(6));

        Assert.False(await beat.IsBeatingAsync(), "the work beats after its guard ran out");
    }

    /// <summary>Watches the sign of life that real work gives by itself.</summary>
    private sealed class Heartbeat(WorkOrder order)
    {
        public async Task<bool> IsBeatingAsync()
        {
            var path = Path.Combine(DriverBench.Signals, WorkName.Of(order) + ".up");
            var before = File.GetLastWriteTimeUtc(path);
            await Task.Delay(TimeSpan.FromSeconds(1));
            return File.GetLastWriteTimeUtc(path) > before;
        }
    }
}
