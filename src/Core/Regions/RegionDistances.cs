namespace ControlPlane.Regions;

/// <summary>Round-trip times between every pair of regions: the quickest way over declared links.</summary>
public sealed class RegionDistances
{
    private readonly decimal?[,] milliseconds;

    internal RegionDistances(Seq<FleetRegion> regions)
    {
        var count = regions.Count;
        milliseconds = new decimal?[count, count];
        var byId = regions.ToDictionary(region => region.Id, region => region.Index);
        for (var region = 0; region < count; region++)
        {
            milliseconds[region, region] = 0;
            foreach (var link in regions[region].Spec.Links)
            {
                if (!byId.TryGetValue(link.To, out var other)) continue;
                Shorten(region, other, link.RoundTripMilliseconds);
                Shorten(other, region, link.RoundTripMilliseconds);
            }
        }

        for (var via = 0; via < count; via++)
        {
            for (var from = 0; from < count; from++)
            {
                if (milliseconds[from, via] is not { } first) continue;
                for (var to = 0; to < count; to++)
                {
                    if (milliseconds[via, to] is { } second) Shorten(from, to, first + second);
                }
            }
        }
    }

    /// <summary>Round-trip time in milliseconds; null when no links lead there.</summary>
    public decimal? Milliseconds(FleetRegion from, FleetRegion to) => milliseconds[from.Index, to.Index];

    private void Shorten(int from, int to, decimal time)
    {
        if (milliseconds[from, to] is not { } known || time < known) milliseconds[from, to] = time;
    }
}
