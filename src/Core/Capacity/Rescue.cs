using ControlPlane.Regions;

namespace ControlPlane.Capacity;

/// <summary>Units of a displaced workload in a pool.</summary>
internal sealed record RescueShare(Displaced Item, FleetPool Pool, int Units)
{
    public long Amount => Units * Item.UnitAmount;
}

/// <summary>
/// Finds places for displaced units. What is bound to others, or wants to be spread, goes as a whole when its turn
/// comes, by priority. All others between two turns are planned jointly, then taken node by node, priority by priority;
/// what the plan could not keep goes where there is still room. Few of them are searched completely instead.
/// </summary>
internal sealed class Rescue(RescueRoom room)
{
    private readonly List<RescueShare> placed = [];
    private (long Bound, long Placed) amounts;

    /// <summary>
    /// Share of what could be served if workloads were split, and nothing but law and room counted, that is not.
    /// </summary>
    public double GapToBound => amounts.Bound == 0 ? 0 : (double)(amounts.Bound - amounts.Placed) / amounts.Bound;

    public void Place(IEnumerable<Displaced> displaced, RescueTogether together)
    {
        var alone = displaced.Where(item => !together.Has(item)).ToList();
        var next = 0;
        foreach (var (priority, run) in together.Turns())
        {
            var end = next;
            while (end < alone.Count && alone[end].Request.Priority > priority) end++;
            PlaceAlone(alone[next..end]);
            next = end;
            placed.AddRange(run());
        }

        PlaceAlone(alone[next..]);
    }

    /// <summary>Pools that units of each placement go to, ordered by pool.</summary>
    public Dictionary<DecisionId, Seq<SurvivalTarget>> Targets() => placed
        .GroupBy(share => share.Item.Placement.Id)
        .ToDictionary(shares => shares.Key, shares => shares
            .GroupBy(share => share.Pool.Id)
            .OrderBy(pool => pool.Key)
            .Select(pool => new SurvivalTarget(pool.Key, pool.Sum(share => share.Units)))
            .ToSeq());

    private void PlaceAlone(List<Displaced> alone)
    {
        foreach (var needsAccelerator in (bool[])[true, false])
        {
            var part = alone.FindAll(item => item.Request.Unit.NeedsAccelerator == needsAccelerator);
            if (part.Count == 0) continue;
            var mark = room.After.Mark();
            var plan = RescuePlan.For(room, part);
            var shares = Take(plan, part);
            if (RescueSearch.Better((room, mark), part, (plan, shares)) is { } better) shares = better;
            placed.AddRange(shares);
            amounts = (amounts.Bound + plan.Bound.Values.Sum(), amounts.Placed + shares.Sum(share => share.Amount));
        }
    }

    /// <summary>Takes the places of a plan, a higher priority with all that it can have before a lower one.</summary>
    private List<RescueShare> Take(RescuePlan plan, List<Displaced> part)
    {
        var taken = new List<RescueShare>();
        var left = part.ToDictionary(item => item, item => item.Moving.Count);
        var items = part.ToLookup(item => item.Request.Priority);
        var planned = plan.Shares.ToLookup(share => share.Item.Request.Priority);
        foreach (var priority in items.Select(ofOne => ofOne.Key).OrderDescending())
        {
            foreach (var share in planned[priority]) Bind(share.Item, share.Pool, share.Units);
            foreach (var item in items[priority])
            {
                foreach (var pool in room.OpenTo(item.Request))
                {
                    if (left[item] == 0) break;
                    Bind(item, pool, left[item]);
                }
            }
        }

        return taken;

        void Bind(Displaced item, FleetPool pool, int units)
        {
            var here = room.Bind(item, pool, units);
            if (here == 0) return;
            left[item] -= here;
            taken.Add(new RescueShare(item, pool, here));
        }
    }
}
