using ControlPlane.Inventory;
using ControlPlane.Policies;
using ControlPlane.Regions;
using ControlPlane.Workloads;

namespace ControlPlane.Placements;

/// <summary>
/// How well a pool suits a request, term by term. Each term lies between 0 and 1,000, lower is better; weights are
/// policy data. Terms are whole numbers so that every machine adds them up alike.
/// </summary>
public sealed record Score
{
    /// <summary>Round-trip time at which the latency term is full, in milliseconds.</summary>
    private const decimal WorstRoundTripMilliseconds = 300;

    public required long Price { get; init; }
    public required long Carbon { get; init; }
    public required long Latency { get; init; }
    public required long Home { get; init; }
    public required long Packing { get; init; }
    public required long Waste { get; init; }

    /// <summary>Weighted sum, the cost of one unit here.</summary>
    public required long Cost { get; init; }

    public static Score Of(World world, FleetPool pool, PlacementRequest request, Preferences weights) =>
        Sum((world, pool, request), weights, PackingOf(world, pool, request, weights));

    /// <summary>The part of a pool's cost that never changes.</summary>
    internal static long FixedCost(World world, FleetPool pool, PlacementRequest request, Preferences weights) =>
        Sum((world, pool, request), weights, packing: 0).Cost;

    private static Score Sum(
        (World World, FleetPool Pool, PlacementRequest Request) at, Preferences weights, long packing)
    {
        var (world, pool, request) = at;
        var fleet = world.Fleet;
        var home = request.HomeRegion is { } id ? fleet.FindRegion(id) : null;
        var price = Share(pool.Spec.UsdPerHour, fleet.DearestUsdPerHour);
        var carbon = Share(pool.Site.CarbonGramsPerItKilowattHour, fleet.DirtiestGramsPerKilowattHour);
        var latency = LatencyTo(fleet, home, pool.Region);
        var nearness = Nearness(home, pool.Region);
        var waste = !request.Unit.NeedsAccelerator && pool.Sku is not null ? 1000L : 0L;
        return new Score
        {
            Price = price,
            Carbon = carbon,
            Latency = latency,
            Home = nearness,
            Packing = packing,
            Waste = waste,
            Cost = (weights.Price * price) + (weights.Carbon * carbon) + (weights.Latency * latency)
                + (weights.Home * nearness) + (weights.Packing * packing) + (weights.Waste * waste),
        };
    }

    private static long LatencyTo(Fleet fleet, FleetRegion? home, FleetRegion region)
    {
        if (home is null) return 0;
        // Where no links lead is as far as it gets.
        var milliseconds = fleet.Distances.Milliseconds(home, region) ?? WorstRoundTripMilliseconds;
        return Share(Math.Min(milliseconds, WorstRoundTripMilliseconds), WorstRoundTripMilliseconds);
    }

    private static long Nearness(FleetRegion? home, FleetRegion region)
    {
        if (home is null || home.Id == region.Id) return 0;
        return home.Spec.Jurisdiction == region.Spec.Jurisdiction ? 500 : 1000;
    }

    private static long PackingOf(World world, FleetPool pool, PlacementRequest request, Preferences weights) =>
        ExpectedPacking.For(world, weights, request) is { } packing && ExpectedPacking.Serves(pool)
            ? packing.Term(pool, request)
            : FreeShare(world.Nodes.Glances[pool.Index], request.Unit);

    /// <summary>The packing term of a pool where no work is expected.</summary>
    internal static int FreeShare(in PoolGlance glance, UnitNeed need) =>
        need.NeedsAccelerator ? glance.FreeAcceleratorShare : glance.FreeCpuShare;

    /// <summary>The least that this term can be if the pool has room for units.</summary>
    internal static int LeastShare(FleetPool pool, UnitNeed need, int units) => need.NeedsAccelerator
        ? NodeColumns.Share(units * need.AcceleratorMilli, pool.AcceleratorMilli)
        : NodeColumns.Share(units * need.CpuMilli, pool.Spec.CpuMilliPerNode * pool.Nodes);

    private static long Share(decimal value, decimal of) => of == 0 ? 0 : (long)(value * 1000 / of);
}
