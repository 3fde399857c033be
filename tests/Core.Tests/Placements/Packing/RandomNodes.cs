using ControlPlane.Core.Tests.Worlds;
using ControlPlane.Placements.Packing;

namespace ControlPlane.Core.Tests.Placements.Packing;

/// <summary>Random nodes, and units that come and go on them.</summary>
internal sealed class RandomNodes
{
    private static readonly int[] Shares = [110, 160, 230, 320, 470, 500, 650, 810];

    private readonly Dice dice;

    public RandomNodes(Dice dice, int count)
    {
        this.dice = dice;
        Nodes = new PackingNodes([.. Enumerable.Range(0, count).Select(_ => new NodeShape(
            dice.Pick(16_000, 64_000, 96_000), dice.Pick(131_072, 393_216), dice.Pick(0, 1, 2, 4, 8),
            dice.Int(0, 2)))]);
        Kinds = [.. Enumerable.Range(0, 12).Select(_ => Kind())];
        Mix = WorkloadMix.Of(Enumerable.Range(0, 200).Select(_ => (dice.Pick<PackingKind>(Kinds), "")), 95);
    }

    public PackingNodes Nodes { get; }

    public List<PackingKind> Kinds { get; }

    public WorkloadMix Mix { get; }

    public List<PackedUnit> Placed { get; } = [];

    public PackingKind AnyKind() => dice.Pick<PackingKind>(Kinds);

    /// <summary>Takes a unit away, if there is one; returns its node.</summary>
    public int? RemoveOne()
    {
        if (Placed.Count == 0) return null;
        var unit = dice.Pick<PackedUnit>(Placed);
        Placed.Remove(unit);
        Nodes.Give(unit.Node, unit.Kind, unit.Devices);
        return unit.Node;
    }

    public void Put(int id, PackingKind kind, int node, PackingRule rule)
    {
        var unit = new PackedUnit(id, kind, node, rule.Choose(Nodes, node, kind));
        Nodes.Take(node, kind, unit.Devices);
        Placed.Add(unit);
    }

    public bool IsSound() => Enumerable.Range(0, Nodes.Count).All(node =>
        Nodes.CpuMilli(node) >= 0 && Nodes.MemoryMib(node) >= 0 && IsSound(Nodes.Devices(node)));

    private static bool IsSound(ReadOnlySpan<short> devices)
    {
        foreach (var free in devices)
        {
            if (free is < 0 or > 1000) return false;
        }

        return true;
    }

    private PackingKind Kind()
    {
        var (cpu, memory) = (1000 * dice.Int(0, 23), 1024 * dice.Int(0, 63));
        var models = dice.Int(0, 2) == 0 ? 1UL << dice.Int(0, 2) : PackingKind.AnyModel;
        return dice.Int(0, 2) switch
        {
            0 => new PackingKind(cpu, memory, 0, 0, PackingKind.AnyModel),
            1 => new PackingKind(cpu, memory, dice.Pick(1, 2, 4, 8), 0, models),
            _ => new PackingKind(cpu, memory, 0, dice.Pick<int>(Shares), models),
        };
    }
}
