using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace ControlPlane.Sdk.Tests.Conformance;

/// <summary>Says which twin runs, and as what.</summary>
internal sealed record TwinRun(string Program, bool IsDryRun, IReadOnlyDictionary<string, string> Config)
{
    public string Project { get; init; } = "sample";

    public string Stack { get; init; } = "dev";

    /// <summary>File with the plan of a region; empty for programs that need none.</summary>
    public string Plan { get; init; } = "";
}

/// <summary>Runs the monitor that is made of the official message classes, and reads what it wrote down.</summary>
internal sealed class OfficialMonitor : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);
    private readonly Process process;
    private readonly string record;

    private OfficialMonitor(Process process, string record, int port) =>
        (this.process, this.record, Address) = (
            process, record, string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{port}"));

    public string Address { get; }

    public static async Task<OfficialMonitor> StartAsync(params string[] flags)
    {
        var record = Path.GetTempFileName();
        var process = Node(
            [Path.Combine(OfficialPackages.Folder, "monitor.cjs"), OfficialPackages.Modules!, record, .. flags]);
        var line = await process.StandardOutput.ReadLineAsync().WaitAsync(Patience);
        if (line is null)
            throw new InvalidOperationException(await process.StandardError.ReadToEndAsync());
        return new(process, record, int.Parse(line, CultureInfo.InvariantCulture));
    }

    /// <summary>Runs a twin of one of our programs on the official SDK; gives its exit code.</summary>
    public async Task<int> RunTwinAsync(TwinRun run)
    {
        var modules = OfficialPackages.Modules!;
        using var twin = Node(
            [
                Path.Combine(modules, "@pulumi", "pulumi", "cmd", "run", "index.js"), "--monitor", Address, "--engine",
                Address,
                "--project", run.Project, "--stack", run.Stack, "--pwd", OfficialPackages.Folder, "--parallel", "16",
                "--dry-run", run.IsDryRun ? "true" : "false", Path.Combine(OfficialPackages.Folder, run.Program),
            ],
            new Dictionary<string, string>
            {
                ["CONFORMANCE_MODULES"] = modules,
                ["CONFORMANCE_PLAN"] = run.Plan,
                ["PULUMI_CONFIG"] = JsonSerializer.Serialize(run.Config),
                ["PULUMI_CONFIG_SECRET_KEYS"] = "[]",
            });
        _ = twin.StandardError.ReadToEndAsync();
        _ = twin.StandardOutput.ReadToEndAsync();
        await twin.WaitForExitAsync().WaitAsync(Patience);
        return twin.ExitCode;
    }

    public IReadOnlyList<JsonElement> Read() =>
        [.. File.ReadAllLines(record).Select(line => JsonElement.Parse(line))];

    public IReadOnlyList<JsonElement> Read(string call) =>
        [.. Read().Where(entry => entry.GetProperty("call").GetString() == call)];

    public async ValueTask DisposeAsync()
    {
        process.StandardInput.Close();
        if (!process.WaitForExit(TimeSpan.FromSeconds(5)))
            process.Kill(entireProcessTree: true);
        await process.WaitForExitAsync();
        process.Dispose();
        File.Delete(record);
    }

    private static Process Node(IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment = null)
    {
        var start = new ProcessStartInfo("node")
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var argument in arguments)
            start.ArgumentList.Add(argument);
        foreach (var (name, value) in environment ?? new Dictionary<string, string>())
            start.Environment[name] = value;
        start.Environment.Remove("KUBECONFIG");
        return Process.Start(start)!;
    }
}
