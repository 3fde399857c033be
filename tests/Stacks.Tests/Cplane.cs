using System.Diagnostics;

namespace ControlPlane.Stacks.Tests;

/// <summary>Runs the built command line client in a folder.</summary>
internal static class Cplane
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    private static string Program { get; } = Path.Combine(Checkout.Root, "src/Cli/bin/Release/net10.0/cplane.dll");

    public static Task<Ended> RunAsync(params string[] arguments) => RunInAsync(Checkout.Root, arguments);

    public static async Task<Ended> RunInAsync(string folder, params IReadOnlyList<string> arguments)
    {
        using var process = Process.Start(new ProcessStartInfo("dotnet", [Program, .. arguments])
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync().WaitAsync(Patience);
        return new Ended(process.ExitCode, await output, await error);
    }
}

/// <summary>How a run ended: exit code and what it wrote.</summary>
internal sealed record Ended(int ExitCode, string Output, string Error);
