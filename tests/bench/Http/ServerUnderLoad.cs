using System.Diagnostics;
using System.Globalization;

namespace ControlPlane.Bench.Http;

/// <summary>
/// A server process with a private PostgreSQL in a directory of its own, and the processor time the two have used.
/// </summary>
internal sealed class ServerUnderLoad : IAsyncDisposable
{
    /// <summary>Of what the kernel says of a process (proc(5), from its state on): its parent, and user time.</summary>
    private const int Parent = 1;

    private const int OwnTicks = 11;

    private const int TicksPerSecond = 100;

    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(60);

    private readonly Process process;
    private readonly string directory;

    private ServerUnderLoad(Process process, string directory, Uri url)
    {
        this.process = process;
        this.directory = directory;
        Url = url;
    }

    /// <summary>Where it is, with a token as user.</summary>
    public Uri Url { get; }

    /// <summary>How to reach its PostgreSQL.</summary>
    public string ConnectionString =>
        $"Host={Path.Combine(directory, "data/postgres/run")};Username=control_plane;Database=control_plane";

    public static async Task<ServerUnderLoad> StartAsync(
        string directory, string checkout, bool saysErrors = true, IReadOnlyList<string>? more = null)
    {
        var library = Path.Combine(checkout, "src/Server/bin/Release/net10.0/ControlPlane.Server.dll");
        var process = Process.Start(new ProcessStartInfo("dotnet",
        [
            library, "--port", "0", "--data", Path.Combine(directory, "data"), "--log-level", "error",
            "--regions", Path.Combine(directory, "regions"), "--policies", Path.Combine(directory, "policies"),
            .. more ?? [],
        ])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = !saysErrors,
            // As ./run and the unit of systemd start it.
            Environment = { ["DOTNET_GCgen0size"] = "0x4000000" },
        })!; // null only for a shell's start
        if (!saysErrors) process.BeginErrorReadLine();
        var line = await process.StandardOutput.ReadLineAsync()
            ?? throw new InvalidOperationException("the server did not start");
        var url = line.Split(' ').Single(word => word.StartsWith("http://", StringComparison.Ordinal));
        var token = await File.ReadAllTextAsync(Path.Combine(directory, "data/identity/tokens/developer.token"));
        return new ServerUnderLoad(process, directory, new UriBuilder(url) { UserName = token.Trim() }.Uri);
    }

    /// <summary>
    /// Processor time of the server and of PostgreSQL so far, with that of its processes that have ended.
    /// </summary>
    public (TimeSpan Server, TimeSpan Postgres) ProcessorTime()
    {
        process.Refresh();
        var postmaster = File.ReadLines(Path.Combine(directory, "data/postgres/data/postmaster.pid")).First();
        var ticks = StatOf(postmaster).Skip(OwnTicks).Take(4).Sum(Number); // its own, then of those it waited for
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
        {
            var name = Path.GetFileName(folder);
            if (!char.IsAsciiDigit(name[0])) continue;
            var stat = StatOf(name);
            if (stat.Length > 0 && stat[Parent] == postmaster) ticks += stat.Skip(OwnTicks).Take(2).Sum(Number);
        }

        return (process.TotalProcessorTime, TimeSpan.FromSeconds((double)ticks / TicksPerSecond));
    }

    /// <summary>Kills the server as the kernel does when memory runs out.</summary>
    public async Task KillAsync()
    {
        process.Kill();
        await process.WaitForExitAsync();
        process.Dispose();
    }

    /// <summary>Kills the PostgreSQL of the server, whose processes end with it.</summary>
    public void KillPostgres()
    {
        var postmaster = File.ReadLines(Path.Combine(directory, "data/postgres/data/postmaster.pid")).First();
        using var postgres = Process.GetProcessById(int.Parse(postmaster, CultureInfo.InvariantCulture));
        postgres.Kill();
    }

    public async ValueTask DisposeAsync()
    {
        using (var kill = Process.Start("kill", ["-TERM", process.Id.ToString(CultureInfo.InvariantCulture)]))
            await kill.WaitForExitAsync();
        using var limit = new CancellationTokenSource(StopLimit);
        await process.WaitForExitAsync(limit.Token);
        process.Dispose();
    }

    private static long Number(string text) => long.Parse(text, CultureInfo.InvariantCulture);

    /// <summary>What the kernel says of a process, from its state on; nothing when it has ended.</summary>
    private static string[] StatOf(string process)
    {
        try
        {
            var text = File.ReadAllText($"/proc/{process}/stat");
            return text[(text.LastIndexOf(')') + 2)..].Split(' ');
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }
}
