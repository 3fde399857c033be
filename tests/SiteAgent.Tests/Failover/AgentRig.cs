using ControlPlane.Failover;
using ControlPlane.SiteAgent.Drivers;
using ControlPlane.SiteAgent.Drivers.Simulated;
using ControlPlane.SiteAgent.Failover;

namespace ControlPlane.SiteAgent.Tests.Failover;

/// <summary>Sets up the agent of one simulated site under virtual time, against the server double.</summary>
internal sealed class AgentRig : IDisposable
{
    public static SiteId Site { get; } = new("north");

    private readonly string folder = Directory.CreateTempSubdirectory("cplane-agent-").FullName;
    private readonly CancellationTokenSource stopping = new();

    public AgentRig()
    {
        Server = new(Time);
        Cluster = new([new(Tests.Drivers.DriverBench.Pool, 2, 8)], Time, TimeSpan.FromSeconds(1));
        File.WriteAllText(TokenFile, "join-me\n");
    }

    public VirtualTime Time { get; } = new();

    public ServerDouble Server { get; }

    public SimulatedCluster Cluster { get; }

    public StringWriter Log { get; } = new();

    /// <summary>Other sites that agents which begin from now on try to reach.</summary>
    public Seq<Peer> Peers { get; set; } = [];

    public string TokenFile => Path.Combine(folder, "token");

    /// <summary>Starts an agent; what an earlier one kept on disk is there. Gives what stops it.</summary>
    public CancellationTokenSource Begin(ISiteDriver? driver = null)
    {
        var kept = new SiteFolder(Path.Combine(folder, "state"));
        var life = CancellationTokenSource.CreateLinkedTokenSource(stopping.Token);
        var way = new ServerWay(new(Server, disposeHandler: false), new("http://server/"));
        var loop = new SiteLoop(new()
        {
            Site = Site,
            Driver = driver ?? new SimulatedDriver(Cluster),
            Server = new(way, new(Site, kept, TokenFile), Time),
            Sessions = new(kept, Time),
            Clock = Time,
            Log = new(Log, Time),
            Peers = new(Peers, Time),
            // A day has many looks; the test is about leases, not about how often it is looked.
            Terms = new() { LookEvery = TimeSpan.FromSeconds(20), RetryAfter = TimeSpan.FromSeconds(4) },
        });
        Time.Begin(() => loop.RunAsync(life.Token));
        return life;
    }

    public Seq<ObservedWork> Running => Cluster.Observe().Work;

    public void Dispose()
    {
        stopping.Cancel();
        Time.Pass(TimeSpan.FromSeconds(1));
        stopping.Dispose();
        Directory.Delete(folder, recursive: true);
    }
}
