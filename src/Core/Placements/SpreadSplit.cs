using ControlPlane.Workloads;

namespace ControlPlane.Placements;

/// <summary>
/// Divides units over at least so many sites or regions with at most so much skew. Exact: it finds a way whenever
/// there is one. For each smallest count, from the most even down, domains with at least that room are picked, the
/// cheapest first, and exchanged for roomier ones only when the cheap ones are too small. It can be used again, and
/// allocates nothing then.
/// </summary>
internal sealed class SpreadSplit(int units, SpreadNeed spread)
{
    private readonly List<DomainRoom> open = [];
    private readonly List<DomainRoom> chosen = [];

    // Units of each region that are spoken for; all 0 in between.
    private long[] ofRegion = [];

    /// <summary>The smallest count when the domains that have to be used all take the same.</summary>
    public int Even { get; } = units / spread.MinDomains;

    /// <summary>The domains that are used, each with its units.</summary>
    public List<DomainRoom> Chosen => chosen;

    public static bool TrySplit(int units, SpreadNeed spread, Candidates candidates)
    {
        if (candidates.Cap < units) return false;
        var split = new SpreadSplit(units, spread);
        if (!split.TrySplit(DomainsOf(spread.Over, candidates))) return false;
        foreach (var domain in split.Chosen) domain.Give();
        return true;
    }

    private static List<DomainRoom> DomainsOf(SpreadDomain over, Candidates candidates)
    {
        var domains = new List<DomainRoom>();
        foreach (var region in candidates.Regions)
        {
            if (over == SpreadDomain.Region) domains.Add(new DomainRoom(over, region.Sites).Weigh(region.Cap));
            else domains.AddRange(region.Sites.Select(site => new DomainRoom(over, [site]).Weigh(region.Cap)));
        }

        return domains;
    }

    /// <summary>Divides the units over domains, which come in any order and leave in another.</summary>
    public bool TrySplit(List<DomainRoom> domains)
    {
        domains.Sort(static (one, other) => (one.Cost, one.Index).CompareTo((other.Cost, other.Index)));
        for (var least = Even; least >= 1; least--)
        {
            if (!MaySuffice(domains, least)) continue;
            open.Clear();
            foreach (var domain in domains)
            {
                if (domain.Room >= least) open.Add(domain);
            }

            if (TryFirst(open, least, spread.MinDomains)) return true;
            SortRoomiest(MostOf(least));
            if (TryFirst(open, least, units / least)) return true;
        }

        return false;
    }

    /// <summary>
    /// Divides the units over the cheapest domains with room for an even share, which come in order of cost; false when
    /// they cannot take the rest, or a region does not let all of them take a share.
    /// </summary>
    public bool TryEven(List<DomainRoom> cheapest) => TryFirst(cheapest, Even, spread.MinDomains);

    private int MostOf(int least) => (int)Math.Min(int.MaxValue, (long)least + spread.MaxSkew);

    /// <summary>Whether domains suffice if no region is in the way.</summary>
    private bool MaySuffice(List<DomainRoom> domains, int least)
    {
        var (most, count, sum) = (MostOf(least), 0, 0L);
        foreach (var domain in domains)
        {
            if (domain.Room < least) continue;
            count++;
            sum += Math.Min(domain.Room, most);
        }

        return count >= spread.MinDomains && sum >= units;
    }

    /// <summary>
    /// Puts domains in order of how many units each adds to what is already taken of its region. Within a region the
    /// additions never grow, so the first of this order serve as many units as any choice can.
    /// </summary>
    private void SortRoomiest(int most)
    {
        open.Sort(ByRegionAndRoom);
        long taken = 0, sum = 0;
        DomainRoom? last = null;
        foreach (var domain in open)
        {
            if (last?.Region != domain.Region) (taken, sum) = (0, 0);
            sum += Math.Min(domain.Room, most);
            var served = Math.Min(domain.RegionCap, sum);
            domain.Adds = served - taken;
            (taken, last) = (served, domain);
        }

        open.Sort(static (one, other) => one.Adds == other.Adds
            ? ByRegionAndRoom(one, other)
            : other.Adds.CompareTo(one.Adds));
    }

    private static int ByRegionAndRoom(DomainRoom one, DomainRoom other) =>
        (one.Region.Index, -one.Room, one.Cost, one.Index)
            .CompareTo((other.Region.Index, -other.Room, other.Cost, other.Index));

    /// <summary>
    /// Divides the units over the first domains of an order, no more of a region than its cap can serve with the least
    /// each.
    /// </summary>
    private bool TryFirst(List<DomainRoom> order, int least, int wanted)
    {
        chosen.Clear();
        foreach (var domain in order)
        {
            if (chosen.Count == wanted) break;
            if (domain.Region.Index >= ofRegion.Length)
                Array.Resize(ref ofRegion, Math.Max(domain.Region.Index + 1, 2 * ofRegion.Length));
            ref var taken = ref ofRegion[domain.Region.Index];
            if (taken + least > domain.RegionCap) continue;
            taken += least;
            domain.Units = least;
            chosen.Add(domain);
        }

        var isDone = chosen.Count >= spread.MinDomains && TryRest(least);
        foreach (var domain in chosen) ofRegion[domain.Region.Index] = 0;
        return isDone;
    }

    /// <summary>Gives what is left after the least to those that were chosen.</summary>
    private bool TryRest(int least)
    {
        var left = units - ((long)chosen.Count * least);
        if (left < 0) return false;
        var most = MostOf(least);
        // One unit at a time to the emptiest, so that the result is as even as the room allows.
        while (left > 0)
        {
            DomainRoom? next = null;
            foreach (var domain in chosen)
            {
                if (domain.Units >= Math.Min(domain.Room, most)
                    || ofRegion[domain.Region.Index] >= domain.RegionCap) continue;
                if (next is null || domain.Units < next.Units) next = domain;
            }

            if (next is null) return false;
            next.Units++;
            ofRegion[next.Region.Index]++;
            left--;
        }

        return true;
    }
}
