using ControlPlane.Regions;

namespace ControlPlane.Policies;

/// <summary>
/// The fleet's legal facts of one day, turned around: for each jurisdiction, law, scheme and custody level the set of
/// clusters it holds for. Rules compile to a few set operations on it.
/// </summary>
public sealed class LawIndex
{
    private readonly Fleet fleet;
    private readonly DateTimeOffset asOf;
    private readonly Dictionary<JurisdictionId, ClusterSet> inJurisdiction = [];
    private readonly Dictionary<AccessLawId, ClusterSet> reachedBy = [];
    private readonly Dictionary<string, ClusterSet> certified = new(StringComparer.Ordinal);
    private readonly Dictionary<RegionId, ClusterSet> inRegion = [];
    private readonly ClusterSet[] custody;

    public LawIndex(Fleet fleet, DateTimeOffset asOf)
    {
        this.fleet = fleet;
        this.asOf = asOf;
        None = ClusterSet.None(fleet.Clusters.Count);
        All = ClusterSet.All(fleet.Clusters.Count);
        custody = [.. Enum.GetValues<KeyCustodyLevel>().Select(_ => ClusterSet.None(fleet.Clusters.Count))];
        foreach (var cluster in fleet.Clusters) Add(cluster);
    }

    public ClusterSet None { get; }

    public ClusterSet All { get; }

    public ClusterSet InJurisdiction(JurisdictionId jurisdiction) => inJurisdiction.GetValueOrDefault(jurisdiction, None);

    public ClusterSet ReachedBy(AccessLawId law) => reachedBy.GetValueOrDefault(law, None);

    public ClusterSet Certified(string scheme) => certified.GetValueOrDefault(scheme, None);

    public ClusterSet InRegion(RegionId region) => inRegion.GetValueOrDefault(region, None);

    public ClusterSet CustodyAtLeast(KeyCustodyLevel level) => custody[(int)level];

    /// <summary>Union of the sets of several keys.</summary>
    public ClusterSet AnyOf<T>(Seq<T> keys, Func<T, ClusterSet> setOf) =>
        keys.Aggregate(None, (sum, key) => sum.Or(setOf(key)));

    /// <summary>Clusters of which every controller has its seat in one of the jurisdictions.</summary>
    public ClusterSet AllControllersIn(Seq<JurisdictionId> seats)
    {
        var result = ClusterSet.None(fleet.Clusters.Count);
        foreach (var cluster in fleet.Clusters)
        {
            if (cluster.Controllers.All(controller => seats.Any(seat => fleet.LiesIn(controller.Seat, seat))))
                result.Add(cluster.Index);
        }

        return result;
    }

    private void Add(FleetCluster cluster)
    {
        foreach (var jurisdiction in Ancestors(cluster.Site.Spec.Country)) Put(inJurisdiction, jurisdiction, cluster);
        foreach (var law in AccessLaws.Reaching(fleet, cluster)) Put(reachedBy, law, cluster);
        Put(inRegion, cluster.Region.Id, cluster);
        foreach (var claim in cluster.Claims.Where(claim => claim.HoldsAt(asOf)))
        {
            if (claim is { Kind: ClaimKind.Certification, Scheme: { } scheme }) Put(certified, scheme, cluster);
            if (claim is not { Kind: ClaimKind.KeyCustody, Custody: { } level }) continue;
            for (var lower = (int)level; lower >= 0; lower--) custody[lower].Add(cluster.Index);
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

    private void Put<T>(Dictionary<T, ClusterSet> sets, T key, FleetCluster cluster) where T : notnull
    {
        if (!sets.TryGetValue(key, out var set)) sets.Add(key, set = ClusterSet.None(fleet.Clusters.Count));
        set.Add(cluster.Index);
    }
}
