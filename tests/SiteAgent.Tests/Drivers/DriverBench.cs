using ControlPlane.Failover;
using ControlPlane.SiteAgent.Drivers;
using ControlPlane.SiteAgent.Drivers.Simulated;
using ControlPlane.Workloads;

namespace ControlPlane.SiteAgent.Tests.Drivers;

/// <summary>Sets up one scheduler for the contract, and looks at it past the driver.</summary>
internal abstract class DriverBench : IAsyncDisposable
{
    /// <summary>A pool of the scheduler that has at least two nodes.</summary>
    public static NodePoolId Pool { get; } = new("north-h100");

    public static ClusterId Cluster { get; } = new("north-cluster");

    /// <summary>A folder in which a file with the name of real work tells it to end.</summary>
    public static string Signals { get; } = Directory.CreateTempSubdirectory("cplane-work-").FullName;

    /// <summary>How long something that is to happen may take; it is polled for.</summary>
    public virtual TimeSpan Patience => TimeSpan.FromSeconds(30);

    /// <summary>A new driver that knows nothing of what earlier ones did, as after a restart of the agent.</summary>
    public abstract ISiteDriver Connect();

    /// <summary>Copies of this epoch that can act now, as the scheduler itself counts them.</summary>
    public abstract Task<int> CountLiveAsync(WorkOrder order);

    /// <summary>Lets the next change take effect and its answer get lost.</summary>
    public abstract void LoseNextReply();

    /// <summary>Makes a driver's scheduler not answer any more.</summary>
    public abstract Task KillSchedulerAsync();

    /// <summary>Lets the work of this order come to its end by itself.</summary>
    public abstract Task FinishAsync(WorkOrder order);

    /// <summary>Lets time pass for the scheduler.</summary>
    public virtual Task PassAsync(TimeSpan span) => Task.Delay(span);

    public abstract ValueTask DisposeAsync();

    public static async Task<ObservedWork?> SeenAsync(ISiteDriver driver, WorkOrder order)
    {
        var seen = await driver.ObserveAsync(CancellationToken.None);
        return seen.Work.SingleOrDefault(work => work.Placement == order.Placement && work.Epoch == order.Epoch);
    }

    /// <summary>Asks until the answer is right or patience ends.</summary>
    public async Task UntilAsync(string what, Func<Task<bool>> holds)
    {
        var until = TimeProvider.System.GetUtcNow() + Patience;
        while (!await holds())
        {
            if (TimeProvider.System.GetUtcNow() > until) Assert.Fail($"not within {Patience}: {what}");
            await PassAsync(TimeSpan.FromMilliseconds(100));
        }
    }

    /// <summary>Whether real work gave a sign of life by itself.</summary>
    public virtual Task<bool> ActsAsync(WorkOrder order) => Task.FromResult(true);

    /// <summary>Starts work under a guard that is put off, as an agent does it, and waits until it runs.</summary>
    public async Task RunAsync(ISiteDriver driver, WorkOrder order)
    {
        await driver.GuardAsync(TimeSpan.FromMinutes(5), CancellationToken.None);
        Assert.Equal(new Started(), await driver.StartAsync(order, CancellationToken.None));
        await UntilAsync("the work runs", async () =>
        {
            await driver.GuardAsync(TimeSpan.FromMinutes(5), CancellationToken.None);
            return await SeenAsync(driver, order) is { Status: WorkStatus.Running } && await ActsAsync(order);
        });
    }

    public static WorkOrder Order(
        RunClass runClass = RunClass.Exclusive, WorkloadKind kind = WorkloadKind.Batch) => new()
    {
        Placement = new(Guid.NewGuid()),
        Epoch = new(3, 7),
        Tenant = new("klinik-nord"),
        Workload = "triage",
        Kind = kind,
        RunClass = runClass,
        DataClass = new("health"),
        Priority = 100,
        Accelerators = 2,
        AcceleratorShareMilli = 0,
        CpuMilli = 2000,
        MemoryMib = 512,
        // Simulated work ends after a while, real work when a file of its name appears.
        Labels =
        [
            new(SimulatedCluster.SecondsLabel, "45"),
            new(WorkName.CommandLabel, $"f={Signals}/$CPLANE_WORK; until [ -e $f ]; do touch $f.up; sleep 0.2; done"),
        ],
        Units = [new() { Ordinal = 0, Cluster = Cluster, NodePool = Pool, Node = 0, Devices = [0, 1] }],
    };
}
