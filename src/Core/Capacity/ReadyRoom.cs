using ControlPlane.Regions;

namespace ControlPlane.Capacity;

/// <summary>Counts what is free on nodes that take work; what is free on closed ones comes to nobody.</summary>
internal static class ReadyRoom
{
    /// <summary>Thousandths of accelerators.</summary>
    public static long FreeMilli(World world, FleetPool pool) =>
        world.Nodes.FreeAcceleratorMilli(pool.Index) - ClosedFreeMilli(world, pool);

    public static long FreeCpuMilli(World world, FleetPool pool) => world.Nodes.FreeCpuMilli(pool.Index)
        - ClosedNodes(world, pool).Sum(node => world.Nodes.FreeCpuMilli(pool.Index, node));

    /// <summary>Thousandths of accelerators that are free on closed nodes.</summary>
    public static long ClosedFreeMilli(World world, FleetPool pool) =>
        ClosedNodes(world, pool).Sum(node => (long)world.Nodes.FreeMilli(pool.Index, node));

    private static IEnumerable<int> ClosedNodes(World world, FleetPool pool) =>
        Enumerable.Range(0, pool.Nodes).Where(node => world.Tenancy.IsClosed(pool.Index, node));
}
