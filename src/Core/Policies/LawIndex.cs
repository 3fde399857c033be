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
    private readonly PoolSet[] custody;

    public LawIndex(Fleet fleet, DateTimeOffset asOf)
    {
        this.fleet = fleet;
        this.asOf = asOf;
        None = PoolSet.None(fleet.Pools.Count);
        All = PoolSet.All(fleet.Pools.Count);
        custody = [.. Enum.GetValues<KeyCustodyLevel>().Select(_ => PoolSet.None(fleet.Pools.Count))];
        foreach (var ofCluster in fleet.Pools.GroupBy(pool => pool.Cluster)) Add(ofCluster.Key, [.. ofCluster]);
    }

    public PoolSet None { get; }

    public PoolSet All { get; }

    public PoolSet InJurisdiction(JurisdictionId jurisdiction) => inJurisdiction.GetValueOrDefault(jurisdiction, None);

    public PoolSet ReachedBy(AccessLawId law) => reachedBy.GetValueOrDefault(law, None);

    public PoolSet Certified(string scheme) => certified.GetValueOrDefault(scheme, None);

    public PoolSet InRegion(RegionId region) => inRegion.GetValueOrDefault(region, None);

    public PoolSet CustodyAtLeast(KeyCustodyLevel level) => custody[(int)level];

    /// <summary>Union of the sets of several keys.</summary>
    public PoolSet AnyOf<T>(Seq<T> keys, Func<T, PoolSet> setOf) =>
        keys.Aggregate(None, (sum, key) => sum.Or(setOf(key)));

    /// <summary>Pools of which every controller has its seat in one of the jurisdictions.</summary>
    public PoolSet AllControllersIn(Seq<JurisdictionId> seats)
    {
        var result = PoolSet.None(fleet.Pools.Count);
        foreach (var pool in fleet.Pools)
        {
            if (pool.Cluster.Controllers.All(controller => seats.Any(seat => fleet.LiesIn(controller.Seat, seat))))
                result.Add(pool.Index);
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
            if (claim is { Kind: ClaimKind.Certification, Scheme: { } scheme }) Put(certified, scheme, pools);
            if (claim is not { Kind: ClaimKind.KeyCustody, Custody: { } level }) continue;
            for (var lower = (int)level; lower >= 0; lower--) Add(custody[lower], pools);
        }
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
