using ControlPlane.Files;
using ControlPlane.Regions;
using ControlPlane.SiteAgent.Drivers;
using ControlPlane.SiteAgent.Drivers.Kubernetes;
using ControlPlane.SiteAgent.Drivers.Simulated;
using ControlPlane.SiteAgent.Drivers.Slurm;
using ControlPlane.SiteAgent.Failover;

namespace ControlPlane.SiteAgent.Hosting;

/// <summary>Runs the agent of one real site, or those of all declared sites as simulated ones.</summary>
internal sealed class AgentHost(AgentOptions options, AgentLog log)
{
    private const string ServiceAccount = "/var/run/secrets/kubernetes.io/serviceaccount/";

    private static readonly TimeSpan SimulatedStart = TimeSpan.FromSeconds(2);

    /// <summary>Other sites that each simulated one tries to reach.</summary>
    private const int SimulatedPeers = 2;

    private readonly BoottimeClock clock = new();

    public async Task RunAsync(CancellationToken cancellation)
    {
        var server = options.Server ?? await UrlAsync(options.UrlFile!, cancellation);
        using var outbound = Trust.Handler(options.ServerCaFile);
        if (options.Driver == "simulated")
        {
            await RunSimulatedAsync(server, outbound, cancellation);
            return;
        }

        var site = options.Site!.Value;
        var folder = FolderOf(site);
        using var scheduler = Trust.Handler(options.SchedulerCaFile ?? InCluster("ca.crt"));
        await using var driver = DriverOf(scheduler, folder);
        using var across = new PeerWay(options.ServerCaFile);
        var peers = options.Peers.Select(peer => new Peer(peer.Key, token => across.ReachAsync(peer.Value, token)));
        var way = new ServerWay(new(outbound, disposeHandler: false), server);
        await LoopOf(site, driver, way, new(peers.ToSeq(), clock)).RunAsync(cancellation);
    }

    private async Task RunSimulatedAsync(Uri server, SocketsHttpHandler outbound, CancellationToken cancellation)
    {
        var fleet = Declared(options.DeclaredRoot!);
        var sites = fleet.Sites.Where(site => options.Site is not { } only || site.Id == only).ToDictionary(
            site => site.Id,
            site => new SimulatedCluster(PoolsOf(fleet, site), clock, SimulatedStart));
        var ring = sites.Keys.Order().ToList();
        var running = sites.Select(site =>
        {
            var way = new ServerWay(new(new CutHandler(site.Value, outbound), disposeHandler: false), server);
            var next = ring.IndexOf(site.Key);
            var peers = Enumerable.Range(next + 1, Math.Min(SimulatedPeers, ring.Count - 1))
                .Select(at => ring[at % ring.Count])
                .Select(peer => new Peer(peer, _ => ReachAsync(sites[peer])));
            return LoopOf(site.Key, new SimulatedDriver(site.Value), way, new(peers.ToSeq(), clock))
                .RunAsync(cancellation);
        }).ToList();
        if (options.FaultsFolder is { } faults) running.Add(new FaultWatch(faults, sites).RunAsync(cancellation));
        // A loop that ends by itself has met a bug.
        await await Task.WhenAny(running);
    }

    /// <summary>A building that is lost is reached by nobody; one that is only cut off from the server is.</summary>
    private static Task ReachAsync(SimulatedCluster cluster) => cluster.Fault == SimulatedFault.Dead
        ? throw new SiteUnreachableException("the simulated site is dead")
        : Task.CompletedTask;

    private SiteLoop LoopOf(SiteId site, ISiteDriver driver, ServerWay way, PeerWatch peers)
    {
        var folder = FolderOf(site);
        return new(new()
        {
            Site = site,
            Cluster = options.Cluster,
            Driver = driver,
            Server = new(way, new(site, folder, options.JoinTokenFile), clock),
            Sessions = new(folder, clock),
            Clock = clock,
            Log = log,
            Peers = peers,
        });
    }

    private ISiteDriver DriverOf(HttpMessageHandler scheduler, SiteFolder folder)
    {
        if (options.Driver == "slurm")
        {
            var slurm = new HttpClient(scheduler, disposeHandler: false) { BaseAddress = options.SchedulerUrl };
            var api = new SlurmApi(slurm, options.SchedulerUser!, () => TokenOf(options.SchedulerTokenFile!));
            var settings = new SlurmSettings { User = options.SchedulerUser!, SharedFolder = options.SharedFolder };
            return new SlurmDriver(api, settings, new(folder, clock), clock);
        }

        var tokenFile = options.SchedulerTokenFile ?? InCluster("token");
        var kubernetes = new HttpClient(scheduler, disposeHandler: false)
        {
            BaseAddress = options.SchedulerUrl ?? new Uri("https://kubernetes.default.svc/"),
            Timeout = Timeout.InfiniteTimeSpan,
        };
        return new KubernetesDriver(new(kubernetes, () => tokenFile is null ? null : TokenOf(tokenFile)), new(), clock);
    }

    private SiteFolder FolderOf(SiteId site) => new(Path.Combine(options.StateFolder, site.Value));

    private static string? InCluster(string name) => File.Exists(ServiceAccount + name) ? ServiceAccount + name : null;

    private static string TokenOf(string file) => File.ReadAllText(file).Trim();

    private static Seq<SimulatedPool> PoolsOf(Fleet fleet, FleetSite site) => fleet.Pools
        .Where(pool => pool.Site.Id == site.Id)
        .Select(pool => new SimulatedPool(pool.Id, pool.Nodes, pool.Spec.AcceleratorsPerNode))
        .ToSeq();

    private static Fleet Declared(string root)
    {
        var files = TreeReader.Read(root, "regions");
        if (!files.IsValid) throw new AgentRefusedException(files.Problems[0].ToString());
        var fleet = RegionFiles.Parse(files.Value.Files);
        return fleet.IsValid ? fleet.Value : throw new AgentRefusedException(fleet.Problems[0].ToString());
    }

    private static async Task<Uri> UrlAsync(string file, CancellationToken cancellation)
    {
        while (!File.Exists(file)) await Task.Delay(TimeSpan.FromMilliseconds(200), cancellation);
        return new(File.ReadAllText(file).Trim().TrimEnd('/') + "/");
    }
}
