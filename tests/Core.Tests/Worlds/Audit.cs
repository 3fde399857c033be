using ControlPlane.Regions;
using ControlPlane.Workloads;

namespace ControlPlane.Core.Tests.Worlds;

/// <summary>
/// Adds up from nothing what placements use, and compares it with what there is and what the world says.
/// </summary>
internal static class Audit
{
    /// <summary>
    /// Everything that is overcommitted, or that the world has added up differently; empty when all is well.
    /// </summary>
    public static Seq<string> Of(World world, DateTimeOffset asOf)
    {
        var faults = new List<string>();
        var placements = world.Placements.ToList();
        foreach (var placement in placements) faults.AddRange(Shape(world.Fleet, placement));
        foreach (var pool in world.Fleet.Pools) faults.AddRange(Nodes(world, pool, placements));
        foreach (var site in world.Fleet.Sites) faults.AddRange(Power(world, site, placements, asOf));
        faults.AddRange(Usage(world));
        return faults.ToSeq();
    }

    /// <summary>
    /// Whether the units of a placement are as many as asked for, and each takes what it needs where it may.
    /// </summary>
    public static IEnumerable<string> Shape(Fleet fleet, Placement placement)
    {
        var need = placement.Request.Unit;
        if (placement.Units.Count != placement.Request.Units)
            yield return $"{placement.Units.Count} units, not {placement.Request.Units}";
        foreach (var unit in placement.Units)
        {
            var devices = System.Numerics.BitOperations.PopCount(unit.Devices);
            var expected = need.AcceleratorShareMilli > 0 ? 1 : need.Accelerators;
            if (devices != expected) yield return $"{unit} has {devices} accelerators, not {expected}";
            if (placement.Request.Kind == WorkloadKind.Gang
                && DomainOf(fleet, unit) != DomainOf(fleet, placement.Units[0]))
                yield return $"{unit} is in a domain of its own";
            if (unit.ShareMilli != need.AcceleratorShareMilli) yield return $"{unit} shares {unit.ShareMilli}";
            if (fleet.FindPool(unit.Node.Pool) is not { } pool)
                yield return $"{unit} is on a pool that is not declared";
            else if (need.Fabric is { } fabric && pool.Spec.Fabric != fabric) yield return $"{unit} has no {fabric}";
        }
    }

    private static (NodePoolId, int) DomainOf(Fleet fleet, UnitBinding unit) =>
        (unit.Node.Pool, unit.Node.Ordinal / (fleet.FindPool(unit.Node.Pool)?.Spec.NodesPerFabricDomain ?? 1));

    private static IEnumerable<string> Nodes(World world, FleetPool pool, List<Placement> placements)
    {
        for (var ordinal = 0; ordinal < pool.Nodes; ordinal++)
        {
            var here = placements.SelectMany(
                placement => placement.Units.Select(unit => (unit, placement.Request.Unit)))
                .Where(item => item.unit.Node == new NodeId(pool.Id, ordinal)).ToList();
            var cpu = pool.Spec.CpuMilliPerNode - here.Sum(item => item.Unit.CpuMilli);
            var memory = pool.Spec.MemoryMibPerNode - here.Sum(item => item.Unit.MemoryMib);
            if (cpu < 0 || memory < 0) yield return $"{pool}-{ordinal} lacks {-cpu} cpu, {-memory} MiB";
            if (cpu != world.Nodes.FreeCpuMilli(pool.Index, ordinal))
                yield return $"{pool}-{ordinal} has {cpu} cpu free";
            if (memory != world.Nodes.FreeMemoryMib(pool.Index, ordinal))
                yield return $"{pool}-{ordinal} has {memory} MiB free";
            for (var device = 0; device < pool.Spec.AcceleratorsPerNode; device++)
            {
                var free = 1000 - here.Where(item => (item.unit.Devices >> device & 1) == 1)
                    .Sum(item => item.unit.ShareMilli == 0 ? 1000 : item.unit.ShareMilli);
                if (free < 0) yield return $"{pool}-{ordinal}/{device} lacks {-free}";
                if (free != world.Nodes.Devices(pool.Index, ordinal)[device])
                    yield return $"{pool}-{ordinal}/{device} has {free} free";
            }
        }

        var sums = (
            Sum(pool, node => world.Nodes.FreeCpuMilli(pool.Index, node)),
            Sum(pool, node => world.Nodes.FreeMemoryMib(pool.Index, node)),
            Sum(pool, node => world.Nodes.Devices(pool.Index, node).ToArray().Sum(free => (long)free)));
        var said = (
            world.Nodes.FreeCpuMilli(pool.Index),
            world.Nodes.FreeMemoryMib(pool.Index),
            world.Nodes.FreeAcceleratorMilli(pool.Index));
        if (sums != said) yield return $"{pool} adds up to {sums}, not {said}";
        var outside = placements.SelectMany(placement => placement.Units).Where(unit =>
            unit.Node.Pool == pool.Id && (unit.Node.Ordinal < 0 || unit.Node.Ordinal >= pool.Nodes
                || (pool.Spec.AcceleratorsPerNode < 64 && unit.Devices >> pool.Spec.AcceleratorsPerNode != 0)));
        foreach (var unit in outside) yield return $"{unit} does not exist";
    }

