using ControlPlane.Files;

namespace ControlPlane.Regions.Stacks;

/// <summary>
/// Decides what the clusters of a region must hold. The same files, settings and instant always give the same plan;
/// what is missing or contradictory is told all at once.
/// </summary>
public static class RegionPlanner
{
    /// <summary>Providers on which the stack makes clusters; on others it uses clusters that stand already.</summary>
    public static Seq<string> Clouds { get; } = ["aws", "azure"];

    /// <summary>Plans a region, as its claims stand at an instant.</summary>
    public static Checked<RegionPlan> Plan(
        Fleet fleet, RegionId id, StackSettings settings, DateTimeOffset asOf)
    {
        if (fleet.FindRegion(id) is not { } region)
        {
            var hint = NearestName.Hint(id.Value, fleet.Regions.Select(item => item.Id.Value).ToList());
            var problem = new Problem("region-unknown", "region", $"is \"{id}\", which no file declares{hint}");
            return Checked<RegionPlan>.Invalid([problem]);
        }

        var draft = new PlanDraft(fleet, region, settings, asOf);
        CheckNames(draft);
        var clusters = fleet.Clusters
            .Where(cluster => cluster.Region.Index == region.Index && IsDeclarable(draft, cluster))
            .Select(cluster => Cluster(draft, cluster))
            .OfType<ClusterPlan>()
            .ToSeq();
        if (draft.Problems.Count > 0) return Checked<RegionPlan>.Invalid(draft.Problems);
        return Checked<RegionPlan>.Valid(new RegionPlan
        {
            Region = id,
            File = region.Spec.File,
            Jurisdiction = region.Spec.Jurisdiction,
            Clusters = clusters,
            LeftOut = draft.LeftOut,
        });
    }

    /// <summary>Whether a region has a cluster that a stack can declare.</summary>
    public static bool HasStack(FleetRegion region) => region.Spec.Sites
        .Any(site => site.Status != SiteStatus.Announced && site.Clusters.Any(IsKubernetes));

    private static bool IsKubernetes(ClusterSpec cluster) => cluster.Scheduler == SchedulerKind.Kubernetes;

    private static bool IsDeclarable(PlanDraft draft, FleetCluster cluster)
    {
        if (cluster.Site.Spec.Status == SiteStatus.Announced)
        {
            draft.Leave(cluster.Id.Value, $"site {cluster.Site} is announced; there is nothing to connect to yet");
            return false;
        }

        if (IsKubernetes(cluster.Spec)) return true;
        var kind = cluster.Spec.Scheduler.ToString().ToLowerInvariant();
        draft.Leave(cluster.Id.Value, $"its scheduler is {kind}; the site agent drives it without a stack");
        return false;
    }

    private static void CheckNames(PlanDraft draft)
    {
        var file = draft.Region.Spec.File;
        var known = draft.Region.Spec.Sites
            .SelectMany(site => site.Clusters)
            .Select(item => item.Cluster.Value)
            .ToList();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        for (var index = 0; index < draft.Settings.Clusters.Count; index++)
        {
            var name = draft.Settings.Clusters[index].Cluster.Value;
            var path = $"clusters[{index}].cluster";
            var hint = NearestName.Hint(name, known);
            if (!known.Contains(name))
                draft.Report("cluster-unknown", path, $"is \"{name}\", which {file} does not declare{hint}");
            else if (!seen.Add(name)) draft.Report("duplicate-id", path, $"is \"{name}\", which stands there twice");
        }

        seen.Clear();
        for (var index = 0; index < draft.Settings.Tenants.Count; index++)
        {
            var name = draft.Settings.Tenants[index].Tenant.Value;
            if (seen.Add(name)) continue;
            draft.Report("duplicate-id", $"tenants[{index}].tenant", $"is \"{name}\", which stands there twice");
        }
    }

    private static ClusterPlan? Cluster(PlanDraft draft, FleetCluster cluster)
    {
        var pools = PoolPlanner.Plan(draft, cluster);
        var platform = PlatformPlanner.Plan(draft, cluster, pools);
        if (Clouds.Contains(cluster.Spec.Provider)) return CloudPlanner.Plan(draft, cluster, pools, platform);
        return new OnPremClusterPlan
        {
            Cluster = cluster.Id,
            Site = cluster.Site.Id,
            Provider = cluster.Spec.Provider,
            ProviderRegion = cluster.Spec.ProviderRegion,
            Tags = Tags(cluster),
            Pools = pools,
            Platform = platform,
        };
    }

    /// <summary>Tags by which every resource tells what it belongs to.</summary>
    internal static Seq<PlanEntry> Tags(FleetCluster cluster) =>
    [
        new(PlanTags.Cluster, cluster.Id.Value),
        new(PlanTags.Jurisdiction, cluster.Site.Spec.Country.Value),
        new(PlanTags.Operator, (cluster.Spec.Operator ?? cluster.Region.Spec.Operator).Value),
        new(PlanTags.Region, cluster.Region.Id.Value),
        new(PlanTags.Site, cluster.Site.Id.Value),
    ];
}
