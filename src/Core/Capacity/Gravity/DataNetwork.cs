using ControlPlane.Regions;

namespace ControlPlane.Capacity.Gravity;

/// <summary>
/// The links over which data goes from site to site. A link of two regions joins each site of the one with each of
/// the other; sites of one region that no declared link joins have the bandwidth that the terms state, for nothing.
/// </summary>
internal sealed class DataNetwork
{
    private readonly Fleet fleet;
    private readonly List<(int To, decimal Gigabits, decimal Usd)>[] links;
    private readonly decimal[] widths;

    public DataNetwork(Fleet fleet, DataTerms terms)
    {
        this.fleet = fleet;
        links = [.. fleet.Sites.Select(_ => new List<(int, decimal, decimal)>())];
        var declared = new HashSet<(int, int)>();
        foreach (var link in fleet.Regions.SelectMany(region => region.Spec.SiteLinks))
        {
            if (fleet.FindSite(link.From) is not { } from || fleet.FindSite(link.To) is not { } to) continue;
            Join(from.Index, to.Index, (link.GigabitsPerSecond, link.UsdPerGib));
            declared.Add((Math.Min(from.Index, to.Index), Math.Max(from.Index, to.Index)));
        }

        var sites = fleet.Sites.GroupBy(site => site.Region.Id)
            .ToDictionary(group => group.Key, group => group.ToList());
        foreach (var (_, ofRegion) in sites)
        {
            foreach (var (one, other) in from one in ofRegion from other in ofRegion select (one, other))
            {
                if (one.Index < other.Index && !declared.Contains((one.Index, other.Index)))
                    Join(one.Index, other.Index, (terms.SiteGigabitsPerSecond, 0));
            }
        }

        foreach (var region in fleet.Regions)
        {
            foreach (var link in region.Spec.Links)
            {
                foreach (var (one, other) in from one in sites.GetValueOrDefault(region.Id, [])
                                             from other in sites.GetValueOrDefault(link.To, [])
                                             select (one, other))
                    Join(one.Index, other.Index, (link.GigabitsPerSecond, link.UsdPerGib));
            }
        }

        widths = [.. links.SelectMany(list => list).Select(link => link.Gigabits).Distinct().OrderDescending()];
    }

    /// <summary>
    /// Ways from the nearest of some sites to each site that are worth taking: each is wider than the next, and the
    /// next is cheaper. Only sites that are open are passed or reached.
    /// </summary>
    public List<DataRoute>[] RoutesFrom(IEnumerable<int> sources, bool[] open)
    {
        var starts = sources.Where(site => open[site]).Order().ToList();
        var routes = fleet.Sites.Select(_ => new List<DataRoute>()).ToArray();
        foreach (var start in starts) routes[start].Add(new([fleet.Sites[start].Id], 0, 0));
        foreach (var width in starts.Count == 0 ? [] : widths)
        {
            var (usd, before) = Cheapest(starts, open, width);
            for (var site = 0; site < routes.Length; site++)
            {
                if (usd[site] is not { } price || before[site] < 0) continue;
                if (routes[site].Count > 0 && routes[site][^1].UsdPerGib <= price) continue;
                routes[site].Add(new(WayTo(site, before), width, price));
            }
        }

        return routes;
    }

    /// <summary>
    /// Bandwidth of the widest way from a site to each; 0 where none leads, and as much as there can be to itself.
    /// </summary>
    public decimal[] WidestFrom(int source, bool[] open)
    {
        var (widest, done) = (new decimal[links.Length], new bool[links.Length]);
        if (open[source]) widest[source] = decimal.MaxValue;
        while (true)
        {
            var next = -1;
            for (var site = 0; site < widest.Length; site++)
            {
                if (!done[site] && widest[site] > 0 && (next < 0 || widest[site] > widest[next])) next = site;
            }

            if (next < 0) return widest;
            done[next] = true;
            foreach (var (to, gigabits, _) in links[next])
            {
                if (open[to]) widest[to] = Math.Max(widest[to], Math.Min(widest[next], gigabits));
            }
        }
    }

    /// <summary>The cheapest way that is fast enough, or else the fastest; null when there is none.</summary>
    public static DataRoute? Choose(List<DataRoute> routes, Func<DataRoute, bool> isFastEnough) =>
        routes.LastOrDefault(isFastEnough) ?? routes.FirstOrDefault();

    /// <summary>Price of the cheapest way to each site over links of at least a width, and what comes before.</summary>
    private (decimal?[] Usd, int[] Before) Cheapest(List<int> starts, bool[] open, decimal width)
    {
        var usd = new decimal?[links.Length];
        var (before, done) = (new int[links.Length], new bool[links.Length]);
        Array.Fill(before, -1);
        foreach (var start in starts) usd[start] = 0;
        while (true)
        {
            var next = -1;
            for (var site = 0; site < usd.Length; site++)
            {
                if (!done[site] && usd[site] is { } price && (next < 0 || price < usd[next])) next = site;
            }

            if (next < 0) return (usd, before);
            done[next] = true;
            foreach (var (to, gigabits, more) in links[next])
            {
                if (gigabits < width || !open[to] || done[to]) continue;
                var price = usd[next]!.Value + more; // it was found
                if (usd[to] is { } known && known <= price) continue;
                (usd[to], before[to]) = (price, next);
            }
        }
    }

    private Seq<SiteId> WayTo(int site, int[] before)
    {
        var way = new List<SiteId>();
        for (var at = site; at >= 0; at = before[at]) way.Add(fleet.Sites[at].Id);
        way.Reverse();
        return way.ToSeq();
    }

    private void Join(int one, int other, (decimal Gigabits, decimal Usd) link)
    {
        links[one].Add((other, link.Gigabits, link.Usd));
        links[other].Add((one, link.Gigabits, link.Usd));
    }
}
