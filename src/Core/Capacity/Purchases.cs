using ControlPlane.Regions;
using ControlPlane.Workloads;

namespace ControlPlane.Capacity;

/// <summary>Says what would have to be bought so that units without a place find one.</summary>
internal static class Purchases
{
    public static Seq<Purchase> For(Rescue rescue, Seq<WorkloadSurvival> workloads)
    {
        var needed = new SortedDictionary<int, (FleetPool Pool, decimal Nodes, long Milliwatts)>();
        foreach (var workload in workloads.Where(workload => workload.Recovered < workload.Displaced))
        {
            // The cheapest pool that law and hardware open; more nodes of the kind that is there.
            if (rescue.OpenTo(workload.Placement.Request).FirstOrDefault() is not { } pool) continue;
            var need = workload.Placement.Request.Unit;
            var units = workload.Displaced - workload.Recovered;
            var sum = needed.GetValueOrDefault(pool.Index, (pool, 0, 0));
            needed[pool.Index] = (pool,
                sum.Item2 + Math.Ceiling((decimal)units / UnitsOf(pool.Spec, need)),
                sum.Item3 + (units * pool.UnitMilliwatts(need.AcceleratorMilli, need.CpuMilli)));
        }

        return needed.Values.Select(item => new Purchase(
            item.Pool.Id, item.Pool.Site.Id, (int)item.Nodes, item.Milliwatts,
            Math.Max(0, item.Milliwatts - rescue.PowerLeft(item.Pool.Site)))).ToSeq();
    }

    /// <summary>Units that an empty node holds; at least one, since the pool is capable.</summary>
    private static long UnitsOf(NodePoolSpec node, UnitNeed need)
    {
        var units = long.MaxValue;
        if (need.Accelerators > 0) units = node.AcceleratorsPerNode / need.Accelerators;
        if (need.AcceleratorShareMilli > 0)
            units = (long)node.AcceleratorsPerNode * (1000 / need.AcceleratorShareMilli);
        if (need.CpuMilli > 0) units = Math.Min(units, node.CpuMilliPerNode / need.CpuMilli);
        if (need.MemoryMib > 0) units = Math.Min(units, node.MemoryMibPerNode / need.MemoryMib);
        return Math.Clamp(units, 1, int.MaxValue);
    }
}
