using ControlPlane.Files;
using ControlPlane.Regions;
using ControlPlane.Regions.Stacks;

namespace ControlPlane.Core.Tests.Regions.Stacks;

/// <summary>Settings of a stack in which every cloud cluster of a region has a block of addresses.</summary>
internal static class SettingsText
{
    public static StackSettings For(FleetRegion region)
    {
        var clusters = region.Spec.Sites.SelectMany(site => site.Clusters).ToList();
        var installed = clusters.Min(cluster => cluster.NodePools.Sum(pool => pool.Nodes * pool.AcceleratorsPerNode));
        var rows = clusters.Select((cluster, index) =>
            $"  - {{ cluster: {cluster.Cluster}, addressBlock: 10.{40 + index}.0.0/16{Store(region, cluster)} }}");
        return Parse($"""
            schemaVersion: 1
            controlPlaneUrl: https://control.example
            agentImage: registry.example/agent@sha256:{new string('a', 64)}
            kubernetesVersion: "1.33"
            egress: nat
            tenants:
              - {TheTenant(Math.Min(8, installed))}
            clusters:
            {string.Join('\n', rows)}
            """);
    }

    public static StackSettings Parse(string text)
    {
        var parsed = StackSettings.Parse(new SourceFile("settings", text));
        Assert.Equal([], parsed.Problems.Select(problem => problem.ToString()));
        return parsed.Value;
    }

    private static string TheTenant(int accelerators) =>
        $"{{ tenant: klinik, accelerators: {accelerators}, cpuMilli: 64000, memoryMib: 65536, pods: 50 }}";

    private static string Store(FleetRegion region, ClusterSpec cluster) =>
        RegionPlanner.Clouds.Contains(cluster.Provider)
        && region.Spec.Claims.Any(claim => claim.Custody == KeyCustodyLevel.External)
            ? ", keyStore: { storeId: cks-1, keyId: key-1 }"
            : "";
}
