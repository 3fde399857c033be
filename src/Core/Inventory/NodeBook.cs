using ControlPlane.Regions;

namespace ControlPlane.Inventory;

/// <summary>Keeps the nodes to which nothing new may come, ordered by name.</summary>
public sealed class NodeBook
{
    private readonly SortedDictionary<NodeId, NodeCondition> conditions;

    internal NodeBook() => conditions = [];

    private NodeBook(NodeBook other) => conditions = new(other.conditions);

    public IReadOnlyCollection<NodeCondition> Conditions => conditions.Values;

    public NodeCondition? Find(NodeId node) => conditions.GetValueOrDefault(node);

    /// <summary>Nodes that work is moved away from.</summary>
    public Seq<NodeId> Draining => conditions.Values.Where(condition => condition.Duty == NodeDuty.Draining)
        .Select(condition => condition.Node).ToSeq();

    internal NodeBook Copy() => new(this);

    internal void Set(NodeId node, NodeCondition? condition)
    {
        if (condition is null) conditions.Remove(node);
        else conditions[node] = condition;
    }

    /// <summary>Keeps work away from the nodes as far as a fleet has them.</summary>
    internal void Close(Fleet fleet, Tenancy tenancy)
    {
        foreach (var node in conditions.Keys)
        {
            if (fleet.FindPool(node.Pool) is { } pool && node.Ordinal < pool.Nodes)
                tenancy.Close(pool.Index, node.Ordinal, isClosed: true);
        }
    }
}
