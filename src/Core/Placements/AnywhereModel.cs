using ControlPlane.Regions;
using ControlPlane.Workloads;

namespace ControlPlane.Placements;

/// <summary>
/// Divides units of a class of requests that may run together or apart over the pools of one model. Sites are looked at
/// in order of the least that they can cost, until no other could take a unit for less than the dearest unit costs.
/// Once it has looked at a site, doing so again allocates nothing.
/// </summary>
internal sealed class AnywhereModel : IModelSplit
{
    /// <summary>Sites that are looked at in any case where units would rather be apart.</summary>
    private const int FewSites = 16;

    private readonly int units;
    private readonly DomainLooks looks;
    private readonly List<DomainRoom> found = [];
    private readonly List<RegionRoom> regions = [];
    private readonly Dictionary<int, RegionRoom> ofRegions = [];
    private int next;
    private long room;

    /// <param name="question">A request of the class, on a world and under a law.</param>
    /// <param name="pools">Every lawful, active and capable pool of the model, in the order of the fleet.</param>
    public AnywhereModel(Question question, List<FleetPool> pools)
    {
        units = question.Request.Units;
        looks = new DomainLooks(question, pools, SpreadDomain.Site, fewest: 1);
    }

    public Sku? Sku => looks.Sku;

    public List<DomainRoom> Used => found;

    public bool TrySplit(Question question, Caps? caps)
    {
        if (caps is not null && caps.Total().Units < units) return false;
        found.Clear();
        (next, room) = (0, 0);
        var sites = question.Request.Kind == WorkloadKind.Service ? Math.Min(units, FewSites) : 1;
        while (next < looks.Count && (room < units || found.Count < sites)) Add(question, caps);
        if (room < units) return false;
        while (true)
        {
            var dearest = UnitSplit.TryCheapest(question, Regions());
            if (dearest is { } cost && (next == looks.Count || looks.LeastCost(next) > cost)) return true;
            if (next == looks.Count) break;
            // Those that could be cheaper; where caps or power are in the way, twice as many.
            for (var more = dearest is null ? found.Count : 0; more > 0 && next < looks.Count; more--)
                Add(question, caps);
            while (dearest is { } most && next < looks.Count && looks.LeastCost(next) <= most) Add(question, caps);
        }

        // Only a division that weighs every site, also those without room, can tell.
        found.Clear();
        for (var at = 0; at < looks.Count; at++) found.Add(looks.Weigh(question, caps, at));
        return UnitSplit.TrySplit(question, Candidates.Of(Regions(), caps?.Total().Units ?? long.MaxValue));
    }

    private void Add(Question question, Caps? caps)
    {
        var at = next++;
        if (!looks.MayHaveRoom(at, question.World.Nodes.Glances)) return;
        var domain = looks.Weigh(question, caps, at);
        if (domain.Room == 0) return;
        found.Add(domain);
        room += domain.Room;
    }

    /// <summary>What was found, in the order of the fleet.</summary>
    private List<RegionRoom> Regions()
    {
        found.Sort(static (one, other) => one.Index.CompareTo(other.Index));
        regions.Clear();
        foreach (var domain in found)
        {
            if (regions.Count == 0 || regions[^1].Region != domain.Region) regions.Add(Begin(domain));
            regions[^1].Sites.Add(domain.Sites[0]);
        }

        return regions;
    }

    private RegionRoom Begin(DomainRoom domain)
    {
        if (!ofRegions.TryGetValue(domain.Region.Index, out var region))
            ofRegions.Add(domain.Region.Index, region = new RegionRoom(domain.Region, []) { Cap = 0 });
        region.Cap = domain.RegionCap;
        region.Sites.Clear();
        return region;
    }
}
