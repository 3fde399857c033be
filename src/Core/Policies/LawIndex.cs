using ControlPlane.Regions;

namespace ControlPlane.Policies;

/// <summary>
/// The fleet's legal facts of one day, turned around: for each jurisdiction, law, scheme and custody level the set of
/// pools it holds for. Rules compile to a few set operations on it.
/// </summary>
public sealed class LawIndex
{
    private readonly Fleet fleet;
    private readonly DateTimeOffset asOf;
    private readonly Dictionary<JurisdictionId, PoolSet> inJurisdiction = [];
    private readonly Dictionary<AccessLawId, PoolSet> reachedBy = [];
    private readonly Dictionary<string, PoolSet> certified = new(StringComparer.Ordinal);
    private readonly Dictionary<RegionId, PoolSet> inRegion = [];
    private readonly Dictionary<string, PoolSet> certifiedBySource = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int?[]> sealLevels = new(StringComparer.Ordinal);
    private readonly PoolSet[] custody;

    public LawIndex(Fleet fleet, DateTimeOffset asOf)
    {
        this.fleet = fleet;
        this.asOf = asOf;
        None = PoolSet.None(fleet.Pools.Count);
        All = PoolSet.All(fleet.Pools.Count);
        custody = [.. Enum.GetValues<KeyCustodyLevel>().Select(_ => PoolSet.None(fleet.Pools.Count))];
        Countries = fleet.Sites.Select(site => site.Spec.Country).Distinct().Order().ToSeq();
        foreach (var ofCluster in fleet.Pools.GroupBy(pool => pool.Cluster)) Add(ofCluster.Key, [.. ofCluster]);
    }

    public PoolSet None { get; }

    public PoolSet All { get; }

    /// <summary>Countries in which sites stand.</summary>
    public Seq<JurisdictionId> Countries { get; }

    public PoolSet InJurisdiction(JurisdictionId jurisdiction) => inJurisdiction.GetValueOrDefault(jurisdiction, None);

    public PoolSet ReachedBy(AccessLawId law) => reachedBy.GetValueOrDefault(law, None);

    public PoolSet Certified(string scheme) => certified.GetValueOrDefault(scheme, None);

    /// <summary>Pools whose claim names a source rather than being assumed.</summary>
    public PoolSet CertifiedBySource(string scheme) => certifiedBySource.GetValueOrDefault(scheme, None);

    public PoolSet InRegion(RegionId region) => inRegion.GetValueOrDefault(region, None);

    public PoolSet CustodyAtLeast(KeyCustodyLevel level) => custody[(int)level];

    /// <summary>Union of the sets of several keys.</summary>
    public PoolSet AnyOf<T>(Seq<T> keys, Func<T, PoolSet> setOf) =>
        keys.Aggregate(None, (sum, key) => sum.Or(setOf(key)));

    /// <summary>Pools of which every controller has its seat in one of the jurisdictions.</summary>
    public PoolSet AllControllersIn(Seq<JurisdictionId> seats) =>
        Where(pool => pool.Cluster.Controllers.All(controller => LiesInAny(controller.Seat, seats)));

    /// <summary>Pools of which some controller has its seat in one of the jurisdictions.</summary>
    public PoolSet AnyControllerIn(Seq<JurisdictionId> seats) =>
        Where(pool => pool.Cluster.Controllers.Any(controller => LiesInAny(controller.Seat, seats)));

    /// <summary>Pools whose people with privileged access all reside in the jurisdictions, as claimed.</summary>
    public PoolSet StaffedFrom(Seq<JurisdictionId> homes) => Where(pool =>
    {
        var claimed = pool.Cluster.Claims.Where(claim => claim.Kind == ClaimKind.Personnel && claim.HoldsAt(asOf))
            .SelectMany(claim => claim.Jurisdictions).ToList();
        return claimed.Count > 0 && claimed.TrueForAll(home => LiesInAny(home, homes));
    });

    /// <summary>Pools where the lowest claimed level of an objective is at least so high.</summary>
    public PoolSet SealAtLeast(string objective, int level) =>
        sealLevels.TryGetValue(objective, out var levels) ? Where(pool => levels[pool.Index] >= level) : None;

