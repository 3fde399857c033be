using System.Collections;
using ControlPlane.Placements;
using ControlPlane.Policies;
using ControlPlane.Regions;

namespace ControlPlane.Capacity;

/// <summary>
/// Tells what a region has of a model, or of power, and what is free in other models or regions for everybody who uses
/// it. What runs and what reserves keep is looked at once for all regions.
/// </summary>
internal sealed class RegionRoom
{
    private readonly World world;
    private readonly Law law;
    private readonly DateTimeOffset asOf;
    private readonly long[] reservedMilli;

    /// <summary>Pools that a class of demand may lawfully use, and that can run it.</summary>
    private readonly Dictionary<DemandClass, BitArray> openTo = [];

    /// <summary>Who uses what, and the pools that are open to all of them.</summary>
    private readonly Dictionary<(RegionId, SkuId?), (HashSet<DemandClass> Classes, BitArray Open)> users = [];

    public RegionRoom(World world, Law law, DateTimeOffset asOf)
    {
        (this.world, this.law, this.asOf) = (world, law, asOf);
        reservedMilli = Reserve.FreeMilliByPool(world, law, asOf);
        foreach (var group in world.Groups())
        {
            var pool = world.Fleet.FindPool(group.Pool)!; // what runs is in pools of its fleet
            var demand = DemandClass.Of(group.Request);
            Add((pool.Region.Id, null), demand);
            if (pool.Sku is { } sku) Add((pool.Region.Id, sku.Id), demand);
        }
    }

    /// <summary>What ordinary work may use, from each instant on: accelerators, or megawatts.</summary>
    public Seq<LimitPhase> LimitsOf(FleetRegion region, SkuId? sku) => sku is { } model
        ? [new(DateTimeOffset.MinValue, Active(region, model).Sum(ReadyMilli) / 1000.0
            - ReservedOf(region, model))]
        : PowerOf(region);

    /// <summary>Accelerators that reserves keep from ordinary work; no power is kept.</summary>
    public double ReservedOf(FleetRegion region, SkuId? sku) => sku is { } model
        ? Active(region, model).Sum(pool => reservedMilli[pool.Index]) / 1000.0
        : 0;

    /// <summary>Accelerators of a node; 0 for power.</summary>
    public int NodeSizeOf(FleetRegion region, SkuId? sku) => sku is null ? 0 : world.Fleet.Pools
        .Where(pool => pool.Region == region && pool.Sku?.Id == sku)
        .Select(pool => pool.Spec.AcceleratorsPerNode).DefaultIfEmpty(1).Max();

    /// <summary>
    /// Free for ordinary work at sites that take work, in other models or regions, lawful for everybody who uses it
    /// here and able to run what they run: whole accelerators, or megawatts in other regions.
    /// </summary>
    public double OverflowOf(FleetRegion region, SkuId? sku)
    {
        var known = users.TryGetValue((region.Id, sku), out var used);
        var open = world.Fleet.Pools.Where(pool => world.Sites.IsOpen(pool.Site)
            && (known ? used.Open[pool.Index] : sku is null || pool.Sku?.Id == sku)
            && (pool.Region != region || (sku is not null && pool.Sku?.Id != sku)));
        return sku is null
            ? open.Select(pool => pool.Site).Distinct()
                .Sum(site => PowerFigures.Of(world, site, asOf).FreeMilliwatts) / 1e9
            : open.Sum(pool => (ReadyRoom.FreeMilli(world, pool) - reservedMilli[pool.Index]) / 1000);
    }

    /// <summary>What is in use, and what is free on nodes that take work.</summary>
    private long ReadyMilli(FleetPool pool) => pool.AcceleratorMilli - ReadyRoom.ClosedFreeMilli(world, pool);

    private Seq<LimitPhase> PowerOf(FleetRegion region)
    {
        var sites = world.Fleet.Sites.Where(site => site.Region == region && Placer.IsActive(site)).ToList();
        double At(DateTimeOffset instant) => sites.Sum(site => site.FacilityMilliwattsAt(instant)) / 1e9;
        var later = sites.SelectMany(site => site.Spec.Power.Phases)
            .Select(phase => new DateTimeOffset(phase.From.ToDateTime(TimeOnly.MinValue), TimeSpan.Zero))
            .Where(from => from > asOf).Distinct().Order();
        return [new(DateTimeOffset.MinValue, At(asOf)), .. later.Select(from => new LimitPhase(from, At(from)))];
    }

    private IEnumerable<FleetPool> Active(FleetRegion region, SkuId sku) => world.Fleet.Pools
        .Where(pool => pool.Region == region && pool.Sku?.Id == sku && Placer.IsActive(pool.Site));

    private void Add((RegionId, SkuId?) used, DemandClass demand)
    {
        if (!users.TryGetValue(used, out var known))
            users.Add(used, known = ([], new BitArray(world.Fleet.Pools.Count, true)));
        if (known.Classes.Add(demand)) known.Open.And(OpenTo(demand));
    }

    private BitArray OpenTo(DemandClass demand)
    {
        if (openTo.TryGetValue(demand, out var known)) return known;
        var lawful = law.LawfulPools(demand.Subject, asOf);
        var open = new BitArray(world.Fleet.Pools.Count);
        foreach (var pool in world.Fleet.Pools)
            open[pool.Index] = lawful.Contains(pool.Index) && Capability.Suffices(pool, demand.Unit);
        openTo.Add(demand, open);
        return open;
    }
}
