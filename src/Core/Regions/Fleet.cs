using System.Collections.Frozen;

namespace ControlPlane.Regions;

/// <summary>
/// All declared regions with the catalogue they refer to, checked as a whole and flattened into arrays.
/// Regions, sites, clusters and pools are ordered by id, so their indices do not depend on file order.
/// </summary>
public sealed class Fleet
{
    private readonly FrozenDictionary<string, int> skuIndex;
    private readonly FrozenDictionary<string, int> regionIndex;
    private readonly FrozenDictionary<string, int> siteIndex;
    private readonly FrozenDictionary<string, int> poolIndex;
    private readonly FrozenDictionary<string, Jurisdiction> jurisdictions;
    private readonly FrozenDictionary<string, LegalEntity> entities;

    /// <summary>Flattens specs that have been checked; unknown references are a bug of the checker.</summary>
    internal Fleet(Catalog catalog, IEnumerable<RegionSpec> specs)
    {
        Catalog = catalog;
        Skus = [.. catalog.Accelerators.OrderBy(sku => sku.Id)];
        skuIndex = IndexOf(Skus.Select(sku => sku.Id.Value));
        jurisdictions = catalog.Jurisdictions.ToFrozenDictionary(item => item.Id.Value, StringComparer.Ordinal);
        entities = catalog.LegalEntities.ToFrozenDictionary(item => item.Id.Value, StringComparer.Ordinal);

        var regions = new List<FleetRegion>();
        var sites = new List<FleetSite>();
        var clusters = new List<FleetCluster>();
        var pools = new List<FleetPool>();
        foreach (var spec in specs.OrderBy(spec => spec.Region))
        {
            var region = new FleetRegion(regions.Count, spec);
            regions.Add(region);
            foreach (var siteSpec in spec.Sites.OrderBy(site => site.Site))
            {
                var site = new FleetSite(sites.Count, region, siteSpec);
                sites.Add(site);
                foreach (var clusterSpec in siteSpec.Clusters.OrderBy(cluster => cluster.Cluster))
                {
                    var cluster = new FleetCluster(
                        clusters.Count, site, clusterSpec, ControllersOf(region, clusterSpec));
                    clusters.Add(cluster);
                    foreach (var poolSpec in clusterSpec.NodePools.OrderBy(pool => pool.Pool))
                    {
                        var sku = poolSpec.Sku is { } id ? Skus[skuIndex[id.Value]] : null;
                        pools.Add(new FleetPool(
                            pools.Count, cluster, poolSpec, sku, sku is null ? -1 : skuIndex[sku.Id.Value]));
                    }
                }
            }
        }

        Regions = [.. regions];
        Sites = [.. sites];
        Clusters = [.. clusters];
        Pools = [.. pools];
        regionIndex = IndexOf(regions.Select(region => region.Id.Value));
        siteIndex = IndexOf(sites.Select(site => site.Id.Value));
        poolIndex = IndexOf(pools.Select(pool => pool.Id.Value));
        Distances = new RegionDistances(Regions);
        DearestUsdPerHour = pools.Select(pool => pool.Spec.UsdPerHour).DefaultIfEmpty(0).Max();
        DirtiestGramsPerKilowattHour = sites.Select(site => site.CarbonGramsPerItKilowattHour).DefaultIfEmpty(0).Max();
    }

    public static Fleet Empty { get; } = new(
        new Catalog
        {
            Accelerators = [],
            Jurisdictions = [],
            LegalEntities = [],
            ProviderRegions = [],
            Sources = [],
        }, []);

    public Catalog Catalog { get; }

    /// <summary>Where the claims stand in the files, for complaints about their dates.</summary>
    internal Seq<ClaimPlace> ClaimPlaces { get; init; }

    public Seq<Sku> Skus { get; }

    public Seq<FleetRegion> Regions { get; }

    public Seq<FleetSite> Sites { get; }

    public Seq<FleetCluster> Clusters { get; }

    public Seq<FleetPool> Pools { get; }

    /// <summary>Round-trip times between regions over the declared links.</summary>
    public RegionDistances Distances { get; }

    /// <summary>Price of the dearest pool, per accelerator and hour.</summary>
    public decimal DearestUsdPerHour { get; }

    /// <summary>Carbon of the dirtiest site, per kilowatt-hour that reaches its computers.</summary>
    public decimal DirtiestGramsPerKilowattHour { get; }

    public FleetRegion? FindRegion(RegionId id) =>
        regionIndex.TryGetValue(id.Value, out var index) ? Regions[index] : null;

    public FleetSite? FindSite(SiteId id) => siteIndex.TryGetValue(id.Value, out var index) ? Sites[index] : null;

    public FleetPool? FindPool(NodePoolId id) => poolIndex.TryGetValue(id.Value, out var index) ? Pools[index] : null;

    public Sku? FindSku(SkuId id) => skuIndex.TryGetValue(id.Value, out var index) ? Skus[index] : null;

    public Jurisdiction? FindJurisdiction(JurisdictionId id) => jurisdictions.GetValueOrDefault(id.Value);

    public LegalEntity? FindEntity(LegalEntityId id) => entities.GetValueOrDefault(id.Value);

    /// <summary>Whether a jurisdiction is the other one or belongs to it, directly or through other groups.</summary>
    public bool LiesIn(JurisdictionId inner, JurisdictionId outer)
    {
        if (inner == outer) return true;
        return FindJurisdiction(inner) is { } jurisdiction
            && jurisdiction.MemberOf.Any(group => LiesIn(group, outer));
    }

