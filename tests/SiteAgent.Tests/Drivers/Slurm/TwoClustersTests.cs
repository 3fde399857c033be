using ControlPlane.Failover;
using ControlPlane.SiteAgent.Drivers;
using ControlPlane.SiteAgent.Drivers.Slurm;
using ControlPlane.SiteAgent.Failover;
using ControlPlane.SiteAgent.Tests.Failover;

namespace ControlPlane.SiteAgent.Tests.Drivers.Slurm;

/// <summary>Moves real work between two real clusters on this machine, each with an agent of its own.</summary>
public sealed class TwoClustersTests
{
    private static readonly SiteId A = new("a");
    private static readonly SiteId B = new("b");

    [SlurmFact]
    public async Task A_job_survives_the_loss_of_its_cluster_by_running_on_the_other_once_and_is_drained_back()
    {
        var server = new ServerDouble(TimeProvider.System)
        {
            Lease = TimeSpan.FromSeconds(6), DesiredWait = TimeSpan.FromSeconds(5),
        };
        await using var north = await SlurmCluster.StartAsync(DriverBench.Pool.Value);
        await using var south = await SlurmCluster.StartAsync("south-h100");
        var first = DriverBench.Order();
        var agentA = new Agent(A, north, server);
        await using var agentB = new Agent(B, south, server);

        // It runs on A.
        server.Want(A, first);
        await UntilAsync("the job runs on A", () => Beats(first));

        // The controller writes down what runs some seconds later; one that dies before starts the job anew.
        await Task.Delay(TimeSpan.FromSeconds(8));

        // A dies, daemons, jobs, agent and all; its lease and the time to stop go by before B may start.
        await north.KillAsync();
        await agentA.DisposeAsync();
        await Task.Delay(server.Lease + TimeSpan.FromSeconds(5));
        var second = first with { Epoch = new(3, 8) };
        server.Want(A);
        server.Want(B, second);
        await UntilAsync("the job runs on B", () => Beats(second));
        Assert.False(Beats(first), "the job runs on A and B");

        // A comes back and knows its old job; it must not run again.
        await north.BeginAsync();
        await using var again = new Agent(A, north, server);
        await UntilAsync("A reports", () => server.Report(A) is { Nodes.Count: 2, Work.Count: 0 });
        Assert.Equal((false, true), (Beats(first), Beats(second)));

        // Back to A: first B stops and says so, then A starts.
        server.Want(B);
        await UntilAsync("B has stopped", () => server.Report(B) is { Work.Count: 0 });
        var said = DateTime.UtcNow;
        await Task.Delay(TimeSpan.FromSeconds(3));
        Assert.True(File.GetLastWriteTimeUtc(SignOf(second)) <= said, "B said that the job is gone, and it beats");
        var third = first with { Epoch = new(3, 9) };
        server.Want(A, third);
        await UntilAsync("the job is back on A", () => Beats(third));

        Assert.Equal((false, false, true), (Beats(first), Beats(second), Beats(third)));
    }

    // Work that runs touches its file five times a second.
    private static bool Beats(WorkOrder order)
    {
        var path = SignOf(order);
        return File.Exists(path) && DateTime.UtcNow - File.GetLastWriteTimeUtc(path) < TimeSpan.FromSeconds(2);
    }

    private static string SignOf(WorkOrder order) =>
        Path.Combine(DriverBench.Signals, WorkName.Of(order) + ".up");

    private static async Task UntilAsync(string what, Func<bool> holds)
    {
        var until = DateTime.UtcNow.AddSeconds(90);
        while (!holds())
        {
            Assert.True(DateTime.UtcNow < until, $"not in time: {what}");
            await Task.Delay(200);
        }
    }

    private sealed class Agent : IAsyncDisposable
    {
        private readonly string folder = Directory.CreateTempSubdirectory("cplane-agent-").FullName;
        private readonly SocketsHttpHandler handler = new();
        private readonly CancellationTokenSource stopping = new();
        private readonly SlurmDriver driver;
        private readonly Task running;

        public Agent(SiteId site, SlurmCluster cluster, ServerDouble server)
        {
            var kept = new SiteFolder(folder);
            File.WriteAllText(Path.Combine(folder, "token"), server.JoinToken);
            driver = new(
                cluster.Api(handler), cluster.Settings, new(kept, TimeProvider.System), TimeProvider.System);
            server.Forget(site);
            running = new SiteLoop(new()
            {
                Site = site,
                Driver = driver,
                Server = new(
                    new(new(server, disposeHandler: false), new("http://server/")),
                    new(site, kept, Path.Combine(folder, "token")),
                    TimeProvider.System),
                Sessions = new(kept, TimeProvider.System),
                Clock = TimeProvider.System,
                Log = new(TextWriter.Null, TimeProvider.System),
            }).RunAsync(stopping.Token);
        }

        public async ValueTask DisposeAsync()
        {
            await stopping.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
            await driver.DisposeAsync();
            handler.Dispose();
            stopping.Dispose();
            Directory.Delete(folder, recursive: true);
        }
    }
}