    /// <summary>Pools with accelerators of the models that are chosen.</summary>
    public PoolSet WithAccelerators(Func<Sku, bool> chosen)
    {
        var covered = fleet.Skus.Where(chosen).Select(sku => sku.Id).ToHashSet();
        return Where(pool => pool.Sku is { } sku && covered.Contains(sku.Id));
    }

    /// <summary>Pools in regions that declared links join to a region within a round-trip time.</summary>
    public PoolSet Within(RegionId target, decimal milliseconds) => fleet.FindRegion(target) is { } region
        ? Where(pool => fleet.Distances.Milliseconds(region, pool.Region) <= milliseconds)
        : None;

    /// <summary>Pools whose nodes were counted on the day or at most so many days before it.</summary>
    public PoolSet CountedWithin(int days)
    {
        var day = DateOnly.FromDateTime(asOf.UtcDateTime).DayNumber;
        return Where(pool => pool.Spec.CountedOn is { } counted
            && day - counted.DayNumber is var age && age >= 0 && age <= days);
    }

    /// <summary>Countries in which a region's sites stand; null when the region is not declared.</summary>
    public Seq<JurisdictionId>? SitesOf(RegionId region) =>
        fleet.FindRegion(region)?.Spec.Sites.Select(site => site.Country).ToSeq();

    public bool LiesInAny(JurisdictionId inner, Seq<JurisdictionId> outer)
    {
        var ancestors = Ancestors(inner);
        return outer.Any(ancestors.Contains);
    }

    /// <summary>Kinds of the transfer bases that are valid between two jurisdictions.</summary>
    public IEnumerable<TransferBasisKind> BasesBetween(JurisdictionId from, JurisdictionId to) =>
        TransferBases.Between(fleet, from, to).Where(basis => basis.HoldsAt(asOf)).Select(basis => basis.Basis);

    private PoolSet Where(Func<FleetPool, bool> holds)
    {
        var result = PoolSet.None(fleet.Pools.Count);
        foreach (var pool in fleet.Pools)
        {
            if (holds(pool)) result.Add(pool.Index);
        }

        return result;
    }

    private void Add(FleetCluster cluster, List<FleetPool> pools)
    {
        foreach (var jurisdiction in Ancestors(cluster.Site.Spec.Country)) Put(inJurisdiction, jurisdiction, pools);
        foreach (var law in AccessLaws.Reaching(fleet, cluster)) Put(reachedBy, law, pools);
        Put(inRegion, cluster.Region.Id, pools);
        foreach (var claim in cluster.Claims.Where(claim => claim.HoldsAt(asOf)))
        {
            if (claim is { Kind: ClaimKind.Certification, Scheme: { } scheme })
            {
                Put(certified, scheme, pools);
                if (!claim.Evidence.Assumed) Put(certifiedBySource, scheme, pools);
            }

            if (claim is { Kind: ClaimKind.Seal, Objective: { } objective, Level: { } seal })
                Lower(objective, seal, pools);
            if (claim is not { Kind: ClaimKind.KeyCustody, Custody: { } level }) continue;
            for (var lower = (int)level; lower >= 0; lower--) Add(custody[lower], pools);
        }
    }

    private void Lower(string objective, int level, List<FleetPool> pools)
    {
        if (!sealLevels.TryGetValue(objective, out var levels))
            sealLevels.Add(objective, levels = new int?[fleet.Pools.Count]);
        foreach (var pool in pools) levels[pool.Index] = Math.Min(levels[pool.Index] ?? level, level);
    }

    private HashSet<JurisdictionId> Ancestors(JurisdictionId country)
    {
        var found = new HashSet<JurisdictionId>();
        var open = new Stack<JurisdictionId>([country]);
        while (open.TryPop(out var next))
        {
            if (!found.Add(next)) continue;
            foreach (var group in fleet.FindJurisdiction(next)?.MemberOf ?? []) open.Push(group);
        }

        return found;
    }

    private void Put<T>(Dictionary<T, PoolSet> sets, T key, List<FleetPool> pools) where T : notnull
    {
        if (!sets.TryGetValue(key, out var set)) sets.Add(key, set = PoolSet.None(fleet.Pools.Count));
        Add(set, pools);
    }

    private static void Add(PoolSet set, List<FleetPool> pools)
    {
        foreach (var pool in pools) set.Add(pool.Index);
    }
}
