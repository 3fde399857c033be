using ControlPlane.Regions;
using ControlPlane.Workloads;

namespace ControlPlane.Placements;

/// <summary>
/// Spreads units of a class of requests over the sites or regions of one model: over the cheapest with room for an even
/// share if they can take the rest, which is known without a look at the others, and else over any.
/// </summary>
internal sealed class SpreadModel : IModelSplit
{
    private readonly SpreadNeed spread;
    private readonly int units;
    private readonly DomainLooks looks;
    private readonly SpreadSplit split;
    private readonly List<DomainRoom> found = [];

    /// <param name="question">A request of the class, on a world and under a law.</param>
    /// <param name="pools">Every lawful, active and capable pool of the model, in the order of the fleet.</param>
    public SpreadModel(Question question, List<FleetPool> pools)
    {
        (spread, units) = (question.Request.Spread!, question.Request.Units); // asked for spread requests only
        split = new SpreadSplit(units, spread);
        looks = new DomainLooks(question, pools, spread.Over, split.Even);
    }

    public Sku? Sku => looks.Sku;

    public List<DomainRoom> Used => split.Chosen;

    public bool TrySplit(Question question, Caps? caps)
    {
        // Fewer domains than have to be used, or fewer units: there is no way.
        if (looks.Count < spread.MinDomains || split.Even == 0) return false;
        if (caps is not null && caps.Total().Units < units) return false;
        var left = FindCheapest(question, caps);
        if (found.Count < spread.MinDomains && left < spread.MinDomains) return false;
        if (found.Count < spread.MinDomains || !split.TryEven(found))
        {
            FindAll(question, caps);
            if (!split.TrySplit(found)) return false;
        }

        foreach (var domain in split.Chosen) domain.Give();
        return true;
    }

    /// <summary>
    /// Finds the cheapest domains with room for an even share, as many as have to be used, in order of cost.
    /// </summary>
    /// <returns>Domains that may have room for a unit, if all were looked at.</returns>
    private int FindCheapest(Question question, Caps? caps)
    {
        var glances = question.World.Nodes.Glances;
        var (wanted, mayHaveRoom) = (spread.MinDomains, 0);
        found.Clear();
        for (var at = 0; at < looks.Count; at++)
        {
            var last = found.Count == wanted ? found[^1] : null;
            if (last is not null && looks.LeastCost(at) > last.Cost) break;
            if (!looks.MayHaveRoom(at, glances)) continue;
            mayHaveRoom++;
            if (last is not null && !IsBefore(looks.CostNow(at, glances), looks.IndexAt(at), last)) continue;
            var room = looks.Weigh(question, caps, at);
            if (room.Room < split.Even) continue;
            if (last is not null) found.RemoveAt(wanted - 1);
            var place = found.Count;
            while (place > 0 && IsBefore(room.Cost, room.Index, found[place - 1])) place--;
            found.Insert(place, room);
        }

        return mayHaveRoom;
    }

    /// <summary>Finds every domain with room.</summary>
    private void FindAll(Question question, Caps? caps)
    {
        var glances = question.World.Nodes.Glances;
        found.Clear();
        for (var at = 0; at < looks.Count; at++)
        {
            if (looks.MayHaveRoom(at, glances) && looks.Weigh(question, caps, at) is { Room: > 0 } room)
                found.Add(room);
        }
    }

    private static bool IsBefore(long cost, int index, DomainRoom other) =>
        cost < other.Cost || (cost == other.Cost && index < other.Index);
}
