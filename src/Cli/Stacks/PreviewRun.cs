using System.Diagnostics;
using System.Text.Json;
using ControlPlane.Cli.Terminal;
using ControlPlane.Rpc;

namespace ControlPlane.Cli.Stacks;

/// <summary>Runs the real stack program as a process against a monitor of our own.</summary>
internal static class PreviewRun
{
    /// <summary>Longest that a program may run; a region's takes seconds.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    public static async Task<Previewed> RunAsync(
        StackTree tree, StackConfig config, string? program, CancellationToken cancellation)
    {
        var stack = config.Stack;
        var monitor = new PreviewMonitor(stack, StackConfig.Project);
        await using var server = await RpcServer.StartAsync(monitor.Methods, cancellation: cancellation);
        var start = new ProcessStartInfo("dotnet", [program ?? tree.StackProgram])
        {
            WorkingDirectory = tree.ProgramFolder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in Environment(tree, stack, server.Address, config)) start.Environment[name] = value;
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync(cancellation);
        var error = process.StandardError.ReadToEndAsync(cancellation);
        await WaitAsync(process, cancellation);
        // The program reports its errors to the engine; what it printed is told only when it said nothing there.
        if (process.ExitCode == 0 && monitor.Errors.Count == 0) return monitor.Take(config.StandIns);
        var told = monitor.Errors.Count > 0 ? string.Join('\n', monitor.Errors) : (await output + await error).Trim();
        throw new CommandFailure(
            ExitCode.InvalidInput, "stack-failed", $"the stack program failed with exit code {process.ExitCode}")
        {
            Hint = told.ReplaceLineEndings("\n  "),
        };
    }

    private static async Task WaitAsync(Process process, CancellationToken cancellation)
    {
        using var clock = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        clock.CancelAfter(Patience);
        try
        {
            await process.WaitForExitAsync(clock.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            if (cancellation.IsCancellationRequested) throw;
            var minutes = (int)Patience.TotalMinutes;
            throw new CommandFailure(
                ExitCode.InvalidInput, "stack-failed", $"the stack program did not end within {minutes} minutes");
        }
    }

    /// <summary>What the engine tells a program through its environment.</summary>
    public static IEnumerable<(string Name, string Value)> Environment(
        StackTree tree, string stack, string address, StackConfig config) =>
    [
        ("PULUMI_MONITOR", address),
        ("PULUMI_ENGINE", address),
        ("PULUMI_PROJECT", StackConfig.Project),
        ("PULUMI_STACK", stack),
        ("PULUMI_ORGANIZATION", "organization"),
        ("PULUMI_ROOT_DIRECTORY", tree.Root),
        ("PULUMI_PWD", tree.ProgramFolder),
        ("PULUMI_DRY_RUN", "true"),
        ("PULUMI_QUERY_MODE", "false"),
        ("PULUMI_PARALLEL", "16"),
        ("PULUMI_CONFIG", JsonSerializer.Serialize(config.Values)),
        ("PULUMI_CONFIG_SECRET_KEYS", JsonSerializer.Serialize(config.SecretKeys)),
    ];
}
