using ControlPlane.Policies;
using ControlPlane.Workloads;

namespace ControlPlane.Capacity;

/// <summary>
/// Plans moves that empty nodes: work goes to other nodes of its own pool that are in use already, so that whole nodes
/// become free for what needs whole nodes. The steps that free the most for each move come first. Nothing changes, and
/// what policies say must not move, what is held and what runs as a gang or in several units stays where it is.
/// </summary>
public static class Consolidation
{
    /// <summary>Of a hundred placements as many may move when nobody says otherwise.</summary>
    public const int MovedPercent = 2;

    /// <summary>Plans at most so many moves.</summary>
    public static ConsolidationPlan Plan(World world, Law law, (int MostMoves, DateTimeOffset AsOf) bounds)
    {
        // A step changes nodes of one pool only, so all pools may be planned on one copy.
        var trial = world.Copy();
        var pools = PoolNodes.AllOf(world).ConvertAll(nodes => new PoolPlanner(trial, law, nodes, bounds.AsOf));
        var steps = new List<EmptiedNode>();
        var left = bounds.MostMoves;
        while (true)
        {
            // Steps of one pool rest on each other, so each pool offers its next one only.
            var best = pools.Where(pool => pool.Next is { } next && next.Moves.Count <= left)
                .OrderByDescending(pool => pool.Next!.GainPerMove)
                .ThenBy(pool => pool.Pool.Index)
                .FirstOrDefault();
            if (best is null) break;
            steps.Add(best.Next!); // it was asked for above
            left -= best.Next!.Moves.Count;
            best.Take();
        }

        var before = WholeNodes(world);
        return new ConsolidationPlan(
            world.Position, bounds.AsOf, before, before + steps.Sum(step => (long)step.Accelerators), steps.ToSeq());
    }

    /// <summary>Accelerators on nodes that nothing runs on.</summary>
    private static long WholeNodes(World world)
    {
        long free = 0;
        foreach (var pool in world.Fleet.Pools)
        {
            for (var node = 0; node < pool.Nodes; node++)
            {
                if (!world.Tenancy.IsClosed(pool.Index, node) && world.Nodes.IsEmpty(pool, node))
                    free += pool.Spec.AcceleratorsPerNode;
            }
        }

        return free;
    }
}

/// <summary>Lists moves by the nodes that they empty, best first, and what that gains.</summary>
/// <param name="Position">Ledger position of the state.</param>
/// <param name="AsOf">The instant whose policies count.</param>
/// <param name="WholeNodesBefore">Accelerators on nodes that nothing runs on.</param>
/// <param name="WholeNodesAfter">The same after every step.</param>
/// <param name="Steps">One for each node that is emptied.</param>
public sealed record ConsolidationPlan(
    long Position, DateTimeOffset AsOf, long WholeNodesBefore, long WholeNodesAfter, Seq<EmptiedNode> Steps)
{
    public int Moves => Steps.Sum(step => step.Moves.Count);
}

/// <summary>Empties a node by moving all that runs on it.</summary>
/// <param name="Node">The node.</param>
/// <param name="Accelerators">Accelerators of the node, which become free as a whole.</param>
/// <param name="Moves">What moves where.</param>
public sealed record EmptiedNode(NodeId Node, int Accelerators, Seq<UnitMove> Moves)
{
    /// <summary>Accelerators that become free as a whole node for each move.</summary>
    public decimal GainPerMove => (decimal)Accelerators / Moves.Count;
}

/// <summary>Moves the one unit of a placement to another node of its pool.</summary>
public sealed record UnitMove(Placement Placement, UnitBinding To)
{
    public UnitBinding From => Placement.Units[0];
}
