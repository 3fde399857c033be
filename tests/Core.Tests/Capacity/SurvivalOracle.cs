using ControlPlane.Capacity;
using ControlPlane.Core.Tests.Worlds;
using ControlPlane.Policies;
using ControlPlane.Regions;
using ControlPlane.Workloads;

namespace ControlPlane.Core.Tests.Capacity;

/// <summary>
/// Tells how many units of one accelerator each could survive a scenario, by judging every pool rule by rule and
/// augmenting paths one by one. Holds for units that need nothing else of a node, at sites with power enough.
/// </summary>
internal static class SurvivalOracle
{
    public static Dictionary<int, long> RecoveredByPriority(RandomWorld world, Scenario scenario)
    {
        var fleet = scenario.Change(world.World.Fleet);
        var law = new Law(fleet, world.Law.Policies);
        var free = fleet.Pools.Select(pool => (long)pool.Nodes * pool.Spec.AcceleratorsPerNode).ToArray();
        var moving = new List<PlacementRequest>();
        foreach (var placement in world.World.Placements)
        {
            foreach (var unit in placement.Units)
            {
                var pool = fleet.FindPool(unit.Node.Pool)!;
                if (!scenario.Loses(pool) && IsLawful(law, pool, placement.Request, world.AsOf)) free[pool.Index]--;
                else moving.Add(placement.Request);
            }
        }

        var problem = new ReplanProblem();
        foreach (var pool in fleet.Pools)
            problem.AddTarget(
                scenario.Loses(pool) || pool.Site.Spec.Status != SiteStatus.Active ? 0 : free[pool.Index]);
        foreach (var request in moving)
        {
            var open = fleet.Pools.Where(pool => IsLawful(law, pool, request, world.AsOf) && CanDo(pool, request.Unit));
            problem.AddClass(request.Priority, [1], [.. open.Select(pool => new ReplanArc(pool.Index, 0))]);
        }

        return ReplanOracle.FlowByPriority(problem).Served;
    }

    private static bool IsLawful(Law law, FleetPool pool, PlacementRequest request, DateTimeOffset asOf) =>
        law.Judge(pool, LawSubject.Of(request), asOf).All(verdict => verdict.Result != VerdictResult.Denied);

    internal static bool CanDo(FleetPool pool, UnitNeed need) =>
        pool.Sku is { } sku
        && pool.Spec.AcceleratorsPerNode > 0
        && (need.Skus.Count == 0 || need.Skus.Contains(sku.Id))
        && !(need.MinMemoryGib > (sku.MemoryGib ?? sku.MemoryGigabytes))
        && Has(need.MinBandwidthGigabytesPerSecond, sku.BandwidthGigabytesPerSecond)
        && Has(need.MinTeraflopsBf16, sku.Teraflops.Bf16)
        && Has(need.MinTeraflopsFp8, sku.Teraflops.Fp8)
        && Has(need.MinTeraflopsFp4, sku.Teraflops.Fp4)
        && (need.Fabric is not { } fabric || fabric == pool.Spec.Fabric);

    private static bool Has(decimal? wanted, decimal? figure) => wanted is null || figure >= wanted;
}
