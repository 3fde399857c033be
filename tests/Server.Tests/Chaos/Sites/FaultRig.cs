using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using ControlPlane.Failover;
using ControlPlane.Server.Database;
using ControlPlane.Server.Hosting;
using ControlPlane.Server.Tests.Hosting;
using ControlPlane.SiteAgent.Tests;
using ControlPlane.SiteAgent.Tests.Failover.Faults;

namespace ControlPlane.Server.Tests.Chaos.Sites;

/// <summary>
/// A server with a private PostgreSQL on a small disk of its own, the agents of six sites in two countries as
/// processes, two of them in networks of their own, and clients that place and release all the while. Six, since four
/// of them are broken at the same time, and with more than half of all silent nobody would be taken for lost.
/// </summary>
internal sealed class FaultRig : IAsyncDisposable
{
    public static readonly TimeSpan Lease = TimeSpan.FromSeconds(3);

    /// <summary>Terms that the servers judge sites by.</summary>
    public static readonly LossTerms Terms = new() { Lease = Lease, HoldDown = TimeSpan.FromSeconds(3) };

    private const int DiskMib = 384;
    private const int Clients = 3;

    private static readonly string[] Regions = ["de-one", "de-two", "de-three", "fr-one", "fr-two", "fr-three"];
    private static readonly TimeSpan AnswerWithin = TimeSpan.FromSeconds(5);

    private readonly TestDirectory directory = new("faults");
    private readonly List<Network> networks = [];
    private readonly List<SiteWay> ways = [];
    private readonly List<(DateTime At, SiteId Site)> deaths = [];
    private readonly List<ServerProcess> retired = [];
    private readonly ConcurrentDictionary<string, int> losses = new(StringComparer.Ordinal);
    private readonly CancellationTokenSource stop = new();
    private readonly int port = FreePort();
    private IReadOnlyList<string> declared = [];
    private List<Task> sending = [];

    public ServerProcess Server { get; private set; } = null!; // there from the start on

    /// <summary>Where clients and agents are served now.</summary>
    public ServerProcess Serving { get; private set; } = null!; // there from the start on

    public List<AgentProcess> Agents { get; } = [];

    public List<TrafficClient> Traffic { get; } = [];

    /// <summary>Work that is there from the beginning to the end.</summary>
    public List<Sent> Residents { get; } = [];

    public string Clock => directory.In("offset");

    public string Disk => directory.In("disk");

    /// <summary>What every server said that ever was one, and every agent.</summary>
    public string Logs => string.Join('\n', retired.Append(Server).Distinct().Select(server => server.Errors)
        .Concat(Agents.Select(agent => agent.Log)));

    public int Acknowledged => Traffic.Sum(client => client.Acknowledged);

    public static async Task<FaultRig> StartAsync(int seed)
    {
        var rig = new FaultRig();
        try
        {
            await rig.BeginAsync(new Random(seed));
            return rig;
        }
        catch
        {
            await rig.DisposeAsync();
            throw;
        }
    }

    public AgentProcess AgentOf(string region) => Agents[Array.IndexOf(Regions, region)];

    public SiteWay WayOf(string region) => ways[Array.IndexOf(Regions, region)];

    public Network NetworkOf(string region) => networks[region == "de-one" ? 0 : 1];

    /// <summary>Remembers that everything at a site died without anybody being able to say so.</summary>
    public void Died(SiteId site) => deaths.Add((DateTime.UtcNow, site));

    /// <summary>Counts a loss of a site; gives how many there were.</summary>
    public int Lost(string region) => losses.AddOrUpdate(region, 1, (_, before) => before + 1);

    public async Task StartServerAsync()
    {
        Server = await LaunchAsync("disk/data", port);
        Serve(Server);
    }

    public void Serve(ServerProcess server) => Serving = server;

    /// <summary>Keeps a server that ended, since a client may have a request under way to it.</summary>
    public void Retire(ServerProcess server) => retired.Add(server);

