using System.ComponentModel;
using System.Diagnostics;

namespace ControlPlane.Server.Tests;

/// <summary>
/// Marks a test that only root can arrange, with network namespaces and small file systems; elsewhere it is skipped,
/// with what is missing.
/// </summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class RootFactAttribute : FactAttribute
{
    // All that such tests ask of a machine, in a namespace that is gone again with the command.
    private const string Trial = "mount -t tmpfs tmpfs /tmp && ip link add name cpl0a type veth peer name cpl0b";

    private static readonly Lazy<string?> Why = new(Look);

    public RootFactAttribute() => Skip = WhyNot;

    /// <summary>Why nothing of the kind can be arranged here; null where it can.</summary>
    public static string? WhyNot => Why.Value;

    private static string? Look()
    {
        const string Needs = "NOT RUN: needs root, for small file systems and network namespaces";
        if (!Environment.IsPrivilegedProcess) return Needs;
        try
        {
            using var trial = Process.Start(new ProcessStartInfo(
                "unshare", ["--net", "--mount", "sh", "-c", Trial]) { RedirectStandardError = true })!; // no shell
            var said = trial.StandardError.ReadToEnd().Trim();
            trial.WaitForExit();
            return trial.ExitCode == 0 ? null : $"{Needs}, and root may not here: {said}";
        }
        catch (Win32Exception missing)
        {
            return $"{Needs}, and unshare is missing: {missing.Message}";
        }
    }
}
