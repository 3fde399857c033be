using ControlPlane.Failover;

namespace ControlPlane.SiteAgent.Drivers;

/// <summary>The units of an order that are in one pool; a scheduler gets one object for them.</summary>
internal sealed record WorkPart(WorkName Name, NodePoolId NodePool, WorkOrder Order, Seq<OrderUnit> Units)
{
    /// <summary>Label of a workload that names the image to run.</summary>
    public const string ImageLabel = "cplane/image";

    /// <summary>Label of a workload that gives the command to run, as a shell reads it.</summary>
    public const string CommandLabel = "cplane/command";

    /// <summary>Pools in their order, so that the same order always comes apart in the same way.</summary>
    public static Seq<WorkPart> Of(WorkOrder order) => order.Units
        .GroupBy(unit => unit.NodePool)
        .OrderBy(group => group.Key)
        .Select((group, index) => new WorkPart(
            new(order.Placement, order.Epoch, index),
            group.Key,
            order,
            group.OrderBy(unit => unit.Ordinal).ToSeq()))
        .ToSeq();

    public string? LabelOf(string key)
    {
        foreach (var label in Order.Labels)
        {
            if (label.Key == key) return label.Value;
        }

        return null;
    }
}
