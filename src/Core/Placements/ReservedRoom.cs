using ControlPlane.Regions;
using ControlPlane.Workloads;

namespace ControlPlane.Placements;

/// <summary>Tells what reservations leave of a region's accelerators of one model.</summary>
public static class ReservedRoom
{
    /// <summary>
    /// Free accelerators, in thousandths, that a request may use: not what is reserved for others at any time to come,
    /// since a placement has no end. Lent room counts as free for work that may be ended.
    /// </summary>
    public static long LeftMilli(World world, FleetRegion region, Sku sku, (PlacementRequest Request,
        DateTimeOffset AsOf) of) => Math.Max(0, UnclippedMilli(world, region, sku, of));

    /// <summary>The same, below zero where others are short of what is reserved for them.</summary>
    internal static long UnclippedMilli(World world, FleetRegion region, Sku sku, (PlacementRequest Request,
        DateTimeOffset AsOf) of)
    {
        var kept = world.Reservations.At(region.Id, sku.Id).FindAll(item => item.Tenant != of.Request.Tenant
            && !(item.Lendable && ReservationBook.IsPreemptible(of.Request)));
        return FreeMilli(world, region, sku.Id)
            - PeakMilli(world, (region, sku.Id), kept, (of.AsOf, DateTimeOffset.MaxValue)).Milli;
    }

    /// <summary>
    /// Whether a reservation fits beside all others and beside what runs, at every instant; else the instant at
    /// which it
    /// does not, and how many thousandths are short.
    /// </summary>
    public static (long ShortMilli, DateTimeOffset At) ShortageOf(World world, Reservation added, DateTimeOffset asOf)
    {
        var region = world.Fleet.FindRegion(added.Region)!; // checked before it is asked
        List<Reservation> all = [.. world.Reservations.At(added.Region, added.Sku), added];
        var (peak, at) = PeakMilli(world, (region, added.Sku), all, (asOf, DateTimeOffset.MaxValue));
        return (Math.Max(0, peak - FreeMilli(world, region, added.Sku)), at);
    }

    /// <summary>
    /// Placements that must end so that lent room is there when its owner's window comes, the newest first; those that
    /// may be ended are the only ones, and of them those whose end leaves less missing: an owner's own use of the room
    /// counts against what is kept for it.
    /// </summary>
    public static IEnumerable<DecisionId> Recalled(World world, DateTimeOffset now)
    {
        foreach (var ofPlace in world.Reservations.All.Where(item => item.Lendable).GroupBy(item => (item.Region,
            item.Sku)))
        {
            if (world.Fleet.FindRegion(ofPlace.Key.Region) is not { } region) continue;
            var soon = now.AddSeconds(ofPlace.Max(item => item.RecallSeconds));
            var all = world.Reservations.At(region.Id, ofPlace.Key.Sku);
            var ended = new Dictionary<TenantId, long>();
            var free = FreeMilli(world, region, ofPlace.Key.Sku);
            var sku = SkuIndex(world.Fleet, ofPlace.Key.Sku);
            long Missing() => ReservationBook.Peak(all, (now, soon), tenant =>
                world.UsageOf(tenant, region.Index, sku).AcceleratorMilli - ended.GetValueOrDefault(tenant)).Milli
                - free;
            var missing = Missing();
            if (missing <= 0) continue;
            var lent = world.Placements.Where(item => ReservationBook.IsPreemptible(item.Request))
                .Select(item => (item.Id, item.Request.Tenant, item.DecidedAt,
                    Milli: MilliAt(world, item, (region.Id, ofPlace.Key.Sku))))
                .Where(item => item.Milli > 0)
                .OrderByDescending(item => item.DecidedAt).ThenByDescending(item => item.Id);
            foreach (var (id, tenant, _, milli) in lent)
            {
                if (missing <= 0) break;
                free += milli;
                ended[tenant] = ended.GetValueOrDefault(tenant) + milli;
                if (Missing() is var without && without < missing)
                {
                    missing = without;
                    yield return id;
                    continue;
                }

                free -= milli;
                ended[tenant] -= milli;
            }
        }
    }

    private static (long Milli, DateTimeOffset At) PeakMilli(
        World world, (FleetRegion Region, SkuId Sku) at, List<Reservation> reservations,
        (DateTimeOffset From, DateTimeOffset Until) within)
    {
        if (reservations.Count == 0) return (0, within.From);
        var sku = SkuIndex(world.Fleet, at.Sku);
        return ReservationBook.Peak(
            reservations, within, tenant => world.UsageOf(tenant, at.Region.Index, sku).AcceleratorMilli);
    }

    private static int SkuIndex(Fleet fleet, SkuId sku)
    {
        for (var index = 0; index < fleet.Skus.Count; index++)
        {
            if (fleet.Skus[index].Id == sku) return index;
        }

        return -1;
    }

    private static long FreeMilli(World world, FleetRegion region, SkuId sku) => world.Fleet.PoolsOf(region)
        .Where(pool => pool.Sku?.Id == sku && Placer.IsActive(pool.Site))
        .Sum(pool => world.Nodes.FreeAcceleratorMilli(pool.Index));

    private static long MilliAt(World world, Placement placement, (RegionId Region, SkuId Sku) at) =>
        placement.Units.Count(unit => world.Fleet.FindPool(unit.Node.Pool) is { } pool
            && pool.Region.Id == at.Region && pool.Sku?.Id == at.Sku) * (long)placement.Request.Unit.AcceleratorMilli;
}
