using System.Runtime.InteropServices;
using ControlPlane.Inventory;
using ControlPlane.Regions;
using ControlPlane.Workloads;

namespace ControlPlane;

/// <summary>Sums up what tenants use, and which nodes are whose, beside the state itself.</summary>
public sealed partial class World
{
    private void CountTenant(Placement placement, int sign)
    {
        foreach (var unit in Occupied(placement).Span)
        {
            CountTenant(
                Fleet.FindPool(unit.Node.Pool)!, unit.Node.Ordinal, (placement.Request, placement.Isolation), sign);
        }
    }

    private void CountTenant(
        FleetPool pool, int ordinal, (PlacementRequest Request, IsolationLevel Isolation) of, int sign)
    {
        var need = of.Request.Unit;
        Tenancy.Add(pool, ordinal, (of.Request.Tenant, of.Isolation), sign);
        var sku = need.NeedsAccelerator ? pool.SkuIndex : -1;
        CountUsage(new UsageKey(of.Request.Tenant, pool.Region.Index, sku), need, sign);
        CountUsage(new UsageKey(of.Request.Tenant, UsageKey.AllRegions, sku), need, sign);
    }

    private void CountUsage(UsageKey key, UnitNeed need, int sign)
    {
        ref var sum = ref CollectionsMarshal.GetValueRefOrAddDefault(usage, key, out _);
        sum = new Usage(
            sum.AcceleratorMilli + (sign * need.AcceleratorMilli),
            sum.CpuMilli + (sign * need.CpuMilli),
            sum.MemoryMib + (sign * need.MemoryMib));
        if (sum == default) usage.Remove(key);
    }
}
