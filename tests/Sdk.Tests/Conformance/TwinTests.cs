using ControlPlane.Sdk.Tests.Doubles;

namespace ControlPlane.Sdk.Tests.Conformance;

public sealed class TwinTests
{
    private static readonly Dictionary<string, string> Config = new()
    {
        ["sample:region"] = "eu-central-1",
        ["sample:password"] = "swordfish",
    };

    /// <summary>Outputs that providers would compute, so that both programs have the same to go on with.</summary>
    private const string Computed = """
        {
          "aws:eks/cluster:Cluster": {"endpoint": "https://eks.example", "name": "main-1", "status": "ACTIVE"},
          "aws:iam/role:Role": {"arn": "arn:aws:iam::1:role/nodes", "name": "nodes-1"},
          "aws:kms/key:Key": {"arn": "arn:aws:kms:1:key/disk"},
          "aws:ec2/launchTemplate:LaunchTemplate": {"latestVersion": 7},
          "azure:core/resourceGroup:ResourceGroup": {"name": "group-1"},
          "azure:network/virtualNetwork:VirtualNetwork": {"name": "network-1"},
          "kubernetes:core/v1:ServiceAccount": {"metadata": {"name": "account-1", "namespace": "a"}}
        }
        """;

    [OfficialFact]
    public Task A_preview_says_the_same_as_the_official_SDK_says() => CompareAsync(isDryRun: true);

    [OfficialFact]
    public Task An_update_says_the_same_as_the_official_SDK_says() => CompareAsync(isDryRun: false);

    private static async Task CompareAsync(bool isDryRun)
    {
        var computed = Path.GetTempFileName();
        await File.WriteAllTextAsync(computed, Computed);
        string[] flags = isDryRun ? ["--dry-run"] : ["--outputs", computed];
        await using var ours = await OfficialMonitor.StartAsync(flags);
        await using var theirs = await OfficialMonitor.StartAsync(flags);

        var run = await SampleRun.AgainstAsync((ours.Address, ours.Address), "clouds", isDryRun, Config);
        var twin = await theirs.RunTwinAsync(new TwinRun("clouds.cjs", isDryRun, Config));

        File.Delete(computed);
        Assert.Equal((0, "", 0), (run.Code, run.StandardError, twin));
        var mine = Said.Resources(ours);
        Assert.Equal(36, mine.Count);
        Assert.Equal([], Said.Differences(Said.Resources(theirs), mine));
        Assert.Equal([], Said.Differences(Said.Outputs(theirs), Said.Outputs(ours)));
    }
}
