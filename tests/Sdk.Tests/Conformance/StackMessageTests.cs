using System.Text.Json;
using ControlPlane.Sdk.Tests.Doubles;

namespace ControlPlane.Sdk.Tests.Conformance;

public sealed class StackMessageTests
{
    private const string Computed = """
        {
          "aws:index/getAvailabilityZones:getAvailabilityZones": {"names": ["z-a", "z-b", "z-c"], "zoneIds": ["1", "2", "3"]},
          "aws:eks/cluster:Cluster": {"endpoint": "https://eks.example", "certificateAuthority": {"data": "Q0E="}}
        }
        """;

    private static readonly string Stacks = Path.Combine(OfficialPackages.Repository, "stacks");

    [OfficialFact]
    public async Task A_stack_of_each_kind_is_understood_by_the_official_messages()
    {
        var computed = Path.GetTempFileName();
        await File.WriteAllTextAsync(computed, Computed);
        foreach (var region in new[] { "de-aws-frankfurt", "de-azure-frankfurt", "de-ionos" })
        {
            await using var monitor = await OfficialMonitor.StartAsync("--outputs", computed);

            var run = await RunAsync(monitor, region);

            Assert.True(run.Code == 0, $"{region}: {run} {string.Join('\n', monitor.Read("Log"))}");
            var registered = monitor.Read("RegisterResource")
                .Where(entry => entry.GetProperty("custom").GetBoolean())
                .ToList();
            Assert.True(registered.Count > 10, $"{region}: {registered.Count} resources");
            // A region is made by providers that name their region, never by one that an environment chose.
            Assert.DoesNotContain(registered, entry =>
                !entry.GetProperty("type").GetString()!.StartsWith("pulumi:providers:", StringComparison.Ordinal)
                && entry.GetProperty("provider").GetString() == "");
            Assert.DoesNotContain("swordfish", Plain(registered), StringComparison.Ordinal);
            Assert.Single(monitor.Read("SignalAndWaitForShutdown"));
        }
        File.Delete(computed);
    }

    /// <summary>Everything that is sent, but for what is inside a secret.</summary>
    private static string Plain(IEnumerable<JsonElement> entries) =>
        string.Join('\n', entries.Select(entry => Plain(entry)));

    private static string Plain(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Object when element.TryGetProperty("4dabf18193072939515e22adb298388d", out _) => "",
        JsonValueKind.Object => string.Join(' ', element.EnumerateObject().Select(property => Plain(property.Value))),
        JsonValueKind.Array => string.Join(' ', element.EnumerateArray().Select(Plain)),
        _ => element.ToString(),
    };

    private static Task<SampleRun> RunAsync(OfficialMonitor monitor, string region)
    {
        var lines = File.ReadAllLines(Path.Combine(Stacks, "config", $"Pulumi.{region}.yaml"));
        var platform = lines.SkipWhile(line => line != "  control-plane:platform:").Skip(1)
            .TakeWhile(line => line.StartsWith("    ", StringComparison.Ordinal)).Select(line => line[4..]);
        var config = new Dictionary<string, string>
        {
            ["control-plane:kubeconfig-de-ionos-berlin-k8s"] = "apiVersion: v1",
            ["control-plane:kubeconfig-de-ionos-frankfurt-k8s"] = "apiVersion: v1",
        };
        config["control-plane:platform"] = string.Join('\n', platform);
        config["control-plane:joinToken"] = "swordfish";
        config["control-plane:azureSubscription"] = "00000000-0000-0000-0000-000000000001";
        return SampleRun.StartAsync(
            new Dictionary<string, string?>
            {
                ["PULUMI_MONITOR"] = monitor.Address,
                ["PULUMI_ENGINE"] = monitor.Address,
                ["PULUMI_PROJECT"] = "control-plane",
                ["PULUMI_STACK"] = region,
                ["PULUMI_DRY_RUN"] = "false",
                ["PULUMI_QUERY_MODE"] = "false",
                ["PULUMI_PARALLEL"] = "16",
                ["PULUMI_CONFIG"] = JsonSerializer.Serialize(config),
            },
            Path.Combine(Stacks, "bin", "Release", "net10.0", "control-plane-stacks.dll"),
            Stacks);
    }
}
