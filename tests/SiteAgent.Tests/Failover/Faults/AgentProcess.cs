using System.Collections.Concurrent;
using System.Diagnostics;
using ControlPlane.Core.Tests;

namespace ControlPlane.SiteAgent.Tests.Failover.Faults;

/// <summary>Runs the agent as the process that it is, in a network of its own, and reads what it logs.</summary>
internal sealed class AgentProcess : IAsyncDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("cplane-agent-").FullName;
    private readonly ConcurrentQueue<(DateTime At, string Line)> lines = [];
    private readonly Process process;

    public AgentProcess(
        Network? network, Uri server, SiteId site, IReadOnlyDictionary<string, string>? variables = null)
        : this(new AgentStart(server, site) { Network = network, Variables = variables ?? AgentStart.NoVariables })
    {
    }

    public AgentProcess(AgentStart wanted)
    {
        var network = wanted.Network;
        Site = wanted.Site;
        File.WriteAllText(Path.Combine(folder, "token"), wanted.JoinToken);
        var start = new ProcessStartInfo(network is null ? "dotnet" : "ip") { RedirectStandardError = true };
        if (network is not null)
        {
            foreach (var word in new[] { "netns", "exec", network.Name, "dotnet" }) start.ArgumentList.Add(word);
        }

        foreach (var word in new[]
        {
            Path.Combine(Checkout.Root, "src/SiteAgent/bin/Release/net10.0/ControlPlane.SiteAgent.dll"),
            "--driver", "simulated", "--regions", wanted.Declared, "--site", Site.Value,
            "--url", wanted.Server.ToString(),
            "--join-token-file", Path.Combine(folder, "token"), "--state", Path.Combine(folder, "state"),
            "--faults", Faults, "--parent", $"{Environment.ProcessId}",
        })
        {
            start.ArgumentList.Add(word);
        }

        foreach (var (name, value) in wanted.Variables) start.Environment[name] = value;
        process = Process.Start(start)!;
        process.ErrorDataReceived += (_, told) =>
        {
            if (told.Data is { } line) lines.Enqueue((DateTime.UtcNow, line));
        };
        process.BeginErrorReadLine();
    }

    /// <summary>Folder in which files break the simulated site.</summary>
    public string Faults => Path.Combine(folder, "faults");

    public string Folder => folder;

    public SiteId Site { get; }

    /// <summary>What it logged so far, with when that was read.</summary>
    public IEnumerable<(DateTime At, string Line)> Lines => lines;

    public string Log => string.Join('\n', lines.Select(line => line.Line));

    /// <summary>When a line with this text was logged first after an instant; waits for it.</summary>
    public async Task<DateTime> SaidAsync(string text, DateTime after, TimeSpan within)
    {
        var until = DateTime.UtcNow + within;
        while (true)
        {
            foreach (var (at, line) in lines)
            {
                if (at >= after && line.Contains(text, StringComparison.Ordinal)) return at;
            }

            if (DateTime.UtcNow > until) Assert.Fail($"not said within {within}: {text}\n{Log}");
            await Task.Delay(50);
        }
    }

    public bool HasSaid(string text, DateTime after) =>
        lines.Any(line => line.At >= after && line.Line.Contains(text, StringComparison.Ordinal));

    public int Count(string text) => lines.Count(line => line.Line.Contains(text, StringComparison.Ordinal));

    public void Signal(string name)
    {
        using var kill = Process.Start("kill", [name, $"{process.Id}"]);
        kill.WaitForExit();
    }

    public async ValueTask DisposeAsync()
    {
        if (!process.HasExited) process.Kill(entireProcessTree: true);
        await process.WaitForExitAsync();
        process.Dispose();
        Directory.Delete(folder, recursive: true);
    }
}

/// <summary>How an agent's process is to be started.</summary>
internal sealed record AgentStart(Uri Server, SiteId Site)
{
    public static readonly IReadOnlyDictionary<string, string> NoVariables = new Dictionary<string, string>();

    /// <summary>Network that it lives in; null for this one.</summary>
    public Network? Network { get; init; }

    public IReadOnlyDictionary<string, string> Variables { get; init; } = NoVariables;

    /// <summary>Root of the declared files.</summary>
    public string Declared { get; init; } = Checkout.Root;

    public string JoinToken { get; init; } = "join-me";
}
