using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using ControlPlane.SiteAgent.Drivers.Slurm;

namespace ControlPlane.SiteAgent.Tests.Drivers.Slurm;

/// <summary>Runs a real Slurm cluster in a process namespace: munged, slurmctld, two slurmd and slurmrestd.</summary>
internal sealed class SlurmCluster : IAsyncDisposable
{
    private readonly string folder;
    private readonly string pool;
    private readonly int port;
    private Process? process;

    private SlurmCluster(string pool)
    {
        this.pool = pool;
        folder = Directory.CreateTempSubdirectory("cplane-slurm-").FullName;
        port = FreePorts();
    }

    public string Shared => Path.Combine(folder, "shared");

    public SlurmSettings Settings => new() { User = "root", SharedFolder = Shared };

    public static async Task<SlurmCluster> StartAsync(string pool)
    {
        var cluster = new SlurmCluster(pool);
        await cluster.BeginAsync();
        return cluster;
    }

    /// <summary>Starts the daemons, again on the same state when they were killed.</summary>
    public async Task BeginAsync()
    {
        var start = new ProcessStartInfo("unshare");
        foreach (var argument in new[]
        {
            "--pid", "--fork", "--mount-proc", "--kill-child", Path.Combine(Parts.Scripts, "slurm-site.sh"),
            Parts.Slurm!, folder, $"{port}", pool,
        })
        {
            start.ArgumentList.Add(argument);
        }

        process = Process.Start(start)!;
        var until = DateTime.UtcNow.AddSeconds(60);
        var api = Api(new HttpClientHandler());
        while (true)
        {
            try
            {
                var nodes = SlurmView.Nodes(await api.NodesAsync(CancellationToken.None));
                if (nodes.Count == 2 && nodes.All(node => node.Ready)) return;
            }
            catch (Exception waiting) when (DateTime.UtcNow < until && !process.HasExited)
            {
                _ = waiting;
            }

            if (DateTime.UtcNow > until) throw new TimeoutException($"Slurm did not start: {Logs()}");
            await Task.Delay(200);
        }
    }

    public SlurmApi Api(HttpMessageHandler handler) => new(
        new HttpClient(handler, disposeHandler: false) { BaseAddress = new($"http://127.0.0.1:{port + 20}/") },
        "root",
        Token);

    /// <summary>Kills everything of the cluster at once, jobs and all, as when the building loses power.</summary>
    public async Task KillAsync()
    {
        if (process is null) return;
        process.Kill();
        await process.WaitForExitAsync();
        process.Dispose();
        process = null;
    }

    /// <summary>Kills the daemons and leaves jobs running, as when only Slurm breaks.</summary>
    public async Task KillDaemonsAsync()
    {
        // The first process of the namespace is the only child of unshare; the daemons are its children.
        var kill = $"pkill -9 -P $(pgrep -P {process!.Id}) -x 'slurmctld|slurmd|slurmrestd'";
        using var killing = Process.Start("bash", ["-c", kill]);
        await killing.WaitForExitAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        Directory.Delete(folder, recursive: true);
    }

    private string Logs() => string.Join('\n', Directory.GetFiles(folder, "*.log").Select(path =>
        $"{Path.GetFileName(path)}: {File.ReadAllText(path)[..Math.Min(600, (int)new FileInfo(path).Length)]}"));

    // What slurmctld would hand out, made with its key.
    private string Token()
    {
        var now = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
        var text = Encode("""{"alg":"HS256","typ":"JWT"}""") + "."
            + Encode($$"""{"exp":{{now + 3600}},"iat":{{now}},"sun":"root"}""");
        var mac = HMACSHA256.HashData(
            File.ReadAllBytes(Path.Combine(folder, "jwt.key")), Encoding.ASCII.GetBytes(text));
        return text + "." + System.Buffers.Text.Base64Url.EncodeToString(mac);
    }

    private static string Encode(string json) =>
        System.Buffers.Text.Base64Url.EncodeToString(Encoding.UTF8.GetBytes(json));

    // The kernel hands out ports above 32,768 to anybody; a row of free ones is found below.
    private static int FreePorts()
    {
        while (true)
        {
            var first = 20_000 + (Random.Shared.Next(300) * 40);
            if (Enumerable.Range(first, 31).All(IsFree)) return first;
        }
    }

    private static bool IsFree(int port)
    {
        using var listener = new TcpListener(IPAddress.Loopback, port);
        try
        {
            listener.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
