using ControlPlane.Policies;
using ControlPlane.Regions;
using ControlPlane.Workloads;

namespace ControlPlane.Core.Tests.Worlds;

/// <summary>Looks for a place by trying every division of the units over pools, and judges each on its own.</summary>
internal static class BruteForce
{
    /// <summary>A division that satisfies everything; null when there is none.</summary>
    public static Seq<(FleetPool Pool, int Units)>? Find(RandomWorld question, PlacementRequest request)
    {
        var pools = question.World.Fleet.Pools.Where(pool => MayUse(question, pool, request)).ToList();
        var groups = request.Unit.NeedsAccelerator
            ? pools.GroupBy(pool => pool.SkuIndex).Select(group => group.ToList())
            : [pools];
        foreach (var group in groups)
        {
            var rooms = group.ConvertAll(pool => Room(question.World, pool, request));
            foreach (var counts in Divisions(request.Units, rooms))
            {
                var units = group.Zip(counts).ToSeq();
                if (units.Count > 0 && !Faults(question, request, units).Any()) return units;
            }
        }

        return null;
    }

    /// <summary>What is wrong with a division, apart from the room on nodes.</summary>
    public static IEnumerable<string> Faults(
        RandomWorld question, PlacementRequest request, Seq<(FleetPool Pool, int Units)> units)
    {
        foreach (var site in units.Where(item => item.Units > 0).GroupBy(item => item.Pool.Site))
        {
            var more = site.Sum(item => item.Units * Audit.Milliwatts(item.Pool, request.Unit));
            if (more == 0) continue;
            if (question.World.SiteMilliwatts(site.Key.Index) + more > Audit.Contract(site.Key, question.AsOf))
                yield return $"no power at {site.Key}";
        }

        foreach (var broken in CapAudit.Broken(question, request, units)) yield return broken;
        if (request.Kind == WorkloadKind.Gang && units.Count(item => item.Units > 0) > 1)
            yield return "a gang over several pools";
        if (request.Spread is not { } spread) yield break;
        var byDomain = units.GroupBy(
            item => spread.Over == SpreadDomain.Site ? (object)item.Pool.Site : item.Pool.Region)
            .Select(group => group.Sum(item => item.Units)).Where(count => count > 0).ToList();
        if (byDomain.Count < spread.MinDomains) yield return $"{byDomain.Count} domains";
        if (byDomain.Max() - byDomain.Min() > spread.MaxSkew)
            yield return $"a skew of {byDomain.Max() - byDomain.Min()}";
    }

    /// <summary>Whether law, health and capability let the request onto a pool.</summary>
    public static bool MayUse(RandomWorld question, FleetPool pool, PlacementRequest request) =>
        question.Law.Judge(pool, LawSubject.Of(request), question.AsOf).All(
            verdict => verdict.Result != VerdictResult.Denied)
        && pool.Site.Spec.Status == SiteStatus.Active
        && request.DependsOn.All(dependency => IsNear(question.World, pool, (request.Tenant, dependency)))
        && Capable(pool, request.Unit);

    /// <summary>Whether one of the name has a unit there; everywhere is near to a name that nobody has.</summary>
    private static bool IsNear(World world, FleetPool pool, (TenantId Tenant, Dependency Dependency) of)
    {
        var named = world.Placements.Where(placement => placement.Request.Tenant == of.Tenant
            && placement.Request.Workload == of.Dependency.Workload).ToList();
        return named.Count == 0 || named.Exists(placement => placement.Units.Any(unit =>
        {
            var there = world.Fleet.FindPool(unit.Node.Pool)!;
            return of.Dependency.Within == DependencyScope.Site
                ? there.Site == pool.Site
                : there.Region == pool.Region;
        }));
    }

    private static bool Capable(FleetPool pool, UnitNeed need)
    {
        if (need.Fabric is { } fabric && fabric != pool.Spec.Fabric) return false;
        if (need.CpuMilli > pool.Spec.CpuMilliPerNode || need.MemoryMib > pool.Spec.MemoryMibPerNode) return false;
        if (!need.NeedsAccelerator) return true;
        return pool.Sku is { } sku
            && Math.Max(1, need.Accelerators) <= pool.Spec.AcceleratorsPerNode
            && (need.Skus.Count == 0 || need.Skus.Contains(sku.Id))
            && (need.MinMemoryGib is not { } memory || (sku.MemoryGib ?? sku.MemoryGigabytes) >= memory)
            && (need.MinBandwidthGigabytesPerSecond is not { } bandwidth
                || sku.BandwidthGigabytesPerSecond >= bandwidth)
            && (need.MinTeraflopsBf16 is not { } bf16 || sku.Teraflops.Bf16 >= bf16)
            && (need.MinTeraflopsFp8 is not { } fp8 || sku.Teraflops.Fp8 >= fp8)
            && (need.MinTeraflopsFp4 is not { } fp4 || sku.Teraflops.Fp4 >= fp4);
    }

    /// <summary>Units the nodes of a pool take, or the roomiest fabric domain of a gang.</summary>
    private static int Room(World world, FleetPool pool, PlacementRequest request)
    {
        var nodes = Enumerable.Range(0, pool.Nodes)
            .Select(node => (node, Room: RoomOn(world, pool, node, request)))
            .ToList();
        return request.Kind == WorkloadKind.Gang
            ? nodes
                .GroupBy(item => item.node / pool.Spec.NodesPerFabricDomain)
                .Select(domain => domain.Sum(item => item.Room))
                .DefaultIfEmpty(0)
                .Max()
            : nodes.Sum(item => item.Room);
    }

    /// <summary>Takes unit after unit until something runs out.</summary>
    public static int RoomOn(World world, FleetPool pool, int node, PlacementRequest request)
    {
        var need = request.Unit;
        var (cpu, memory) = (world.Nodes.FreeCpuMilli(pool.Index, node), world.Nodes.FreeMemoryMib(pool.Index, node));
        var devices = world.Nodes.Devices(pool.Index, node).ToArray();
        for (var units = 0; ; units++)
        {
            (cpu, memory) = (cpu - need.CpuMilli, memory - need.MemoryMib);
            if (units == request.Units || cpu < 0 || memory < 0 || !TakeDevices(devices, need)) return units;
        }
    }

    private static bool TakeDevices(short[] devices, UnitNeed need)
    {
        var (count, milli) = need.AcceleratorShareMilli > 0
            ? (1, need.AcceleratorShareMilli)
            : (need.Accelerators, 1000);
        for (var taken = 0; taken < count; taken++)
        {
            var device = Array.FindIndex(devices, free => free >= milli);
            if (device < 0) return false;
            devices[device] -= (short)milli;
        }

        return true;
    }

    private static IEnumerable<List<int>> Divisions(int units, List<int> rooms, int first = 0)
    {
        if (first == rooms.Count)
        {
            if (units == 0) yield return [];
            yield break;
        }

        for (var here = Math.Min(units, rooms[first]); here >= 0; here--)
        {
            foreach (var rest in Divisions(units - here, rooms, first + 1)) yield return [here, .. rest];
        }
    }
}
