using System.Diagnostics;
using ControlPlane.Core.Tests;

namespace ControlPlane.Server.Tests.Chaos;

/// <summary>Runs the built command line client, if need be with a culture of its own.</summary>
internal static class Cplane
{
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(2);

    private static string Folder { get; } = Path.Combine(
        Checkout.Root, "src", "Cli", "bin", new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name, "net10.0");

    /// <summary>
    /// Whether this machine has the data that cultures need; without it the runtime knows only the invariant one.
    /// </summary>
    public static bool HasCultures { get; } = Directory.Exists("/usr/lib") && Directory
        .EnumerateDirectories("/usr/lib", "*-linux-gnu")
        .Any(folder => Directory.EnumerateFiles(folder, "libicuuc.so.*").Any());

    public static Task<ClientRun> RunAsync(
        IReadOnlyDictionary<string, string> environment, params string[] arguments) =>
        RunAsync([Path.Combine(Folder, "cplane.dll"), .. arguments], environment);

    /// <summary>
    /// Runs it where text is sorted, cased and written by the rules of a culture. The product leaves cultures out
    /// altogether, so that takes settings of the runtime other than the ones it ships with.
    /// </summary>
    public static async Task<ClientRun> RunWithCulturesAsync(
        IReadOnlyDictionary<string, string> environment, string settingsFile, params string[] arguments)
    {
        var shipped = await File.ReadAllTextAsync(Path.Combine(Folder, "cplane.runtimeconfig.json"));
        await File.WriteAllTextAsync(settingsFile, shipped.Replace(
            "\"System.Globalization.Invariant\": true", "\"System.Globalization.Invariant\": false",
            StringComparison.Ordinal));
        return await RunAsync(
            [
                "exec", "--runtimeconfig", settingsFile, "--depsfile", Path.Combine(Folder, "cplane.deps.json"),
                Path.Combine(Folder, "cplane.dll"), .. arguments,
            ],
            environment);
    }

    private static async Task<ClientRun> RunAsync(
        IReadOnlyList<string> program, IReadOnlyDictionary<string, string> environment)
    {
        var start = new ProcessStartInfo("dotnet", program)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in environment) start.Environment[name] = value;
        using var process = Process.Start(start)!; // null only for a shell's start
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        using var limit = new CancellationTokenSource(Longest);
        await process.WaitForExitAsync(limit.Token);
        return new ClientRun(process.ExitCode, await output, await error);
    }
}

/// <summary>How a run of the client ended.</summary>
internal sealed record ClientRun(int ExitCode, string Output, string Error);
