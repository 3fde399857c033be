using ControlPlane.Regions;

namespace ControlPlane.Policies.Stacks;

/// <summary>What planned resources are judged against: the declared region, and the day.</summary>
public sealed record PlanCase(Fleet Fleet, FleetRegion Region, DateTimeOffset AsOf)
{
    public JurisdictionId Jurisdiction => Region.Spec.Jurisdiction;

    public string File => Region.Spec.File;

    /// <summary>The file that holds the configuration of the region's stack.</summary>
    public string ConfigFile => $"stacks/config/Pulumi.{Region.Id}.yaml";

    /// <summary>Clusters of the region.</summary>
    public IEnumerable<FleetCluster> Clusters =>
        Fleet.Clusters.Where(cluster => cluster.Region.Index == Region.Index);

    /// <summary>Pools of the region.</summary>
    public IEnumerable<FleetPool> Pools => Fleet.Pools.Where(pool => pool.Region.Index == Region.Index);

    /// <summary>Why a provider's region is not lawful for this stack; null when it is.</summary>
    public string? WhyOutside(string provider, string code)
    {
        var wanted = Plain(code);
        var known = Fleet.Catalog.ProviderRegions
            .FirstOrDefault(item => item.Provider == provider && Plain(item.Code) == wanted);
        if (known is null)
            return $"{provider} region {code} is not in the catalogue, so no jurisdiction is known for it";
        return Fleet.LiesIn(known.Country, Jurisdiction)
            ? null
            : $"{provider} region {code} lies in {known.Country}, outside {Jurisdiction}";
    }

    /// <summary>Regions of a provider in which the region file declares clusters.</summary>
    public Seq<string> DeclaredRegions(string provider) => Clusters
        .Where(cluster => cluster.Spec.Provider == provider)
        .Select(cluster => cluster.Spec.ProviderRegion)
        .Distinct()
        .ToSeq();

    // Azure writes one region as "Germany West Central" and as germanywestcentral.
    private static string Plain(string code) => code.Replace(" ", "", StringComparison.Ordinal).ToLowerInvariant();
}
