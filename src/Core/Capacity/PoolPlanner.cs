using ControlPlane.Placements;
using ControlPlane.Policies;
using ControlPlane.Regions;
using ControlPlane.Workloads;

namespace ControlPlane.Capacity;

/// <summary>What runs on each node of one pool; null where something may not be moved by itself.</summary>
internal sealed record PoolNodes(FleetPool Pool, List<Placement>?[] OnNode)
{
    /// <summary>Pools with accelerators, at sites that take work, on which anything runs.</summary>
    public static List<PoolNodes> AllOf(World world)
    {
        var found = new SortedDictionary<int, PoolNodes>();
        foreach (var placement in world.Placements.OrderBy(placement => placement.Id))
        {
            var movable = placement is { State: PlacementState.Bound, Move: null } && placement.Units.Count == 1
                && placement.Request.Kind != WorkloadKind.Gang;
            foreach (var unit in placement.Occupied)
            {
                // What runs is in pools of its fleet.
                var pool = world.Fleet.FindPool(unit.Node.Pool)!;
                if (pool.Spec.AcceleratorsPerNode == 0 || !world.Sites.IsOpen(pool.Site)) continue;
                if (!found.TryGetValue(pool.Index, out var nodes))
                {
                    nodes = new(pool, [.. Enumerable.Range(0, pool.Nodes)
                        .Select(node => world.Tenancy.IsClosed(pool.Index, node) ? null : new List<Placement>())]);
                    found.Add(pool.Index, nodes);
                }

                if (movable) nodes.OnNode[unit.Node.Ordinal]?.Add(placement);
                else nodes.OnNode[unit.Node.Ordinal] = null;
            }
        }

        return [.. found.Values];
    }
}

/// <summary>
/// Offers the steps of one pool one after the other, fewest moves first, each on the state after the last.
/// </summary>
internal sealed class PoolPlanner
{
    private readonly World world;
    private readonly Law law;
    private readonly DateTimeOffset asOf;
    private readonly List<Placement>?[] onNode;
    private readonly Queue<int> donors;
    private readonly HashSet<DecisionId> staying = [];

    public PoolPlanner(World trial, Law law, PoolNodes nodes, DateTimeOffset asOf)
    {
        (world, this.law, this.asOf) = (trial, law, asOf);
        (Pool, onNode) = (nodes.Pool, nodes.OnNode);
        donors = new(Enumerable.Range(0, onNode.Length)
            .Where(node => onNode[node] is { Count: > 0 })
            .OrderBy(node => onNode[node]!.Count)
            .ThenBy(node => onNode[node]!.Sum(placement => placement.Request.Unit.AcceleratorMilli))
            .ThenBy(node => node));
        Take();
    }

    public FleetPool Pool { get; }

    /// <summary>The next step; null when no more node can be emptied.</summary>
    public EmptiedNode? Next { get; private set; }

    /// <summary>Goes on to the step after the next.</summary>
    public void Take()
    {
        Next = null;
        while (Next is null && donors.TryDequeue(out var donor)) Next = TryEmpty(donor);
    }

    private EmptiedNode? TryEmpty(int donor)
    {
        // Work may have come to the node since it was queued.
        if (onNode[donor] is not { Count: > 0 } leaving) return null;
        var mark = world.Mark();
        var moves = new List<UnitMove>();
        foreach (var placement in leaving.OrderByDescending(item => item.Request.Unit.AcceleratorMilli))
        {
            if (MoveOf(placement, donor) is not { } move)
            {
                world.UndoTo(mark, world.Position);
                return null;
            }

            moves.Add(move);
        }

        world.Settle();
        foreach (var move in moves) onNode[move.To.Node.Ordinal]!.Add(move.Placement with { Units = [move.To] });
        onNode[donor] = [];
        staying.UnionWith(moves.Select(move => move.Placement.Id));
        return new EmptiedNode(new NodeId(Pool.Id, donor), Pool.Spec.AcceleratorsPerNode, moves.ToSeq());
    }

    private UnitMove? MoveOf(Placement placement, int donor)
    {
        // Nothing moves twice, and nothing that policies want where it is.
        if (staying.Contains(placement.Id) || !MayMove(placement)) return null;
        var target = TargetFor(placement, donor);
        if (target < 0) return null;
        var to = NodeChoice.BindOne(world, law.Policies.Preferences, (Pool, target), placement.Request.Unit);
        world.Remove(placement.Id);
        world.Add(placement with { Units = [to] });
        return new UnitMove(placement, to);
    }

    /// <summary>
    /// The fullest node in use that has room, the lowest of equals, or the one in use whose rest is of most use to
    /// expected work; -1 when there is none.
    /// </summary>
    private int TargetFor(Placement placement, int donor)
    {
        if (ExpectedPacking.Of(world, law.Policies.Preferences, Pool) is { } packing)
        {
            return packing.Best(Pool, placement.Request.Unit, new NodeGuest(
                world, Pool, (placement.Request.Tenant, placement.Isolation),
                node => node != donor && onNode[node] is { Count: > 0 }));
        }

        var (nodes, tenancy) = (world.Nodes, world.Tenancy);
        var best = -1;
        for (var node = 0; node < onNode.Length; node++)
        {
            if (node == donor || onNode[node] is not { Count: > 0 }) continue;
            if (!nodes.HasRoom(Pool.Index, node, placement.Request.Unit)
                || !tenancy.NodeAdmits(Pool.Index, node, placement.Request.Tenant, placement.Isolation))
                continue;
            if (best < 0 || nodes.FreeMilli(Pool.Index, node) < nodes.FreeMilli(Pool.Index, best)) best = node;
        }

        return best;
    }

    private bool MayMove(Placement placement) => Mobility
        .MayMove(law, new MoveQuestion(placement, Pool.Id, MoveKind.Defragmentation, [], asOf))
        .All(verdict => verdict.Result != VerdictResult.Denied);
}
