using ControlPlane.Workloads;

namespace ControlPlane.Core.Tests.Placements;

/// <summary>A site or region as a spread sees it.</summary>
internal sealed record OpenDomain(int Index, int Room, long Cost, int Region, long RegionCap);

/// <summary>How units are spread, as it is defined and however long it takes: units by domain.</summary>
internal static class SpreadOracle
{
    public static Dictionary<int, int>? Split(int units, SpreadNeed spread, List<OpenDomain> domains)
    {
        for (var least = units / spread.MinDomains; least >= 1; least--)
        {
            if (Pick(units, least, spread, domains) is { } counts) return counts;
        }

        return null;
    }

    /// <summary>Counts with every one between least and least + skew; null when there are none.</summary>
    private static Dictionary<int, int>? Pick(int units, int least, SpreadNeed spread, List<OpenDomain> domains)
    {
        var most = least + spread.MaxSkew;
        var open = domains.Where(domain => domain.Room >= least).ToList();
        var cheap = First(
            open.OrderBy(domain => domain.Cost).ThenBy(domain => domain.Index), least, spread.MinDomains);
        var roomy = First(Roomiest(open, most), least, units / least);
        return Count(cheap) ?? Count(roomy);

        Dictionary<int, int>? Count(List<OpenDomain> chosen) =>
            chosen.Count < spread.MinDomains ? null : SpreadOracle.Count(chosen, units, (least, most));
    }

    /// <summary>By how many units each adds to those of the roomier ones of its region.</summary>
    private static IEnumerable<OpenDomain> Roomiest(List<OpenDomain> open, int most)
    {
        var additions = new List<(OpenDomain Domain, long Adds)>();
        foreach (var ofRegion in open.GroupBy(domain => domain.Region).OrderBy(group => group.Key))
        {
            long taken = 0, sum = 0;
            foreach (var domain in ofRegion.OrderByDescending(domain => domain.Room)
                .ThenBy(domain => domain.Cost).ThenBy(domain => domain.Index))
            {
                sum += Math.Min(domain.Room, most);
                var served = Math.Min(domain.RegionCap, sum);
                additions.Add((domain, served - taken));
                taken = served;
            }
        }

        return additions.OrderByDescending(item => item.Adds).Select(item => item.Domain);
    }

    private static List<OpenDomain> First(IEnumerable<OpenDomain> order, int least, int wanted)
    {
        var chosen = new List<OpenDomain>();
        foreach (var domain in order)
        {
            var taken = chosen.Count(other => other.Region == domain.Region);
            if (chosen.Count < wanted && (taken + 1L) * least <= domain.RegionCap) chosen.Add(domain);
        }

        return chosen;
    }

    private static Dictionary<int, int>? Count(List<OpenDomain> chosen, int units, (int Least, int Most) each)
    {
        if ((long)chosen.Count * each.Least > units) return null;
        var counts = chosen.ToDictionary(domain => domain.Index, _ => each.Least);
        for (var left = units - (chosen.Count * each.Least); left > 0; left--)
        {
            var open = chosen.Where(domain => counts[domain.Index] < Math.Min(domain.Room, each.Most)
                && chosen.Where(other => other.Region == domain.Region).Sum(other => (long)counts[other.Index])
                    < domain.RegionCap).ToList();
            // One unit at a time to the emptiest; of equals to the first that was chosen.
            if (open.MinBy(domain => counts[domain.Index]) is not { } next) return null;
            counts[next.Index]++;
        }

        return counts;
    }
}
