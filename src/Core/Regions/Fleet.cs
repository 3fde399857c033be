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
    private readonly FrozenDictionary<string, DatasetSpec> datasets;

    // Pools of a region, and of a site, lie side by side; where the first of each lies, and the end.
    private readonly FleetPool[] poolsInOrder;
    private readonly int[] firstOfRegion;
    private readonly int[] firstOfSite;

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
        var (firstOfRegions, firstOfSites) = (new List<int>(), new List<int>());
        foreach (var spec in specs.OrderBy(spec => spec.Region))
        {
            var region = new FleetRegion(regions.Count, spec);
            regions.Add(region);
            firstOfRegions.Add(pools.Count);
            if (spec.IsAbroad) continue;
            foreach (var siteSpec in spec.Sites.OrderBy(site => site.Site))
            {
                var site = new FleetSite(sites.Count, region, siteSpec);
                sites.Add(site);
                firstOfSites.Add(pools.Count);
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
        poolsInOrder = [.. pools];
        (firstOfRegion, firstOfSite) = ([.. firstOfRegions, pools.Count], [.. firstOfSites, pools.Count]);
        regionIndex = IndexOf(regions.Select(region => region.Id.Value));
        siteIndex = IndexOf(sites.Select(site => site.Id.Value));
        poolIndex = IndexOf(pools.Select(pool => pool.Id.Value));
        Distances = new RegionDistances(Regions);
        Datasets = Own.SelectMany(region => region.Spec.Datasets).OrderBy(item => item.Dataset).ToSeq();
        datasets = Datasets.ToFrozenDictionary(item => item.Dataset.Value, StringComparer.Ordinal);
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

    /// <summary>The cell that decides for these sites; null where one control plane decides for all.</summary>
    public CellSpec? Cell { get; internal init; }

    /// <summary>Every declared region with its sites, also those of other cells: facts for law, no places.</summary>
    public Fleet Whole { get => field ?? this; internal init; }

    /// <summary>Regions that are decided for here.</summary>
    public IEnumerable<FleetRegion> Own => Regions.Where(region => !region.IsAbroad);

    /// <summary>Where the claims stand in the files, for complaints about their dates.</summary>
    internal Seq<ClaimPlace> ClaimPlaces { get; init; }

    public Seq<Sku> Skus { get; }

    public Seq<FleetRegion> Regions { get; }

    public Seq<FleetSite> Sites { get; }

    public Seq<FleetCluster> Clusters { get; }

    public Seq<FleetPool> Pools { get; }

    /// <summary>Round-trip times between regions over the declared links.</summary>
    public RegionDistances Distances { get; }

    /// <summary>Ordered by id.</summary>
    public Seq<DatasetSpec> Datasets { get; }

    /// <summary>Price of the dearest pool, per accelerator and hour.</summary>
    public decimal DearestUsdPerHour { get; }

    /// <summary>Carbon of the dirtiest site, per kilowatt-hour that reaches its computers.</summary>
    public decimal DirtiestGramsPerKilowattHour { get; }

    /// <summary>The pools of a region, in their order.</summary>
    internal ArraySegment<FleetPool> PoolsOf(FleetRegion region) => Between(firstOfRegion, region.Index);

    /// <summary>The pools of a site, in their order.</summary>
    internal ArraySegment<FleetPool> PoolsOf(FleetSite site) => Between(firstOfSite, site.Index);

    private ArraySegment<FleetPool> Between(int[] firsts, int index) =>
        new(poolsInOrder, firsts[index], firsts[index + 1] - firsts[index]);

    public FleetRegion? FindRegion(RegionId id) =>
        regionIndex.TryGetValue(id.Value, out var index) ? Regions[index] : null;

    /// <summary>The region, if it is decided for here.</summary>
    public FleetRegion? FindOwn(RegionId id) => FindRegion(id) is { IsAbroad: false } region ? region : null;

    public FleetSite? FindSite(SiteId id) => siteIndex.TryGetValue(id.Value, out var index) ? Sites[index] : null;

    public FleetPool? FindPool(NodePoolId id) => poolIndex.TryGetValue(id.Value, out var index) ? Pools[index] : null;

    public Sku? FindSku(SkuId id) => skuIndex.TryGetValue(id.Value, out var index) ? Skus[index] : null;

    public Jurisdiction? FindJurisdiction(JurisdictionId id) => jurisdictions.GetValueOrDefault(id.Value);

    public LegalEntity? FindEntity(LegalEntityId id) => entities.GetValueOrDefault(id.Value);

    public DatasetSpec? FindDataset(DatasetId id) => datasets.GetValueOrDefault(id.Value);

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
