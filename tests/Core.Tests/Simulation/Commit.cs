using System.Diagnostics;

namespace ControlPlane.Core.Tests.Simulation;

/// <summary>Names the commit of this checkout, so that a seed can be run again on the same code.</summary>
internal static class Commit
{
    public static string Current { get; } = Find();

    private static string Find()
    {
        using var git = Process.Start(new ProcessStartInfo("git", "rev-parse --short HEAD")
        {
            WorkingDirectory = Checkout.Root, RedirectStandardOutput = true, RedirectStandardError = true,
        });
        if (git is null) return "unknown";
        var text = git.StandardOutput.ReadToEnd().Trim();
        git.WaitForExit();
        return git.ExitCode == 0 ? text : "unknown";
    }
}
