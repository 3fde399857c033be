namespace ControlPlane.Server.Failover;

/// <summary>Writes nodes as clients get them.</summary>
internal static class NodesWriter
{
    public static NodeConditionAnswer Of(NodeState state) => new()
    {
        Node = state.Node.ToString(),
        NodePool = state.Node.Pool.Value,
        Site = state.Site?.Value,
        Duty = state.Condition?.Duty.ToString().ToLowerInvariant() ?? "in-use",
        Since = state.Condition?.Since,
        Statement = state.Condition?.Statement,
        Placements = state.Placements,
        Moving = state.Moving,
    };
}
