using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using ControlPlane.Core.Tests;

namespace ControlPlane.Bench;

/// <summary>Says what the figures were measured on: processor, load, runtime and commit.</summary>
internal static class Machine
{
    /// <summary>Load average above which wall times are marked: one busy thread for each core is ours to use.</summary>
    public static double LoadLimit => Environment.ProcessorCount;

    public static double Load() => double.Parse(
        File.ReadAllText("/proc/loadavg").Split(' ')[0], CultureInfo.InvariantCulture);

    public static IReadOnlyList<(string Name, string Value)> Facts() =>
    [
        ("commit", Commit()),
        ("measured at", DateTime.UtcNow.ToString("yyyy-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture)),
        ("processor", $"{Processor()}, {Environment.ProcessorCount} cores"),
        ("runtime", RuntimeInformation.FrameworkDescription),
        ("load average", $"{Load():f2}{(Load() > LoadLimit ? " (loaded: times are too long)" : "")}"),
        ("database", "only the table service has one, whose settings stand below it; nothing else here is durable"),
    ];

    private static string Processor() => File.ReadLines("/proc/cpuinfo")
        .FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal))?.Split(':')[1].Trim()
        ?? "unknown";

    private static string Commit()
    {
        var start = new ProcessStartInfo("git", ["-C", Checkout.Root, "describe", "--always", "--dirty"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        try
        {
            using var git = Process.Start(start)!; // null only for a shell's start
            var text = git.StandardOutput.ReadToEnd().Trim();
            git.WaitForExit();
            return text.Length > 0 ? text : "unknown";
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return "unknown (no git)";
        }
    }
}