    private static long Sum(FleetPool pool, Func<int, long> of) => Enumerable.Range(0, pool.Nodes).Sum(of);

    private static IEnumerable<string> Power(
        World world, FleetSite site, List<Placement> placements, DateTimeOffset asOf)
    {
        long drawn = 0;
        foreach (var placement in placements)
        {
            foreach (var unit in placement.Units)
            {
                if (world.Fleet.FindPool(unit.Node.Pool) is { } pool && pool.Site == site)
                    drawn += Milliwatts(pool, placement.Request.Unit);
            }
        }

        if (drawn != world.SiteMilliwatts(site.Index))
            yield return $"{site} draws {drawn} mW, not {world.SiteMilliwatts(site.Index)}";
        var contract = Contract(site, asOf);
        if (drawn > contract) yield return $"{site} draws {drawn} mW of {contract}";
    }

    /// <summary>
    /// The same figure as the fleet's, by another way: exact fractions first, one rounding at each step.
    /// </summary>
    public static long Milliwatts(FleetPool pool, UnitNeed need)
    {
        decimal it = need.AcceleratorMilli * (decimal)(pool.Sku?.Watts ?? 0);
        it += Math.Ceiling(need.CpuMilli * 1000m * pool.Spec.HostWatts / pool.Spec.CpuMilliPerNode);
        return (long)Math.Ceiling(it * Math.Ceiling(pool.Site.Spec.Power.Pue * 1000m) / 1000m);
    }

    public static long Contract(FleetSite site, DateTimeOffset asOf)
    {
        var day = DateOnly.FromDateTime(asOf.UtcDateTime);
        var begun = site.Spec.Power.Phases.Where(phase => phase.From <= day);
        return (long)(begun.Select(phase => phase.Megawatts).LastOrDefault() * 1_000_000_000m);
    }

    private static IEnumerable<string> Usage(World world)
    {
        foreach (var tenant in RandomLaw.Tenants)
        {
            foreach (var region in world.Fleet.Regions)
            {
                for (var sku = -1; sku < world.Fleet.Skus.Count; sku++)
                {
                    var used = Used(world, tenant, pool => pool.Region == region, sku);
                    if (used != world.UsageOf(tenant, region.Index, sku))
                        yield return $"{tenant} uses {used} of {sku} in {region}";
                }
            }
        }
    }

    /// <summary>What a tenant uses of one model in some pools; model -1 is work without accelerators.</summary>
    public static Usage Used(World world, TenantId tenant, Func<FleetPool, bool> inScope, int sku)
    {
        var sum = default(Usage);
        foreach (var placement in world.Placements.Where(placement => placement.Request.Tenant == tenant))
        {
            var need = placement.Request.Unit;
            foreach (var unit in placement.Units)
            {
                var pool = world.Fleet.FindPool(unit.Node.Pool)!;
                if (!inScope(pool) || (need.NeedsAccelerator ? pool.SkuIndex : -1) != sku) continue;
                sum = new(
                    sum.AcceleratorMilli + need.AcceleratorMilli,
                    sum.CpuMilli + need.CpuMilli,
                    sum.MemoryMib + need.MemoryMib);
            }
        }

        return sum;
    }
}
