using ControlPlane.Core.Tests;
using System.Diagnostics;

namespace ControlPlane.SiteAgent.Tests;

/// <summary>Finds real programs that scripts under tests/parts put into the user's cache.</summary>
internal static class Parts
{
    public static string Scripts { get; } = Path.Combine(Checkout.Root, "tests", "parts");

    private static readonly Lazy<string?> FoundSlurm =
        new(() => Environment.IsPrivilegedProcess ? Find("slurm.sh") : null);

    private static readonly Lazy<string?> FoundKubernetes = new(() => Find("kubernetes.sh"));

    /// <summary>Folder of Slurm; null when it was not fetched, or cannot run without root.</summary>
    public static string? Slurm => FoundSlurm.Value;

    /// <summary>Folder of the Kubernetes programs; null when they were not built.</summary>
    public static string? Kubernetes => FoundKubernetes.Value;

    private static string? Find(string script)
    {
        var start = new ProcessStartInfo(Path.Combine(Scripts, script), "--where") { RedirectStandardOutput = true };
        using var process = Process.Start(start)!;
        var folder = process.StandardOutput.ReadToEnd().Trim();
        process.WaitForExit();
        return process.ExitCode == 0 ? folder : null;
    }
}

/// <summary>Marks a theory on real Slurm daemons; it is skipped where they are not.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class SlurmTheoryAttribute : TheoryAttribute
{
    public SlurmTheoryAttribute()
    {
        if (Parts.Slurm is null) Skip = SlurmFactAttribute.Why;
    }
}

/// <summary>Marks a test on real Slurm daemons; it is skipped where they are not.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class SlurmFactAttribute : FactAttribute
{
    public const string Why = "needs root and what tests/parts/slurm.sh fetches from Debian";

    public SlurmFactAttribute()
    {
        if (Parts.Slurm is null) Skip = Why;
    }
}

/// <summary>Marks a theory on a real Kubernetes API server; it is skipped where it was not built.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class KubernetesTheoryAttribute : TheoryAttribute
{
    public KubernetesTheoryAttribute()
    {
        if (Parts.Kubernetes is null) Skip = "needs what tests/parts/kubernetes.sh builds, once for a machine";
    }
}
