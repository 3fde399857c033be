using ControlPlane.Failover;
using ControlPlane.Inventory;
using ControlPlane.Ledger;

namespace ControlPlane.Server.Failover;

/// <summary>Answers what operators want of nodes, on the working world, and plans what leaves them.</summary>
internal static class NodeDesk
{
    /// <summary>What has to be appended so that a node is as asked for; nothing when it is already.</summary>
    public static NodeChanged? Of(World world, OperateNode operate)
    {
        var before = world.ClosedNodes.Find(operate.Node);
        NodeDuty? after = operate.Verb switch
        {
            NodeVerb.Cordon => NodeDuty.Cordoned,
            NodeVerb.Drain => NodeDuty.Draining,
            NodeVerb.Uncordon => null,
            _ => throw new System.Diagnostics.UnreachableException(),
        };
        // What was emptied is drained already, however often that is asked for.
        var isSo = before?.Duty == after || (before?.Duty == NodeDuty.Out && after == NodeDuty.Draining);
        return isSo ? null : new NodeChanged(operate.Node, after, operate.Statement);
    }

    public static bool IsThere(World world, NodeId node) =>
        world.Fleet.FindPool(node.Pool) is { } pool && node.Ordinal >= 0 && node.Ordinal < pool.Nodes;

    /// <summary>Every node that something is held against, with how much is on it.</summary>
    public static NodesSeen States(World world) => new(
        world.ClosedNodes.Conditions.Select(condition => StateOf(world, condition.Node)).ToSeq());

    public static NodeState StateOf(World world, NodeId node)
    {
        var site = world.Fleet.FindPool(node.Pool)?.Site.Id;
        var here = site is null ? [] : world.WorkAt(site.Value)
            .Select(id => world.Find(id)!) // what is there is known
            .Where(placement => placement.Occupied.Any(unit => unit.Node == node))
            .ToList();
        return new NodeState(
            node, site, world.ClosedNodes.Find(node), here.Count, here.Count(placement => placement.Move is not null));
    }

    /// <summary>The plan for everything on nodes that are drained.</summary>
    public static MovePlan Plan(LedgerState state, Seq<NodeId> nodes, DateTimeOffset now) => DecommissionSaga.Plan(
        state.World, state.Law,
        DecommissionSaga.Question(state.World, nodes, Guid.CreateVersion7(now), now));
}
