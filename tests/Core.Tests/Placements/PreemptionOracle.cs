using ControlPlane.Core.Tests.Worlds;
using ControlPlane.Inventory;
using ControlPlane.Placements;
using ControlPlane.Policies;
using ControlPlane.Regions;
using ControlPlane.Workloads;

namespace ControlPlane.Core.Tests.Placements;

/// <summary>
/// Finds what has to end for a request by trying every set of placements at every place of every pool.
/// </summary>
internal sealed class PreemptionOracle(RandomWorld world, PreemptionRule rule, PlacementRequest request)
{
    /// <summary>Most placements at one place; a world with more of them somewhere is not judged.</summary>
    public const int MostAtOnePlace = 8;

    /// <summary>A set of placements that makes room.</summary>
    public sealed record Way(FleetPool Pool, int First, int Band, List<Placement> Victims);

    public bool IsTooLarge { get; private set; }

    /// <summary>The cheapest way in the stated order; null when there is none.</summary>
    public Way? Best()
    {
        var preferences = world.Law.Policies.Preferences;
        var pools = world.World.Fleet.Pools.Where(pool => BruteForce.MayUse(world, pool, request))
            .Select(pool => (Pool: pool, Score: Score.Of(world.World, pool, request, preferences)))
            .OrderBy(item => item.Score.Cost - (preferences.Packing * item.Score.Packing))
            .ThenBy(item => request.Unit.NeedsAccelerator ? item.Pool.SkuIndex : 0)
            .ThenBy(item => item.Pool.Index).Select(item => item.Pool).ToList();
        var ways = pools.SelectMany((pool, rank) => Places(pool)
            .SelectMany(place => Ways(pool, place)).Select(way => (Rank: rank, Way: way))).ToList();
        return ways.OrderBy(item => item.Way.Band).ThenBy(item => item.Rank)
            .ThenBy(item => item.Way.Victims.Count)
            .ThenBy(item => item.Way, Comparer<Way>.Create((one, other) => one.Victims.Zip(other.Victims)
                .Select(pair => Value(pair.First).CompareTo(Value(pair.Second))).FirstOrDefault(order => order != 0)))
            .ThenBy(item => item.Way.First)
            .Select(item => item.Way).FirstOrDefault();
    }

    public bool MayEnd(Placement victim, FleetPool pool) =>
        victim is { State: PlacementState.Bound, Move: null, Request.RunClass: not RunClass.Sticky }
        && PriorityBands.Of(victim.Request.Priority) < PriorityBands.Of(request.Priority)
        && request.Priority >= (rule.FromPriority ?? 0)
        && victim.Request.Priority < (rule.VictimsBelow ?? int.MaxValue)
        && (rule.Whose == PreemptionReach.Any || victim.Request.Tenant == request.Tenant)
        && victim.Units.Any(unit => unit.Node.Pool == pool.Id);

    private IEnumerable<(int First, int Count)> Places(FleetPool pool)
    {
        var size = request.Kind == WorkloadKind.Gang ? pool.Spec.NodesPerFabricDomain
            : request.Units == 1 ? 1 : pool.Nodes;
        for (var first = 0; first < pool.Nodes; first += size)
            yield return (first, Math.Min(size, pool.Nodes - first));
    }

    private List<Way> Ways(FleetPool pool, (int First, int Count) place)
    {
        var here = world.World.Placements.Where(item => MayEnd(item, pool) && item.Units.Any(unit =>
            unit.Node.Pool == pool.Id && unit.Node.Ordinal >= place.First
            && unit.Node.Ordinal < place.First + place.Count)).OrderBy(Value).ToList();
        if (here.Count > MostAtOnePlace)
        {
            IsTooLarge = true;
            return [];
        }

        var ways = new List<Way>();
        for (var set = 1; set < 1 << here.Count; set++)
        {
            var victims = Enumerable.Range(0, here.Count).Where(at => (set >> at & 1) == 1).Reverse()
                .Select(at => here[at]).ToList();
            if (!MakesRoom(pool, place, victims)) continue;
            ways.Add(new(pool, place.First, victims.Max(item => PriorityBands.Of(item.Request.Priority)), victims));
        }

        return ways;
    }

    private bool MakesRoom(FleetPool pool, (int First, int Count) place, List<Placement> victims)
    {
        var admitted = Enumerable.Range(place.First, place.Count).Where(node =>
            world.World.Tenancy.NodeAdmits(pool.Index, node, request.Tenant, request.Isolation)).ToList();
        if (!world.World.Tenancy.SiteAdmits(pool.Site.Index, request.Tenant, request.Isolation)) return false;
        var mark = world.World.Mark();
        foreach (var victim in victims) world.World.Remove(victim.Id);
        // What the pool gives counts; units that victims have elsewhere are put back for it.
        foreach (var victim in victims.Where(item => item.Units.Any(unit => unit.Node.Pool != pool.Id)))
        {
            world.World.Add(victim with
            {
                Units = victim.Units.Where(unit => unit.Node.Pool != pool.Id).ToSeq(),
            });
        }

        var room = admitted.Sum(node => BruteForce.RoomOn(world.World, pool, node, request));
        var suffices = room >= request.Units
            && !BruteForce.Faults(world, request, [(pool, request.Units)]).Any();
        world.World.UndoTo(mark, world.World.Position);
        return suffices;
    }

    /// <summary>What is ended last has the greatest.</summary>
    private static (int Priority, long Age, DecisionId Id) Value(Placement placement) =>
        (placement.Request.Priority, -placement.DecidedAt.Ticks, Reversed(placement.Id));

    /// <summary>Of two of the same age the one with the lower id stays.</summary>
    private static DecisionId Reversed(DecisionId id)
    {
        var bytes = id.Value.ToByteArray(bigEndian: true);
        for (var at = 0; at < bytes.Length; at++) bytes[at] = (byte)~bytes[at];
        return new(new Guid(bytes, bigEndian: true));
    }
}
