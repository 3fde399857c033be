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
        if (TryCheapest(question, candidates) is null) FillExactly(request.Units, candidates);
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
    public static long? TryCheapest(Question question, Candidates candidates)
    {
        var units = question.Request.Units;
        var isService = question.Request.Kind == WorkloadKind.Service;
        var spreadWeight = isService ? question.Law.Policies.Preferences.Spread : 0;
        var dearest = long.MinValue;
        var regions = candidates.Regions.ConvertAll(region => new OpenRegion(region));
        for (var given = 0; given < units;)
        {
            (OpenRegion Region, OpenSite Site, Candidate Pool)? best = null;
            var bestCost = long.MaxValue;
            foreach (var region in regions.Where(region => region.Left > 0))
            {
                foreach (var site in region.Sites.Where(site => site.Left > 0))
                {
                    var crowding = spreadWeight * 1000L * site.Given / units;
                    foreach (var pool in site.Room.Pools)
                    {
                        if (pool.Units >= pool.Room || pool.UnitMilliwatts > site.PowerLeft) continue;
                        // Pools come in fleet order within equal cost, so the first of equals is the lowest id.
                        if (pool.Cost + crowding >= bestCost) continue;
                        (best, bestCost) = ((region, site, pool), pool.Cost + crowding);
                    }
                }
            }

            if (best is not { } chosen)
            {
                foreach (var pool in candidates.Pools) pool.Units = 0;
                return null;
            }

            var step = spreadWeight == 0 ? chosen.Site.Step(chosen.Region, chosen.Pool, units - given) : 1;
            chosen.Pool.Units += step;
            chosen.Region.Left -= step;
            chosen.Site.Left -= step;
            chosen.Site.Given += step;
            chosen.Site.PowerLeft -= step * chosen.Pool.UnitMilliwatts;
            given += step;
            dearest = Math.Max(dearest, bestCost);
        }

        return dearest;
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

    private sealed class OpenRegion(RegionRoom room)
    {
        public long Left { get; set; } = room.Cap;

        public List<OpenSite> Sites { get; } = room.Sites.ConvertAll(site => new OpenSite(site));
    }

    private sealed class OpenSite(SiteRoom room)
    {
        public SiteRoom Room => room;

        public long Left { get; set; } = room.Cap;

        public long PowerLeft { get; set; } = room.PowerLeft;

        public int Given { get; set; }

        /// <summary>Units that may go to the pool at once, since nothing changes its cost meanwhile.</summary>
        public int Step(OpenRegion region, Candidate pool, int units)
        {
            var step = Math.Min(Math.Min(Left, region.Left), Math.Min(pool.Room - pool.Units, units));
            if (pool.UnitMilliwatts > 0) step = Math.Min(step, PowerLeft / pool.UnitMilliwatts);
            return (int)step;
        }
    }
}
