using ControlPlane.Inventory;
using ControlPlane.Placements;
using ControlPlane.Policies;
using ControlPlane.Regions;
using ControlPlane.Workloads;

namespace ControlPlane.Cells;

/// <summary>
/// Names a region of another cell that the policies here allow and where, by its numbers, there may be room.
/// </summary>
public sealed record CellOffer
{
    public required CellId Cell { get; init; }

    public required JurisdictionId Jurisdiction { get; init; }

    public required RegionId Region { get; init; }

    public required Uri Url { get; init; }

    /// <summary>Units that the numbers leave room for, at most those asked for.</summary>
    public required int Units { get; init; }

    public required long AgeSeconds { get; init; }
}

/// <summary>
/// Says which other cells might take what has no place here: by the law of this cell on the public catalogue, and by
/// the numbers that the directory has. Nobody is asked anything, so nothing about the request leaves.
/// </summary>
public static class Elsewhere
{
    /// <summary>Regions that may be offered, ordered; <paramref name="law"/> is that on the whole fleet.</summary>
    public static Seq<CellOffer> Find(Law law, PlacementRequest request, CellTable known, DateTimeOffset asOf)
    {
        var shaped = law.Shape(request, asOf);
        if (shaped.IsDenied) return [];
        var lawful = law.LawfulPools(LawSubject.Of(shaped.Request), asOf);
        var pools = law.Fleet.Pools
            .Where(pool => lawful.Contains(pool.Index) && Capability.Suffices(pool, shaped.Request.Unit))
            .ToLookup(pool => pool.Site.Id);
        var offers = new List<CellOffer>();
        foreach (var cell in known.Cells)
        {
            if (cell is not { Report: { } report, AgeSeconds: { } age }) continue;
            foreach (var ofRegion in report.Sites.Where(site => site.Open && site.Health == SiteHealth.Healthy)
                .GroupBy(site => site.Region))
            {
                var units = UnitsOf(ofRegion.Select(site => UnitsAt(site, pools[site.Site], shaped.Request)), request);
                if (units < request.Units || law.Fleet.FindRegion(ofRegion.Key) is not { } region) continue;
                offers.Add(new CellOffer
                {
                    Cell = cell.Cell,
                    Jurisdiction = region.Spec.Jurisdiction,
                    Region = ofRegion.Key,
                    Url = cell.Url,
                    Units = request.Units,
                    AgeSeconds = age,
                });
            }
        }

        return offers.OrderBy(offer => offer.Cell).ThenBy(offer => offer.Region).ToSeq();
    }

    /// <summary>Members of a gang stay together; other units may be at several sites.</summary>
    private static long UnitsOf(IEnumerable<long> bySite, PlacementRequest request) =>
        request.Kind == WorkloadKind.Gang ? bySite.Max() : bySite.Sum();

    private static long UnitsAt(CellSite site, IEnumerable<FleetPool> pools, PlacementRequest request)
    {
        var need = request.Unit;
        var perUnit = Math.Max(1, need.Accelerators);
        var units = 0L;
        foreach (var ofSku in pools.GroupBy(pool => need.NeedsAccelerator ? pool.Sku!.Id : pool.Sku?.Id ?? CellSku.Cpu))
        {
            if (site.Skus.FirstOrDefault(sku => sku.Sku == ofSku.Key) is not { } room || room.Largest < perUnit)
                continue;
            units += need.AcceleratorShareMilli > 0 || !need.NeedsAccelerator
                ? room.Free * PerPiece(ofSku.First(), need)
                : room.Free / perUnit;
        }

        var milliwatts = pools.Select(pool => pool.UnitMilliwatts(need.AcceleratorMilli, need.CpuMilli))
            .DefaultIfEmpty(0).Min();
        return milliwatts == 0 ? units : Math.Min(units, site.FreeKilowatts * 1_000_000 / milliwatts);
    }

    /// <summary>Units that share one accelerator, or one node that has none.</summary>
    private static long PerPiece(FleetPool pool, UnitNeed need) => need.AcceleratorShareMilli > 0
        ? NodeColumns.WholeMilli / need.AcceleratorShareMilli
        : Math.Max(1, Math.Min(
            pool.Spec.CpuMilliPerNode / Math.Max(1, need.CpuMilli),
            pool.Spec.MemoryMibPerNode / Math.Max(1, need.MemoryMib)));
}
