using System.Text.Json;
using System.Text.Json.Serialization;
using ControlPlane.Core.Tests;
using ControlPlane.Files;
using ControlPlane.Regions;
using ControlPlane.Regions.Stacks;

namespace ControlPlane.Sdk.Tests.Conformance;

/// <summary>
/// Holds the stacks to twins in JavaScript on the official SDK with the official provider classes. Both are given the
/// same plan of a region, and a monitor of the official messages; what they tell it has to be the same.
/// </summary>
public sealed class StackTwinTests
{
    private static readonly Fleet Shipped = RegionFiles.Parse(Checkout.Read("regions")).Value;

    private static readonly JsonSerializerOptions PlanFormat = new() { Converters = { new JsonStringEnumConverter() } };

    /// <summary>Outputs that providers would compute, and answers of functions.</summary>
    private const string Computed = """
        {
          "aws:index/getAvailabilityZones:getAvailabilityZones": {"names": ["z-a", "z-b", "z-c"]},
          "aws:ec2/getCapacityBlockOffering:getCapacityBlockOffering": {"capacityBlockOfferingId": "cb-1"},
          "azure:core/getClientConfig:getClientConfig": {"tenantId": "tenant-1", "objectId": "object-1"},
          "aws:eks/cluster:Cluster": {
            "endpoint": "https://eks.example", "name": "cluster-1", "certificateAuthority": {"data": "Q0E="},
            "vpcConfig": {"clusterSecurityGroupId": "sg-1"}},
          "aws:iam/role:Role": {"arn": "arn:aws:iam::1:role/it", "name": "role-1"},
          "aws:kms/key:Key": {"arn": "arn:aws:kms:1:key/it", "keyId": "key-1"},
          "aws:ec2/launchTemplate:LaunchTemplate": {"latestVersion": 7},
          "aws:ec2/placementGroup:PlacementGroup": {"name": "group-1"},
          "azure:core/resourceGroup:ResourceGroup": {"name": "group-1"},
          "azure:network/virtualNetwork:VirtualNetwork": {"name": "network-1"},
          "azure:authorization/userAssignedIdentity:UserAssignedIdentity": {"principalId": "principal-1"},
          "azure:containerservice/kubernetesCluster:KubernetesCluster": {
            "kubeConfigRaw": {"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", "value": "raw"},
            "privateFqdn": "aks.example"}
        }
        """;

    [OfficialTheory]
    [InlineData("de-aws-frankfurt", 88, true)]
    [InlineData("de-aws-frankfurt", 88, false)]
    [InlineData("us-aws-oregon", 90, false)]
    [InlineData("de-azure-frankfurt", 46, true)]
    [InlineData("de-azure-frankfurt", 46, false)]
    [InlineData("de-ionos", 57, true)]
    [InlineData("de-ionos", 57, false)]
    public async Task A_stack_says_what_its_twin_on_the_official_SDK_says(string region, int resources, bool isDryRun)
    {
        var computed = Path.GetTempFileName();
        await File.WriteAllTextAsync(computed, Computed);
        var plan = Path.GetTempFileName();
        var config = StackConfig.Of(region);
        await File.WriteAllTextAsync(plan, Plan(region, config["control-plane:platform"]));
        string[] flags = ["--outputs", computed, .. isDryRun ? ["--dry-run"] : Array.Empty<string>()];
        await using var ours = await OfficialMonitor.StartAsync(flags);
        await using var theirs = await OfficialMonitor.StartAsync(flags);

        var run = await StackConfig.RunAsync(ours.Address, region, isDryRun);
        var twin = await theirs.RunTwinAsync(
            new TwinRun("stacks.cjs", isDryRun, config) { Project = "control-plane", Stack = region, Plan = plan });

        Assert.True((run.Code, twin) == (0, 0), $"{run} {twin}\n{Errors(ours)}\n{Errors(theirs)}");
        var mine = Said.Resources(ours);
        Assert.Equal("", string.Join('\n', Said.Differences(Said.Resources(theirs), mine)));
        Assert.Equal(resources, mine.Count);
        Assert.Equal(Said.Invokes(theirs), Said.Invokes(ours));
        Assert.Equal("", string.Join('\n', Said.Differences(Said.Outputs(theirs), Said.Outputs(ours))));
        Guards(ours);
        File.Delete(computed);
        File.Delete(plan);
    }

    // A region is made by providers that name their region, never by one that an environment chose; and what is secret
    // is said nowhere else.
    private static void Guards(OfficialMonitor monitor)
    {
        var made = monitor.Read("RegisterResource").Where(entry => entry.GetProperty("custom").GetBoolean()).ToList();
        Assert.DoesNotContain(made, entry =>
            !entry.GetProperty("type").GetString()!.StartsWith("pulumi:providers:", StringComparison.Ordinal)
            && entry.GetProperty("provider").GetString() == "");
        Assert.DoesNotContain("swordfish", string.Join('\n', made.Select(Said.Plain)), StringComparison.Ordinal);
        Assert.Single(monitor.Read("SignalAndWaitForShutdown"));
    }

    private static string Plan(string region, string settings)
    {
        var parsed = StackSettings.Parse(new SourceFile("settings.yaml", settings)).Value;
        var plan = RegionPlanner.Plan(Shipped, new RegionId(region), parsed, DateTimeOffset.UtcNow).Value;
        // Clusters are written as what they are, not as what the plan calls them.
        var clusters = plan.Clusters.Select(cluster => (object)cluster);
        return JsonSerializer.Serialize(new { plan.Region, plan.Jurisdiction, Clusters = clusters }, PlanFormat);
    }

    private static string Errors(OfficialMonitor monitor) => string.Join('\n', monitor.Read("Log"));
}