    /// <summary>A second server on the same database.</summary>
    public Task<ServerProcess> StartSecondAsync()
    {
        var socket = Directory.EnumerateFiles(Disk, ".s.PGSQL.*", new EnumerationOptions
        {
            RecurseSubdirectories = true, AttributesToSkip = FileAttributes.None,
        }).First(path => !path.EndsWith(".lock", StringComparison.Ordinal));
        var database = $"Host={Path.GetDirectoryName(socket)};Username={PostgresCluster.Role};Database=control_plane";
        return LaunchAsync("second", 0, "--database", database);
    }

    public int PostgresId => int.Parse(
        File.ReadLines(Path.Combine(Disk, "data/postgres/data/postmaster.pid")).First(), CultureInfo.InvariantCulture);

    /// <summary>Lets the clients send, or go on after they were stopped.</summary>
    public void Send() => sending = Traffic.ConvertAll(
        client => Task.Run(() => client.RunAsync(() => Serving.Http, stop.Token)));

    /// <summary>Stops the clients for good.</summary>
    public async Task StopSendingAsync()
    {
        await stop.CancelAsync();
        await Task.WhenAll(sending);
    }

    /// <summary>Fails at once when a client was told something that it must not be told.</summary>
    public async Task AssertSendingAsync()
    {
        if (sending.Find(task => task.IsFaulted) is { } wrong) await wrong;
    }

    public IEnumerable<RunWatch.Said> Said() => Agents
        .SelectMany(agent => agent.Lines.Select(line => new RunWatch.Said(line.At, agent.Site, line.Line)))
        .Concat(deaths.Select(death => new RunWatch.Said(death.At, death.Site, RunWatch.Died)));

    public async Task<JsonElement> AskAsync(string path)
    {
        using var document = JsonDocument.Parse(await Serving.Http.GetStringAsync(new Uri(path, UriKind.Relative)));
        return document.RootElement.Clone();
    }

