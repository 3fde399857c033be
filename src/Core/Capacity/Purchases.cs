using ControlPlane.Regions;

namespace ControlPlane.Capacity;

/// <summary>Says what would have to be bought so that units without a place find one.</summary>
internal static class Purchases
{
    public static Seq<Purchase> For(Rescue rescue, Seq<WorkloadSurvival> workloads)
    {
        var needed = new SortedDictionary<int, Order>();
        foreach (var workload in workloads.Where(workload => workload.Recovered < workload.Displaced))
        {
            // The cheapest pool that law, hardware and quotas open; more nodes of the kind that is there.
            var request = workload.Placement.Request;
            if (rescue.OpenTo(request).Find(pool => rescue.QuotaLeft(pool, request) > 0) is not { } pool) continue;
            if (!needed.TryGetValue(pool.Index, out var order))
                needed.Add(pool.Index, order = new Order(pool, rescue.PowerLeft(pool.Site, request)));
            var units = workload.Displaced - workload.Recovered;
            order.Packing.Add(request.Unit, units);
            order.Milliwatts += units * pool.UnitMilliwatts(request.Unit.AcceleratorMilli, request.Unit.CpuMilli);
        }

        return needed.Values.Select(order => new Purchase(
            order.Pool.Id, order.Pool.Site.Id, order.Packing.Nodes(), order.Milliwatts,
            Math.Max(0, order.Milliwatts - order.PowerLeft))).ToSeq();
    }

    private sealed class Order(FleetPool pool, long powerLeft)
    {
        public FleetPool Pool => pool;
        public long PowerLeft => powerLeft;
        public NodePacking Packing { get; } = new(pool.Spec);
        public long Milliwatts { get; set; }
    }
}