    /// <summary>
    /// Everyone who controls a cluster: the region's operator, the cluster's own operator, the provider behind it,
    /// and the parents of each up to the ultimate one. Ordered by id.
    /// </summary>
    private Seq<LegalEntity> ControllersOf(FleetRegion region, ClusterSpec cluster)
    {
        var found = new SortedDictionary<LegalEntityId, LegalEntity>();
        AddWithParents(region.Spec.Operator, found);
        if (cluster.Operator is { } own) AddWithParents(own, found);
        foreach (var provider in Catalog.ProviderRegions)
        {
            if (provider.Provider == cluster.Provider && provider.Code == cluster.ProviderRegion)
                AddWithParents(provider.Operator, found);
        }

        return found.Values.ToSeq();
    }

    private void AddWithParents(LegalEntityId id, SortedDictionary<LegalEntityId, LegalEntity> found)
    {
        for (LegalEntityId? next = id; next is { } current && !found.ContainsKey(current);)
        {
            var entity = entities[current.Value];
            found.Add(current, entity);
            next = entity.Parent;
        }
    }

    private static FrozenDictionary<string, int> IndexOf(IEnumerable<string> ids) =>
        ids.Select((id, index) => (id, index))
            .ToFrozenDictionary(item => item.id, item => item.index, StringComparer.Ordinal);
}

/// <summary>A declared region and its place in <see cref="Fleet.Regions"/>.</summary>
public sealed class FleetRegion(int index, RegionSpec spec)
{
    public int Index => index;
    public RegionId Id => spec.Region;
    public RegionSpec Spec => spec;
    public override string ToString() => Id.Value;
}

/// <summary>A declared site and its place in <see cref="Fleet.Sites"/>.</summary>
public sealed class FleetSite(int index, FleetRegion region, SiteSpec spec)
{
    public int Index => index;
    public FleetRegion Region => region;
    public SiteId Id => spec.Site;
    public SiteSpec Spec => spec;

    /// <summary>Power usage effectiveness in thousandths, rounded up so that rounding never hides a watt.</summary>
    public long PueMilli { get; } = (long)Math.Ceiling(spec.Power.Pue * 1000);

    /// <summary>Grams of CO2 equivalent for each kilowatt-hour that reaches the computers.</summary>
    public decimal CarbonGramsPerItKilowattHour => spec.Power.CarbonGramsPerKilowattHour * spec.Power.Pue;

    /// <summary>Contracted facility power at an instant in milliwatts; 0 before the first phase.</summary>
    public long FacilityMilliwattsAt(DateTimeOffset asOf)
    {
        var day = DateOnly.FromDateTime(asOf.UtcDateTime);
        var megawatts = 0m;
        foreach (var phase in spec.Power.Phases)
        {
            if (phase.From <= day) megawatts = Math.Max(megawatts, phase.Megawatts);
        }

        return (long)(megawatts * 1_000_000_000m);
    }

    public override string ToString() => Id.Value;
}

/// <summary>
/// A declared cluster and its place in <see cref="Fleet.Clusters"/>; who controls it is a fact of law.
/// </summary>
public sealed class FleetCluster(int index, FleetSite site, ClusterSpec spec, Seq<LegalEntity> controllers)
{
    public int Index => index;
    public FleetSite Site => site;
    public FleetRegion Region => site.Region;
    public ClusterId Id => spec.Cluster;
    public ClusterSpec Spec => spec;

    /// <summary>Everyone who controls the cluster, up to the ultimate parents.</summary>
    public Seq<LegalEntity> Controllers => controllers;

    /// <summary>Claims of the region and of the cluster.</summary>
    public IEnumerable<Claim> Claims => site.Region.Spec.Claims.Concat(spec.Claims);

    public override string ToString() => Id.Value;
}

/// <summary>
/// A declared pool of equal nodes and its place in <see cref="Fleet.Pools"/>; the smallest thing that law judges.
/// </summary>
public sealed class FleetPool(int index, FleetCluster cluster, NodePoolSpec spec, Sku? sku, int skuIndex)
{
    public int Index => index;
    public FleetCluster Cluster => cluster;
    public FleetSite Site => cluster.Site;
    public FleetRegion Region => cluster.Region;
    public NodePoolId Id => spec.Pool;
    public NodePoolSpec Spec => spec;

    /// <summary>The accelerator model; null for nodes without accelerators.</summary>
    public Sku? Sku => sku;

    /// <summary>Place of the model in <see cref="Fleet.Skus"/>; -1 for nodes without accelerators.</summary>
    public int SkuIndex => skuIndex;

    /// <summary>Nodes that workloads may use.</summary>
    public int Nodes => spec.AllocatableNodes ?? spec.Nodes;

    /// <summary>Accelerators that workloads may use, in thousandths.</summary>
    public long AcceleratorMilli => (long)Nodes * spec.AcceleratorsPerNode * 1000;

    /// <summary>
    /// Facility power that one unit draws here, in milliwatts: its accelerators at full power, its share of the host by
    /// CPU, times the site's PUE, rounded up. Additive, so a site's draw is the sum over its units.
    /// </summary>
    public long UnitMilliwatts(long acceleratorMilli, long cpuMilli)
    {
        var accelerators = acceleratorMilli * (sku?.Watts ?? 0);
        var host = (cpuMilli * spec.HostWatts * 1000L) + spec.CpuMilliPerNode - 1;
        var itMilliwatts = accelerators + (host / spec.CpuMilliPerNode);
        return ((itMilliwatts * site.PueMilli) + 999) / 1000;
    }

    private readonly FleetSite site = cluster.Site;

    public override string ToString() => Id.Value;
}