    /// <summary>Health of a site as the server tells it; empty when it does not answer.</summary>
    public async Task<string> HealthAsync(string region)
    {
        try
        {
            var sites = (await AskAsync("/v1/site-conditions")).GetProperty("sites").EnumerateArray();
            return sites.Where(site => site.GetProperty("site").GetString() == $"{region}-a")
                .Select(site => site.GetProperty("health").GetString()).FirstOrDefault() ?? "";
        }
        catch (Exception silent) when (silent is HttpRequestException or TaskCanceledException)
        {
            return "";
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (!stop.IsCancellationRequested) await stop.CancelAsync();
        foreach (var agent in Agents) await agent.DisposeAsync();
        foreach (var way in ways) await way.DisposeAsync();
        if (Server is not null) await Server.DisposeAsync();
        foreach (var server in retired) await server.DisposeAsync();
        foreach (var network in networks) network.Dispose();
        await RunAsync("umount", "--lazy", Disk);
        stop.Dispose();
        directory.Dispose();
    }

    public static async Task RunAsync(string program, params IReadOnlyList<string> arguments)
    {
        var result = await new Command(program, arguments).RunAsync(TimeSpan.FromSeconds(60), CancellationToken.None);
        Assert.True(result.Succeeded, result.Said);
    }

    private async Task BeginAsync(Random random)
    {
        Directory.CreateDirectory(Disk);
        await RunAsync("mount", "-t", "tmpfs", "-o", $"size={DiskMib}m,mode=0711", "tmpfs", Disk);
        await File.WriteAllTextAsync(Clock, "+0");
        var files = SmallFleet.Files().Where(file => !file.Path.EndsWith("-one.yaml", StringComparison.Ordinal))
            .Concat(Regions.Select(region => new ControlPlane.Files.SourceFile(
                $"regions/{region}.yaml", SmallFleet.Region(region, region[..2].ToUpperInvariant(), "acme"))));
        declared = DeclaredTree.WriteTo(directory.Path, files);
        await StartServerAsync();
        var token = await File.ReadAllTextAsync(Path.Combine(Disk, "data/identity/join.token"));
        networks.AddRange([new Network(), new Network()]);
        foreach (var region in Regions)
        {
            var network = region switch { "de-one" => networks[0], "fr-two" => networks[1], _ => null };
            var way = new SiteWay(
                network?.Here ?? "127.0.0.1", () => (Serving.Http.BaseAddress ?? Server.Http.BaseAddress!).Port);
            ways.Add(way);
            Agents.Add(new AgentProcess(new AgentStart(way.Url, new SiteId($"{region}-a"))
            {
                Network = network, Declared = directory.Path, JoinToken = token.Trim(),
            }));
        }

        for (var client = 0; client < Clients; client++) Traffic.Add(new TrafficClient($"c{client}", random.Next()));
        foreach (var country in new[] { "DE", "FR" })
        {
            for (var number = 0; number < 4; number++) Residents.Add(await ResidentAsync(country, number));
        }
    }

    private async Task<Sent> ResidentAsync(string country, int number)
    {
        var kind = number == 3 ? "sticky" : "exclusive";
        var name = $"{kind}-{country}-{number}".ToLowerInvariant();
        var sent = new Sent($"key-{name}", name, $$"""
            {
              "tenant": "residents", "workload": "{{name}}", "kind": "service", "dataClass": "public",
              "residency": ["{{country}}"], "units": 1, "runClass": "{{kind}}", "priority": 9,
              "accelerators": { "count": 2 }, "cpuMilli": 2000, "memoryMib": 2048
            }
            """);
        var until = DateTime.UtcNow.AddSeconds(60);
        Reply? reply;
        while ((reply = await sent.SendAsync(Serving.Http)) is null && DateTime.UtcNow < until) await Task.Delay(100);
        Assert.True(reply?.Status == HttpStatusCode.Created, $"{name}: {reply}");
        sent.Settle(reply!); // as its status was looked at
        return sent;
    }

    private async Task<ServerProcess> LaunchAsync(string data, int at, params IReadOnlyList<string> more)
    {
        ForgetFakedClocks();
        var server = await ServerProcess.StartAsync(
            Faketime(),
            [
                "--data", directory.In(data), "--port", $"{at}", "--log-level", "error",
                "--hold-down", $"{Terms.HoldDown.TotalSeconds:0}",
                "--lease", $"{Lease.TotalSeconds:0}", "--failback-after", "6", .. declared, .. more,
            ]);
        server.Http.Timeout = AnswerWithin;
        return server;
    }

    // The wall clock of the server's machine, that of its database too, is what a file says.
    private Dictionary<string, string> Faketime() => Parts.Slurm is not { } parts ? [] : new()
    {
        ["LD_PRELOAD"] = Readable(Path.Combine(parts, "usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1")),
        ["FAKETIME_TIMESTAMP_FILE"] = Clock,
        // The file is read once in a second and not whenever somebody asks what time it is.
        ["FAKETIME_CACHE_DURATION"] = "1",
        ["FAKETIME_DONT_FAKE_MONOTONIC"] = "1",
    };

    // What a killed process leaves there stops one of another user that is given the same number.
    private static void ForgetFakedClocks()
    {
        foreach (var left in Directory.EnumerateFiles("/dev/shm", "*faketime_*"))
        {
            if (!Directory.Exists($"/proc/{left[(left.LastIndexOf('_') + 1)..]}")) File.Delete(left);
        }
    }

    // PostgreSQL runs as somebody who may not look into root's cache.
    private string Readable(string library)
    {
        var copy = directory.In(Path.GetFileName(library));
        if (!File.Exists(copy)) File.Copy(library, copy);
        return copy;
    }

    private static int FreePort()
    {
        using var socket = new TcpListener(IPAddress.Loopback, 0);
        socket.Start();
        return ((IPEndPoint)socket.LocalEndpoint).Port;
    }
}
