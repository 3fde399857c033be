using ControlPlane.Workloads;

namespace ControlPlane.Placements;

/// <summary>Divides the units of a request over pools that have room, cheaply and, when it must, exactly.</summary>
internal static class UnitSplit
{
    /// <summary>Gives every unit to a pool, or says that there is no way.</summary>
    /// <returns>Whether every unit has a pool; when not, nothing was given.</returns>
    public static bool TrySplit(Question question, Candidates candidates)
    {
        var request = question.Request;
        if (candidates.MostUnits < request.Units) return false;
        if (request.Kind == WorkloadKind.Gang) return TrySplitGang(request, candidates);
        if (request.Spread is { } spread) return SpreadSplit.TrySplit(request.Units, spread, candidates);
        if (TryCheapest(question, candidates.Regions) is null) FillExactly(request.Units, candidates);
        return true;
    }

    /// <summary>A gang runs inside one fabric domain, so inside one pool.</summary>
    private static bool TrySplitGang(PlacementRequest request, Candidates candidates)
    {
        Candidate? best = null;
        foreach (var region in candidates.Regions.Where(region => region.Cap >= request.Units))
        {
            foreach (var site in region.Sites.Where(site => site.Cap >= request.Units))
            {
                foreach (var pool in site.Pools)
                {
                    if (pool.Room < request.Units || pool.UnitMilliwatts * request.Units > site.PowerLeft) continue;
                    if (best is null || (pool.Cost, pool.Pool.Index).CompareTo((best.Cost, best.Pool.Index)) < 0)
                        best = pool;
                }
            }
        }

        if (best is null) return false;
        best.Units = request.Units;
        return true;
    }

    /// <summary>
    /// Unit by unit to the cheapest pool; each unit a site already has makes it dearer by the spread weight.
    /// </summary>
    /// <returns>What the dearest unit cost then; null when some found no pool, and nothing was given.</returns>
    public static long? TryCheapest(Question question, List<RegionRoom> regions)
    {
        var units = question.Request.Units;
        var isService = question.Request.Kind == WorkloadKind.Service;
        var spreadWeight = isService ? question.Law.Policies.Preferences.Spread : 0;
        var dearest = long.MinValue;
        foreach (var region in regions) region.Open();
        for (var given = 0; given < units;)
        {
            if (CheapestOf(regions, (spreadWeight, units)) is not (var region, var site, var pool, var cost))
            {
                foreach (var each in regions) each.Open();
                return null;
            }

            var step = 1;
            if (spreadWeight == 0)
            {
                // Nothing changes what the pool costs meanwhile.
                var most = Math.Min(Math.Min(site.UnitsOpen, region.UnitsOpen), pool.Room - pool.Units);
                if (pool.UnitMilliwatts > 0) most = Math.Min(most, site.PowerOpen / pool.UnitMilliwatts);
                step = (int)Math.Min(most, units - given);
            }

            site.Give(pool, step);
            region.UnitsOpen -= step;
            given += step;
            dearest = Math.Max(dearest, cost);
        }

        return dearest;
    }

    /// <summary>The cheapest pool for one more unit, and what it costs there; null when none has room.</summary>
    private static (RegionRoom Region, SiteRoom Site, Candidate Pool, long Cost)? CheapestOf(
        List<RegionRoom> regions, (int SpreadWeight, int Units) asked)
    {
        (RegionRoom Region, SiteRoom Site, Candidate Pool, long Cost)? best = null;
        var bestCost = long.MaxValue;
        foreach (var region in regions)
        {
            if (region.UnitsOpen <= 0) continue;
            foreach (var site in region.Sites)
            {
                if (site.UnitsOpen <= 0) continue;
                var crowding = asked.SpreadWeight * 1000L * site.Given / asked.Units;
                foreach (var pool in site.Pools)
                {
                    if (pool.Units >= pool.Room || pool.UnitMilliwatts > site.PowerOpen) continue;
                    // Pools come in fleet order within equal cost, so the first of equals is the lowest id.
                    if (pool.Cost + crowding >= bestCost) continue;
                    bestCost = pool.Cost + crowding;
                    best = (region, site, pool, bestCost);
                }
            }
        }

        return best;
    }

    /// <summary>
    /// Every site to the brim in order of its cheapest pool; right whenever the exact maximum suffices.
    /// </summary>
    private static void FillExactly(int units, Candidates candidates)
    {
        var left = units;
        foreach (var region in candidates.Regions.OrderBy(CheapestOf).ThenBy(region => region.Region.Index))
        {
            var regionLeft = Math.Min(left, region.MostUnits);
            foreach (var site in region.Sites.OrderBy(CheapestOf).ThenBy(site => site.Site.Index))
            {
                var here = Math.Min(regionLeft, site.MostUnits);
                site.Give(here);
                regionLeft -= here;
                left -= here;
            }
        }
    }

    private static long CheapestOf(RegionRoom region) => region.Sites.Min(CheapestOf);

    private static long CheapestOf(SiteRoom site) => site.Pools[0].Cost;
}
