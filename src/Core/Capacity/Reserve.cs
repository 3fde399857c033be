using ControlPlane.Placements;
using ControlPlane.Policies;

namespace ControlPlane.Capacity;

/// <summary>What reserves keep back of the free accelerators.</summary>
internal static class Reserve
{
    /// <summary>
    /// Thousandths of free accelerators of each pool that mandatory reserves of the day keep from requests of the
    /// lowest priority: the scope's reserve, shared out over its pools by what they have free.
    /// </summary>
    public static long[] FreeMilliByPool(World world, Law law, DateTimeOffset asOf)
    {
        var day = DateOnly.FromDateTime(asOf.UtcDateTime);
        var kept = new long[world.Fleet.Pools.Count];
        var rules = law.Policies.Policies
            .Where(policy => policy.Enforcement == Enforcement.Mandatory && policy.HoldsOn(day))
            .SelectMany(policy => policy.Rules.OfType<CapacityReserveRule>().Select(rule => (policy, rule)));
        foreach (var (policy, rule) in rules)
        {
            var pools = world.Fleet.Pools.Where(pool => rule.Covers(pool.Sku, priority: 0)
                && Placer.IsActive(pool.Site) && policy.HoldsIn(pool.Region.Id));
            foreach (var scope in pools
                .GroupBy(pool => (rule.Over == CapScope.Site ? pool.Site.Index : pool.Region.Index, pool.SkuIndex)))
            {
                var installed = scope.Sum(pool => pool.AcceleratorMilli);
                var used = installed - scope.Sum(pool => world.Nodes.FreeAcceleratorMilli(pool.Index));
                // What is free on closed nodes is the first of what is kept: it comes to nobody anyway.
                var left = scope.Sum(pool => ReadyRoom.FreeMilli(world, pool));
                var reserve = left - Math.Clamp(rule.UsableMilli(installed) - used, 0, left);
                foreach (var pool in scope)
                {
                    var share = left == 0
                        ? 0
                        : (long)((decimal)reserve * ReadyRoom.FreeMilli(world, pool) / left);
                    kept[pool.Index] = Math.Max(kept[pool.Index], share);
                }
            }
        }

        return kept;
    }
}
