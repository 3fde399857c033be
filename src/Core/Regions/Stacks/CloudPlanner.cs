using System.Security.Cryptography;
using System.Text;

namespace ControlPlane.Regions.Stacks;

/// <summary>Decides what a cluster in a cloud needs beside its pools: network, key, a pool for its own work.</summary>
internal static class CloudPlanner
{
    /// <summary>Zones that are taken where the catalogue does not say how many there are.</summary>
    private const int AssumedZones = 2;

    public static CloudClusterPlan? Plan(
        PlanDraft draft, FleetCluster cluster, Seq<PoolPlan> pools, PlatformPlan platform)
    {
        var settings = draft.SettingsOf(cluster);
        var provider = draft.Fleet.Catalog.ProviderRegions.FirstOrDefault(item =>
            item.Provider == cluster.Spec.Provider && item.Code == cluster.Spec.ProviderRegion);
        var system = pools.FirstOrDefault(pool => pool.AcceleratorsPerNode == 0 && pool.Nodes > 0);
        if (system is null)
        {
            const string message = "needs a pool without accelerators for its own work";
            draft.Report("inventory-inconsistent", cluster.Id.Value, message);
        }

        var path = $"clusters[{cluster.Id}]";
        if (settings?.AddressBlock is null)
            draft.Report("field-required", $"{path}.addressBlock", "is missing; no free block is assumed");
        var key = Key(draft, cluster, path);
        if (system is null || settings?.AddressBlock is not { } block || key is null) return null;
        var network = Network(block, provider?.Zones ?? AssumedZones, draft.Settings.Egress);
        return cluster.Spec.Provider == "aws"
            ? new AwsClusterPlan
            {
                Cluster = cluster.Id,
                Site = cluster.Site.Id,
                Provider = cluster.Spec.Provider,
                ProviderRegion = cluster.Spec.ProviderRegion,
                Tags = RegionPlanner.Tags(cluster),
                Pools = pools,
                Platform = platform,
                KubernetesVersion = draft.Settings.KubernetesVersion,
                Network = network,
                Key = key,
                SystemPool = system,
                Partition = provider?.Partition,
            }
            : new AzureClusterPlan
            {
                Cluster = cluster.Id,
                Site = cluster.Site.Id,
                Provider = cluster.Spec.Provider,
                ProviderRegion = cluster.Spec.ProviderRegion,
                Tags = RegionPlanner.Tags(cluster),
                Pools = pools,
                Platform = platform,
                KubernetesVersion = draft.Settings.KubernetesVersion,
                Network = network,
                Key = key,
                SystemPool = system,
                Partition = provider?.Partition,
                VaultName = VaultName(cluster.Id),
            };
    }

    private static string VaultName(ClusterId id) =>
        "kv" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(id.Value)))[..10];

    private static NetworkPlan Network(string block, int zones, EgressKind egress)
    {
        var blocks = new AddressBlocks(block);
        var taken = Enumerable.Range(0, Math.Min(zones, AddressBlocks.MostZones)).ToList();
        return new NetworkPlan
        {
            Block = block,
            NodeBlocks = taken.Select(blocks.Nodes).ToSeq(),
            EgressBlocks = egress == EgressKind.Nat ? taken.Select(blocks.Egress).ToSeq() : [],
        };
    }

    // A customer's key is made whatever is claimed: a region that claims less than it has harms nobody.
    private static KeyPlan? Key(PlanDraft draft, FleetCluster cluster, string path)
    {
        var claimed = cluster.Claims
            .Where(claim => claim.Kind == ClaimKind.KeyCustody && claim.HoldsAt(draft.AsOf))
            .Select(claim => claim.Custody)
            .Max() ?? KeyCustodyLevel.CustomerManaged;
        var custody = claimed == KeyCustodyLevel.Provider ? KeyCustodyLevel.CustomerManaged : claimed;
        var store = draft.SettingsOf(cluster)?.KeyStore;
        if (custody == KeyCustodyLevel.CustomerManaged)
        {
            if (store is null) return new KeyPlan { Custody = custody, Store = null };
            var message = $"is given, but {draft.Region.Spec.File} claims no external key custody";
            draft.Report("field-conflict", $"{path}.keyStore", message);
            return null;
        }

        var canBeExternal = custody == KeyCustodyLevel.External && cluster.Spec.Provider == "aws";
        if (canBeExternal && store is not null) return new KeyPlan { Custody = custody, Store = store };
        draft.Report(
            "key-custody",
            $"{path}.keyStore",
            canBeExternal
                ? $"is missing; {draft.Region.Spec.File} claims that the key lives outside the provider"
                : $"cannot make the {custody} key custody of {draft.Region.Spec.File} true on {cluster.Spec.Provider}");
        return null;
    }
}
