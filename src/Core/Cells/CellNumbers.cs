using ControlPlane.Inventory;
using ControlPlane.Regions;

namespace ControlPlane.Cells;

/// <summary>Counts what a cell tells of its own sites; it looks at no placement, tenant or policy.</summary>
public static class CellNumbers
{
    private const long MilliwattsPerKilowatt = 1_000_000;

    public static CellReport Of(World world, CellId cell, DateTimeOffset asOf) => new()
    {
        Form = CellReport.NewestForm,
        Cell = cell,
        Sites = world.Fleet.Sites.OrderBy(site => site.Id).Select(site => SiteOf(world, site, asOf)).ToSeq(),
    };

    private static CellSite SiteOf(World world, FleetSite site, DateTimeOffset asOf)
    {
        var contract = site.FacilityMilliwattsAt(asOf);
        return new CellSite
        {
            Region = site.Region.Id,
            Site = site.Id,
            Health = world.Sites.Find(site.Id)?.Health ?? SiteHealth.Healthy,
            Open = world.Sites.IsOpen(site),
            ContractKilowatts = contract / MilliwattsPerKilowatt,
            FreeKilowatts = Math.Max(0, contract - world.SiteMilliwatts(site.Index)) / MilliwattsPerKilowatt,
            Law = LawOf(world.Fleet, site, asOf),
            Skus = world.Fleet.Pools.Where(pool => pool.Site == site)
                .GroupBy(pool => pool.Sku?.Id ?? CellSku.Cpu)
                .OrderBy(ofSku => ofSku.Key)
                .Select(ofSku => SkuOf(world.Nodes, ofSku.Key, [.. ofSku]))
                .ToSeq(),
        };
    }

    private static CellSku SkuOf(NodeColumns nodes, SkuId sku, List<FleetPool> pools)
    {
        if (sku != CellSku.Cpu)
        {
            return new CellSku
            {
                Sku = sku,
                Installed = pools.Sum(pool => pool.AcceleratorMilli) / NodeColumns.WholeMilli,
                Free = pools.Sum(pool => nodes.FreeAcceleratorMilli(pool.Index)) / NodeColumns.WholeMilli,
                Largest = pools.Max(pool => nodes.MostWholeFree(pool.Index)),
            };
        }

        var free = pools.Sum(pool => Enumerable.Range(0, pool.Nodes)
            .LongCount(node => nodes.FreeCpuMilli(pool.Index, node) == pool.Spec.CpuMilliPerNode));
        return new CellSku
        {
            Sku = sku, Installed = pools.Sum(pool => pool.Nodes), Free = free, Largest = free > 0 ? 1 : 0,
        };
    }

    private static Seq<LawFact> LawOf(Fleet fleet, FleetSite site, DateTimeOffset asOf)
    {
        var home = site.Region.Spec.Jurisdiction;
        var clusters = fleet.Clusters.Where(cluster => cluster.Site == site).ToList();
        if (clusters.Count == 0) return [];
        var flags = new List<LawFact>();
        if (clusters.TrueForAll(cluster => cluster.Controllers.All(each => fleet.LiesIn(each.Seat, home))))
            flags.Add(LawFact.OwnControl);
        if (clusters.TrueForAll(cluster => cluster.Claims.Any(claim => claim.HoldsAt(asOf)
            && claim is { Kind: ClaimKind.KeyCustody, Custody: >= KeyCustodyLevel.External })))
            flags.Add(LawFact.OutsideKeys);
        if (clusters.TrueForAll(cluster => StaffOf(cluster, asOf) is { Count: > 0 } homes
            && homes.TrueForAll(each => fleet.LiesIn(each, home))))
            flags.Add(LawFact.ResidentStaff);
        return flags.ToSeq();
    }

    private static List<JurisdictionId> StaffOf(FleetCluster cluster, DateTimeOffset asOf) =>
    [
        .. cluster.Claims.Where(claim => claim.Kind == ClaimKind.Personnel && claim.HoldsAt(asOf))
            .SelectMany(claim => claim.Jurisdictions),
    ];
}
