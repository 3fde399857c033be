using ControlPlane.Policies;
using ControlPlane.Regions;
using ControlPlane.Workloads;

namespace ControlPlane.Capacity;

/// <summary>Units of a placement that a scenario takes the place of, and those that keep theirs.</summary>
internal sealed record Displaced(
    Placement Placement, Seq<UnitBinding> Moving, Seq<UnitBinding> Staying, bool IsUnlawful)
{
    public PlacementRequest Request => Placement.Request;
}

/// <summary>Splits what runs into what a scenario leaves alone and what it displaces.</summary>
internal static class Displacement
{
    /// <summary>
    /// Adds what stays to <paramref name="after"/> and returns the rest, higher priority first. A gang moves as a
    /// whole. Where a site's power would no longer do, the lowest priorities go until it does.
    /// </summary>
    public static List<Displaced> Split(
        IEnumerable<Placement> placements, World after, Law law, (Scenario Scenario, DateTimeOffset AsOf) at)
    {
        var all = placements
            .OrderByDescending(placement => placement.Request.Priority)
            .ThenBy(placement => placement.Id.Value);
        var displaced = new List<Displaced>();
        var milliwattsLeft = after.Fleet.Sites.Select(site => site.FacilityMilliwattsAt(at.AsOf)).ToArray();
        foreach (var placement in all)
        {
            var lawful = law.LawfulPools(LawSubject.Of(placement.Request), at.AsOf);
            var (moving, staying, unlawful) = (new List<UnitBinding>(), new List<UnitBinding>(), false);
            foreach (var unit in placement.Units)
            {
                var pool = after.Fleet.FindPool(unit.Node.Pool)!;
                var isLost = at.Scenario.Loses(pool);
                var isUnlawful = !isLost && !lawful.Contains(pool.Index);
                unlawful |= isUnlawful;
                var stays = !isLost && !isUnlawful && TakePower(placement.Request.Unit, pool, milliwattsLeft);
                (stays ? staying : moving).Add(unit);
            }

            if (moving.Count > 0 && placement.Request.Kind == WorkloadKind.Gang)
                (moving, staying) = ([.. placement.Units], []);
            if (staying.Count > 0) after.Add(placement with { Units = staying.ToSeq() });
            if (moving.Count > 0) displaced.Add(new(placement, moving.ToSeq(), staying.ToSeq(), unlawful));
        }

        return displaced;
    }

    private static bool TakePower(UnitNeed need, FleetPool pool, long[] milliwattsLeft)
    {
        var draw = pool.UnitMilliwatts(need.AcceleratorMilli, need.CpuMilli);
        if (milliwattsLeft[pool.Site.Index] < draw) return false;
        milliwattsLeft[pool.Site.Index] -= draw;
        return true;
    }
}
