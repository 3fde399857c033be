using ControlPlane.Inventory;

namespace ControlPlane;

/// <summary>Keeps work away from nodes on the word of operators, beside the state itself.</summary>
public sealed partial class World
{
    /// <summary>Nodes to which nothing new may come.</summary>
    public NodeBook ClosedNodes { get; }

    /// <summary>Closes a node to new work, or opens it again.</summary>
    internal void Set(NodeId node, NodeCondition? condition)
    {
        changes.Add(new Change(null, null, null) { Node = (node, ClosedNodes.Find(node)) });
        SetNode(node, condition);
    }

    private void SetNode(NodeId node, NodeCondition? condition)
    {
        ClosedNodes.Set(node, condition);
        if (Fleet.FindPool(node.Pool) is { } pool && node.Ordinal < pool.Nodes)
            Tenancy.Close(pool.Index, node.Ordinal, condition is not null);
        PlacerMemory = null;
        Revision++;
    }
}
