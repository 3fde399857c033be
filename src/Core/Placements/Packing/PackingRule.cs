namespace ControlPlane.Placements.Packing;

/// <summary>Says how dear it is to put a unit on a node; the cheapest node wins, the first of equals.</summary>
internal abstract class PackingRule
{
    /// <summary>The cost of a node without room.</summary>
    public const int NoRoom = int.MaxValue;

    public abstract string Name { get; }

    /// <summary>The cost of a node that has room. It depends on nothing but the node and the kind.</summary>
    public abstract int Cost(PackingNodes nodes, int node, in PackingKind kind);

    /// <summary>Accelerators that a unit takes of a node that has room.</summary>
    public virtual ulong Choose(PackingNodes nodes, int node, in PackingKind kind)
    {
        if (!kind.NeedsAccelerator) return 0;
        return kind.ShareMilli > 0 ? nodes.Fullest(node, kind.ShareMilli) : nodes.LowestWhole(node, kind.Accelerators);
    }
}

/// <summary>Takes the first node with room.</summary>
internal sealed class FirstFitRule : PackingRule
{
    public override string Name => "firstfit";

    public override int Cost(PackingNodes nodes, int node, in PackingKind kind) => 0;
}

/// <summary>Takes the node with the least CPU and accelerators left, as the published BestFit baseline does.</summary>
internal sealed class BestFitRule : PackingRule
{
    private const double LargestCpuMilli = 128_000;
    private const double LargestAcceleratorMilli = 8_000;

    public override string Name => "bestfit";

    public override int Cost(PackingNodes nodes, int node, in PackingKind kind)
    {
        // Term by term as published, since the result is cut to a whole number.
        var left = 0d;
        left += (nodes.CpuMilli(node) - kind.CpuMilli) / LargestCpuMilli * 0.5;
        left += (nodes.IdleMilli(node) - kind.TotalMilli) / LargestAcceleratorMilli * 0.5;
        return 100 - (int)((1.0 - left) * 100);
    }
}
