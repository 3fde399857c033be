using ControlPlane.Regions;
using ControlPlane.Workloads;

namespace ControlPlane.Placements;

/// <summary>Says which nodes of a pool somebody's unit may come to, whatever room they have.</summary>
internal readonly record struct NodeGuest(
    World World, FleetPool Pool, (TenantId Tenant, IsolationLevel Isolation) Of, Func<int, bool>? Within = null)
{
    public static NodeGuest For(World world, FleetPool pool, PlacementRequest request) =>
        new(world, pool, (request.Tenant, request.Isolation));

    public bool MayCome(int node) =>
        (Within is null || Within(node)) && World.Tenancy.NodeAdmits(Pool.Index, node, Of.Tenant, Of.Isolation);
}
