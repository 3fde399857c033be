using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;

namespace ControlPlane.Bench.Http;

/// <summary>
/// A server process with a private PostgreSQL in a directory of its own, and the processor time the two have used.
/// </summary>
internal sealed class ServerUnderLoad : IAsyncDisposable
{
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

    /// <summary>Processor time of the server and of PostgreSQL so far.</summary>
    public (TimeSpan Server, TimeSpan Postgres) ProcessorTime()
    {
        process.Refresh();
        var postmaster = File.ReadLines(Path.Combine(directory, "data/postgres/data/postmaster.pid")).First();
        var postgres = Process.GetProcesses()
            .Where(other => other.Id.ToString(CultureInfo.InvariantCulture) == postmaster
            || ParentOf(other.Id) == postmaster);
        return (process.TotalProcessorTime, postgres.Aggregate(TimeSpan.Zero, (sum, other) => sum + TimeOf(other)));
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

    private static TimeSpan TimeOf(Process process)
    {
        try
        {
            return process.TotalProcessorTime;
        }
        catch (Exception gone) when (gone is InvalidOperationException or Win32Exception)
        {
            // It ended between being listed and being asked.
            return TimeSpan.Zero;
        }
    }

    private static string? ParentOf(int process)
    {
        try
        {
            var text = File.ReadAllText($"/proc/{process}/stat");
            return text[(text.LastIndexOf(')') + 2)..].Split(' ')[1];
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
