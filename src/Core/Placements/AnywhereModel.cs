using ControlPlane.Regions;
using ControlPlane.Workloads;

namespace ControlPlane.Placements;

/// <summary>
/// Divides units of a class of requests that may run together or apart over the pools of one model. Sites are looked at
/// in order of the least that they can cost, until no other could take a unit for less than the dearest unit costs.
/// </summary>
internal sealed class AnywhereModel : IModelSplit
{
    private readonly int units;
    private readonly DomainLooks looks;
    private readonly List<DomainRoom> found = [];
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
        while (next < looks.Count && room < units) Add(question, caps);
        if (room < units) return false;
        while (true)
        {
            var dearest = UnitSplit.TryCheapest(question, CandidatesOf(caps));
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
        return UnitSplit.TrySplit(question, CandidatesOf(caps));
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

    /// <summary>What was found, in the order of the fleet, and nothing given yet.</summary>
    private Candidates CandidatesOf(Caps? caps)
    {
        found.Sort(static (one, other) => one.Index.CompareTo(other.Index));
        var regions = new List<RegionRoom>();
        for (var at = 0; at < found.Count;)
        {
            var (region, cap) = (found[at].Region, found[at].RegionCap);
            var sites = new List<SiteRoom>();
            for (; at < found.Count && found[at].Region == region; at++) sites.Add(found[at].Sites[0]);
            regions.Add(new RegionRoom(region, cap, sites));
        }

        foreach (var domain in found)
        {
            foreach (var pool in domain.Sites[0].Pools) pool.Units = 0;
        }

        return Candidates.Of(regions, caps?.Total().Units ?? long.MaxValue);
    }
}
