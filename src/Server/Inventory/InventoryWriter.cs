using ControlPlane.Policies;
using ControlPlane.Regions;
using ControlPlane.Server.Ledger;

namespace ControlPlane.Server.Inventory;

/// <summary>Writes what is declared, and what of it is free, as clients read it.</summary>
internal static class InventoryWriter
{
    public static RegionAnswer Of(Fleet fleet, FleetRegion region, Dictionary<string, PoolUse> use)
    {
        var pools = fleet.Pools.Where(pool => pool.Region == region).ToList();
        return new RegionAnswer
        {
            Id = region.Id.Value,
            Name = region.Spec.Name,
            Jurisdiction = region.Spec.Jurisdiction.Value,
            Operator = region.Spec.Operator.Value,
            AccessLaws = [.. fleet.Clusters.Where(cluster => cluster.Region == region)
                .SelectMany(cluster => AccessLaws.Reaching(fleet, cluster))
                .Distinct().Order().Select(law => law.Value)],
            Sites = [.. region.Spec.Sites.Select(site => site.Site.Value).Order(StringComparer.Ordinal)],
            Accelerators = Total(pools),
            AcceleratorsFree = Free(pools, use),
        };
    }

    public static SiteAnswer Of(Fleet fleet, FleetSite site, Dictionary<string, PoolUse> use)
    {
        var pools = fleet.Pools.Where(pool => pool.Site == site).ToList();
        return new SiteAnswer
        {
            Id = site.Id.Value,
            Region = site.Region.Id.Value,
            Country = site.Spec.Country.Value,
            City = site.Spec.City,
            Status = Names.Of(site.Spec.Status),
            Pue = site.Spec.Power.Pue,
            PowerPhases =
                [.. site.Spec.Power.Phases.Select(phase => new PowerPhaseAnswer(phase.From, phase.Megawatts))],
            Accelerators = Total(pools),
            AcceleratorsFree = Free(pools, use),
        };
    }

    public static NodePoolAnswer Of(FleetPool pool, Dictionary<string, PoolUse> use)
    {
        var used = use.GetValueOrDefault(pool.Id.Value) ?? new PoolUse(pool.Id.Value, 0, 0, 0);
        return new NodePoolAnswer
        {
            Id = pool.Id.Value,
            Region = pool.Region.Id.Value,
            Site = pool.Site.Id.Value,
            Cluster = pool.Cluster.Id.Value,
            Sku = pool.Sku?.Id.Value,
            Fabric = Names.Of(pool.Spec.Fabric),
            Nodes = pool.Nodes,
            AcceleratorsPerNode = pool.Spec.AcceleratorsPerNode,
            AcceleratorMilli = pool.AcceleratorMilli,
            AcceleratorMilliFree = pool.AcceleratorMilli - used.AcceleratorMilli,
            CpuMilliFree = (pool.Spec.CpuMilliPerNode * pool.Nodes) - used.CpuMilli,
            MemoryMibFree = (pool.Spec.MemoryMibPerNode * pool.Nodes) - used.MemoryMib,
            UsdPerHour = pool.Spec.UsdPerHour,
        };
    }

    public static SkuAnswer Of(Sku sku) => new()
    {
        Id = sku.Id.Value,
        Vendor = sku.Vendor,
        Model = sku.Model,
        MemoryGib = sku.MemoryGib ?? sku.MemoryGigabytes,
        BandwidthGigabytesPerSecond = sku.BandwidthGigabytesPerSecond,
        Teraflops = new TeraflopsAnswer(sku.Teraflops.Bf16, sku.Teraflops.Fp8, sku.Teraflops.Fp4),
        Watts = sku.Watts,
        Status = Names.Of(sku.Status),
        Programmability = sku.Programmability,
    };

    private static long Total(List<FleetPool> pools) => pools.Sum(pool => pool.AcceleratorMilli) / 1000;

    private static decimal Free(List<FleetPool> pools, Dictionary<string, PoolUse> use)
    {
        var used = pools.Sum(pool => use.GetValueOrDefault(pool.Id.Value)?.AcceleratorMilli ?? 0);
        return (pools.Sum(pool => pool.AcceleratorMilli) - used) / 1000m;
    }
}
