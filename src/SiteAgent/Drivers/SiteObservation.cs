using ControlPlane.Failover;

namespace ControlPlane.SiteAgent.Drivers;

/// <summary>Tells what a driver saw at one look.</summary>
internal sealed record SiteObservation
{
    /// <summary>Ordered by placement and epoch.</summary>
    public required Seq<ObservedWork> Work { get; init; }

    /// <summary>Ordered by pool and ordinal.</summary>
    public required Seq<NodeReport> Nodes { get; init; }

    /// <summary>Whether the scheduler is fit to run work.</summary>
    public required bool Healthy { get; init; }

    /// <summary>How sure the driver is of that, 0 to 100.</summary>
    public required int ConfidencePercent { get; init; }

    public string? Detail { get; init; }

    /// <summary>Work in the one order in which it is shown and reported.</summary>
    public static Seq<ObservedWork> InOrder(IEnumerable<ObservedWork> work) =>
        work.OrderBy(item => item.Placement).ThenBy(item => item.Epoch).ToSeq();

    /// <summary>Nodes in the one order in which they are shown and reported.</summary>
    public static Seq<NodeReport> InOrder(IEnumerable<NodeReport> nodes) =>
        nodes.OrderBy(node => node.NodePool).ThenBy(node => node.Node).ToSeq();
}
