using ControlPlane.Policies;
using ControlPlane.Regions;
using ControlPlane.Workloads;

namespace ControlPlane.Placements;

/// <summary>
/// Finds room for a request that has none by ending work of lower priority. All units go into one pool. Of the pools
/// the one where the lowest band has to end, then the cheapest; in the pool the node, or fabric domain of a gang, where
/// the fewest placements end, then those of the lowest priority, then the youngest. A placement ends as a whole.
/// </summary>
internal static class Preemption
{
    /// <summary>The decision that ends work; null when no policy allows one, or none would help.</summary>
    public static Placed? Find(Question question, LawSubject subject) =>
        PreemptionTerms.Of(question) is { } right && Search(question, subject, right) is { } found
            ? PlacedBy(question, found)
            : null;

    /// <summary>
    /// For a request that was refused for want of room: what could end for it if policies said so; null when nothing
    /// that might be allowed would make room.
    /// </summary>
    public static string? Barred(Question question, LawSubject subject)
    {
        if (PreemptionTerms.IfAllowed(question) is not { } right) return null;
        if (Search(question, subject, right) is not { } found) return null;
        return $"there would be room in {found.Pool} if {found.Victims.Count} placement(s) of priority "
            + $"{found.Victims.Max(victim => victim.Request.Priority)} or less ended; no policy in force allows it";
    }

    /// <summary>The cheapest way to make room; null when there is none.</summary>
    internal static Eviction? Search(Question question, LawSubject subject, PreemptionTerms right)
    {
        var request = question.Request;
        if (request.Spread is not null) return null;
        var look = new PoolEvictions(question, right);
        var pools = Ordered(question, subject);
        var lowest = pools.Count == 0 ? right.Highest + 1 : pools.Min(look.LowestIn);
        if (lowest > right.Highest) return null;
        // Nowhere does a lower band suffice, so the first pool where this one does is the best.
        foreach (var pool in pools)
        {
            if (look.LowestIn(pool) == lowest && look.In(pool, lowest) is { } found) return found;
        }

        return CheapestOf(pools, look, right.Highest);
    }

    private static Eviction? CheapestOf(IReadOnlyList<FleetPool> pools, PoolEvictions look, int highest)
    {
        Eviction? best = null;
        foreach (var pool in pools)
        {
            if (look.In(pool, highest) is not { } found) continue;
            best = found;
            // Only a lower band makes up for a dearer pool.
            highest = found.Band - 1;
            if (highest < 0) break;
        }

        return best;
    }

    /// <summary>Pools in order of the part of their cost that never changes.</summary>
    internal static IReadOnlyList<FleetPool> Ordered(Question question, LawSubject subject)
    {
        if (question.Within is null && WalkMemory.Of(question).Known(question, subject) is { } walk) return walk.Pools;
        var pools = Placer.Usable(question, subject)
            .Where(pool => question.Within is not { } within || within(pool))
            .Select(pool => (pool, PoolWalk.FixedCost(question, pool)));
        return PoolWalk.InOrder(pools, question.Request.Unit);
    }

    private static Placed PlacedBy(Question question, Eviction found)
    {
        var cost = Score.Of(question.World, found.Pool, question.Request, question.Law.Policies.Preferences).Cost;
        return new Placed(found.Units, question.Request.Units * cost)
        {
            Isolation = question.Request.Isolation,
            Preempted = found.Victims.Select(victim => victim.Id).Order().ToSeq(),
        };
    }
}

/// <summary>A way to make room.</summary>
/// <param name="Pool">Where.</param>
/// <param name="Band">The highest band of which something ends.</param>
/// <param name="Victims">What ends, the most valuable first.</param>
/// <param name="Units">Where the units of the request go then.</param>
internal sealed record Eviction(FleetPool Pool, int Band, List<Placement> Victims, Seq<UnitBinding> Units);
