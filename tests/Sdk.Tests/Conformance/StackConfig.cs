using System.Text.Json;
using ControlPlane.Sdk.Tests.Doubles;

namespace ControlPlane.Sdk.Tests.Conformance;

/// <summary>Runs the stack of a region with its own settings and with secrets that are made up.</summary>
internal static class StackConfig
{
    private static readonly string Stacks = Path.Combine(OfficialPackages.Repository, "stacks");

    /// <summary>The configuration that the engine would pass for a region's stack.</summary>
    public static IReadOnlyDictionary<string, string> Of(string region)
    {
        var lines = File.ReadAllLines(Path.Combine(Stacks, "config", $"Pulumi.{region}.yaml"));
        var platform = lines.SkipWhile(line => line != "  control-plane:platform:").Skip(1)
            .TakeWhile(line => line.StartsWith("    ", StringComparison.Ordinal)).Select(line => line[4..]);
        return new Dictionary<string, string>
        {
            ["control-plane:kubeconfig-de-ionos-berlin-k8s"] = "apiVersion: v1",
            ["control-plane:kubeconfig-de-ionos-frankfurt-k8s"] = "apiVersion: v1",
            ["control-plane:platform"] = string.Join('\n', platform),
            ["control-plane:joinToken"] = "swordfish",
            ["control-plane:azureSubscription"] = "00000000-0000-0000-0000-000000000001",
        };
    }

    /// <summary>Runs the stack program of the checkout, or another that was built of the same sources.</summary>
    public static Task<SampleRun> RunAsync(string address, string region, bool isDryRun, string? program = null) =>
        SampleRun.StartAsync(
            new Dictionary<string, string?>
            {
                ["PULUMI_MONITOR"] = address,
                ["PULUMI_ENGINE"] = address,
                ["PULUMI_PROJECT"] = "control-plane",
                ["PULUMI_STACK"] = region,
                ["PULUMI_DRY_RUN"] = isDryRun ? "true" : "false",
                ["PULUMI_QUERY_MODE"] = "false",
                ["PULUMI_PARALLEL"] = "16",
                ["PULUMI_CONFIG"] = JsonSerializer.Serialize(Of(region)),
            },
            program ?? Path.Combine(Stacks, "bin", "Release", "net10.0", "control-plane-stacks.dll"),
            Stacks);
}
