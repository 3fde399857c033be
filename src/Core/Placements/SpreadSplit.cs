using ControlPlane.Workloads;

namespace ControlPlane.Placements;

/// <summary>
/// Divides units over at least so many sites or regions with at most so much skew. Exact: it finds a way whenever
/// there is one. For each smallest count, from the most even down, domains with at least that room are picked, the
/// cheapest first, and exchanged for roomier ones only when the cheap ones are too small.
/// </summary>
internal static class SpreadSplit
{
    public static bool TrySplit(int units, SpreadNeed spread, Candidates candidates)
    {
        if (candidates.Cap < units) return false;
        var domains = DomainsOf(spread.Over, candidates);
        for (var least = units / spread.MinDomains; least >= 1; least--)
        {
            if (Pick(units, least, spread, domains) is not { } counts) continue;
            foreach (var (domain, count) in counts) domain.Give(count);
            return true;
        }

        return false;
    }

    /// <summary>
    /// Divides units over the cheapest domains with room for an even share, all of which are used; false when they
    /// cannot take the rest.
    /// </summary>
    public static bool TryGive(
        int units, SpreadNeed spread,
        List<(int Index, int Room, long Cost, RegionRoom Region, List<SiteRoom> Sites)> cheapest)
    {
        var least = units / spread.MinDomains;
        var most = (int)Math.Min(int.MaxValue, (long)least + spread.MaxSkew);
        var domains = cheapest.ConvertAll(item =>
            new Domain(item.Index, item.Room, item.Cost, item.Region, item.Sites));
        if (Count(domains, units, least, most) is not { } counts) return false;
        foreach (var (domain, count) in counts) domain.Give(count);
        return true;
    }

    private static List<Domain> DomainsOf(SpreadDomain over, Candidates candidates) => over == SpreadDomain.Site
        ? [.. candidates.Regions.SelectMany(region => region.Sites.Select(site =>
            new Domain(site.Site.Index, site.MostUnits, site.Pools[0].Cost, region, [site])))]
        : [.. candidates.Regions.Select(region =>
            new Domain(
                region.Region.Index,
                region.MostUnits,
                region.Sites.Min(site => site.Pools[0].Cost),
                region,
                region.Sites))];

    /// <summary>Counts by domain with every count between least and least + skew; null when there are none.</summary>
    private static List<(Domain Domain, int Count)>? Pick(int units, int least, SpreadNeed spread, List<Domain> domains)
    {
        var most = (int)Math.Min(int.MaxValue, (long)least + spread.MaxSkew);
        var open = domains.Where(domain => domain.Room >= least).ToList();
        var cheap = Select(
            open.OrderBy(domain => domain.Cost).ThenBy(domain => domain.Index), least, spread.MinDomains);
        var roomy = Select(Roomiest(open, most), least, units / least);
        return Count(cheap) ?? Count(roomy);

        List<(Domain, int)>? Count(List<Domain> chosen) =>
            chosen.Count < spread.MinDomains ? null : SpreadSplit.Count(chosen, units, least, most);
    }

    /// <summary>
    /// Domains by how many units each adds to what is already taken of its region, which the region's cap limits.
    /// Within a region the additions never grow, so the first of this order serve as many units as any choice can.
    /// </summary>
    private static IEnumerable<Domain> Roomiest(List<Domain> open, int most)
    {
        var additions = new List<(Domain Domain, long Adds)>();
        foreach (var ofRegion in open.GroupBy(domain => domain.Region.Region.Index))
        {
            long taken = 0, sum = 0;
            var ordered = ofRegion
                .OrderByDescending(domain => domain.Room)
                .ThenBy(domain => domain.Cost)
                .ThenBy(domain => domain.Index);
            foreach (var domain in ordered)
            {
                sum += Math.Min(domain.Room, most);
                var served = Math.Min(domain.Region.Cap, sum);
                additions.Add((domain, served - taken));
                taken = served;
            }
        }

        // Stable, so that a region's own order is kept among equals.
        return additions.OrderByDescending(item => item.Adds).Select(item => item.Domain);
    }

    /// <summary>
    /// The first domains of an order, no more of a region than its cap can serve with the least each.
    /// </summary>
    private static List<Domain> Select(IEnumerable<Domain> order, int least, int wanted)
    {
        var chosen = new List<Domain>();
        var ofRegion = new Dictionary<int, int>();
        foreach (var domain in order)
        {
            if (chosen.Count == wanted) break;
            var taken = ofRegion.GetValueOrDefault(domain.Region.Region.Index);
            if ((taken + 1L) * least > domain.Region.Cap) continue;
            ofRegion[domain.Region.Region.Index] = taken + 1;
            chosen.Add(domain);
        }

        return chosen;
    }

    private static List<(Domain, int)>? Count(List<Domain> chosen, int units, int least, int most)
    {
        if ((long)chosen.Count * least > units) return null;
        var counts = chosen.ConvertAll(_ => least);
        var left = units - (chosen.Count * least);
        var regionLeft = chosen.GroupBy(domain => domain.Region.Region.Index)
            .ToDictionary(group => group.Key, group => group.First().Region.Cap - ((long)group.Count() * least));
        // One unit at a time to the emptiest, so that the result is as even as the room allows.
        while (left > 0)
        {
            var next = -1;
            for (var index = 0; index < chosen.Count; index++)
            {
                var domain = chosen[index];
                if (counts[index] >= Math.Min(domain.Room, most) || regionLeft[domain.Region.Region.Index] <= 0)
                    continue;
                if (next < 0 || counts[index] < counts[next]) next = index;
            }

            if (next < 0) return null;
            counts[next]++;
            regionLeft[chosen[next].Region.Region.Index]--;
            left--;
        }

        return [.. chosen.Zip(counts)];
    }

    /// <summary>A site or region that counts for the spread.</summary>
    private sealed record Domain(int Index, int Room, long Cost, RegionRoom Region, List<SiteRoom> Sites)
    {
        public void Give(int units)
        {
            foreach (var site in Sites.OrderBy(site => site.Pools[0].Cost).ThenBy(site => site.Site.Index))
            {
                var here = Math.Min(units, site.MostUnits);
                site.Give(here);
                units -= here;
            }
        }
    }
}
