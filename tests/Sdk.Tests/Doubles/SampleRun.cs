using System.Diagnostics;
using System.Text.Json;

namespace ControlPlane.Sdk.Tests.Doubles;

/// <summary>Holds how one run of the sample program ended.</summary>
internal sealed record SampleRun(int Code, string StandardError)
{
    /// <summary>No run may hang; one that takes longer has.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    public static string Assembly => Path.Combine(AppContext.BaseDirectory, "ControlPlane.Sdk.Sample.dll");

    public static Task<SampleRun> AgainstAsync(
        MonitorDouble monitor, string program, IReadOnlyDictionary<string, string>? config = null) =>
        AgainstAsync((monitor.Address, monitor.Address), program, monitor.Rules.IsDryRun, config);

    public static Task<SampleRun> AgainstAsync(
        (string Monitor, string Engine) to,
        string program,
        bool isDryRun,
        IReadOnlyDictionary<string, string>? config = null) =>
        StartAsync(new Dictionary<string, string?>
        {
            ["SAMPLE"] = program,
            ["PULUMI_MONITOR"] = to.Monitor,
            ["PULUMI_ENGINE"] = to.Engine,
            ["PULUMI_PROJECT"] = "sample",
            ["PULUMI_STACK"] = "dev",
            ["PULUMI_ORGANIZATION"] = "org",
            ["PULUMI_DRY_RUN"] = isDryRun ? "true" : "false",
            ["PULUMI_QUERY_MODE"] = "false",
            ["PULUMI_PARALLEL"] = "16",
            ["PULUMI_CONFIG"] = JsonSerializer.Serialize(config ?? new Dictionary<string, string>()),
        });

    public static async Task<SampleRun> StartAsync(
        IReadOnlyDictionary<string, string?> environment, string? assembly = null, string? folder = null)
    {
        var start = new ProcessStartInfo("dotnet")
        {
            ArgumentList = { assembly ?? Assembly },
            WorkingDirectory = folder ?? "",
            RedirectStandardError = true,
            RedirectStandardOutput = true,
        };
        foreach (var name in start.Environment.Keys.Where(name =>
            name.StartsWith("PULUMI_", StringComparison.Ordinal) || name == "KUBECONFIG").ToList())
            start.Environment.Remove(name);
        foreach (var (name, value) in environment)
            start.Environment[name] = value;
        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEndAsync();
        try
        {
            await process.WaitForExitAsync().WaitAsync(Patience);
        }
        finally
        {
            if (!process.HasExited)
                process.Kill(entireProcessTree: true);
        }
        await output;
        return new(process.ExitCode, await error);
    }
}
