using ControlPlane.Failover;
using ControlPlane.Placements;
using ControlPlane.Workloads;

namespace ControlPlane.Ledger;

/// <summary>Adds up what an event costs of a budget: accelerators, moves, and the places that it touches.</summary>
public sealed record AgentUse(long AcceleratorMilli, int Moves, Seq<SiteId> Sites, Seq<RegionId> Regions)
{
    public static AgentUse Nothing { get; } = new(0, 0, [], []);

    /// <summary>Of a placement that is made.</summary>
    public static AgentUse Of(World world, PlacementRequest request, Placed placed) =>
        At(world, placed.Units) with { AcceleratorMilli = request.AcceleratorMilliTotal };

    /// <summary>Of a placement that is ended.</summary>
    public static AgentUse Of(World world, Placement ended) => At(world, ended.Units);

    /// <summary>Of a plan that is landed: every way in it, from and to.</summary>
    public static AgentUse Of(World world, MovePlan plan) => At(
        world, plan.Moves.SelectMany(move => move.From.Concat(move.To)), plan.Sites) with { Moves = plan.Moves.Count };

    private static AgentUse At(World world, IEnumerable<UnitBinding> units, params IEnumerable<SiteId> also)
    {
        var sites = units.Select(unit => world.Fleet.FindPool(unit.Node.Pool)?.Site.Id).OfType<SiteId>()
            .Concat(also).Distinct().Order().ToSeq();
        var regions = sites.Select(site => world.Fleet.FindSite(site)?.Region.Id).OfType<RegionId>()
            .Distinct().Order().ToSeq();
        return new AgentUse(0, 0, sites, regions);
    }
}
