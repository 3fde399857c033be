using System.Numerics;
using ControlPlane.Placements.Packing;

namespace ControlPlane.Core.Tests.Placements.Packing;

/// <summary>
/// Does planned moves one by one on a copy of what was free, and fails at the first that finds no room: the unit of the
/// last move of a step stops first, and what waited comes when the step is over.
/// </summary>
internal sealed class Replay
{
    private readonly List<NodeLeft> nodes;
    private readonly Dictionary<int, PackedUnit> units;
    private readonly List<PackingKind> waiting;

    public Replay(List<NodeLeft> nodes, IEnumerable<PackedUnit> units, IEnumerable<PackingKind> waiting)
    {
        this.nodes = nodes;
        this.units = units.ToDictionary(unit => unit.Id);
        this.waiting = [.. waiting];
    }

    public void Do(List<PackingMove> step)
    {
        Assert.Equal(units[step[^1].From.Id], step[^1].From);
        Add(step[^1].From, 1);
        foreach (var move in step)
        {
            Assert.Equal(units[move.From.Id], move.From);
            Assert.Equal((move.From.Id, move.From.Kind), (move.To.Id, move.To.Kind));
            Assert.NotEqual(move.From.Node, move.To.Node);
            Put(move.To);
            if (move != step[^1]) Add(move.From, 1);
            units[move.To.Id] = move.To;
        }

        foreach (var unit in step.SelectMany(move => move.Served))
        {
            Assert.True(waiting.Remove(unit.Kind), $"{unit.Kind} does not wait");
            Put(unit);
        }
    }

    public bool IsAt(PackingNodes other) => nodes.Zip(Enumerable.Range(0, other.Count)).All(node =>
        node.First.CpuMilli == other.CpuMilli(node.Second) && node.First.MemoryMib == other.MemoryMib(node.Second)
        && node.First.Devices.AsSpan().SequenceEqual(other.Devices(node.Second)));

    private void Put(in PackedUnit unit)
    {
        Assert.Equal(unit.Kind.Devices, BitOperations.PopCount(unit.Devices));
        Add(unit, -1);
        var node = nodes[unit.Node];
        Assert.True(
            node.CpuMilli >= 0 && node.MemoryMib >= 0 && node.Devices.All(milli => milli >= 0)
            && (!unit.Kind.NeedsAccelerator || (unit.Kind.Models >> node.Model & 1) != 0),
            $"{unit} finds no room");
    }

    private void Add(in PackedUnit unit, int sign)
    {
        var node = nodes[unit.Node];
        node.CpuMilli += sign * unit.Kind.CpuMilli;
        node.MemoryMib += sign * unit.Kind.MemoryMib;
        for (var left = unit.Devices; left != 0; left &= left - 1)
            node.Devices[BitOperations.TrailingZeroCount(left)] += (short)(sign * unit.Kind.DeviceMilli);
    }
}

/// <summary>What is free on one node.</summary>
internal sealed class NodeLeft(PackingNodes nodes, int node)
{
    public int CpuMilli { get; set; } = nodes.CpuMilli(node);

    public int MemoryMib { get; set; } = nodes.MemoryMib(node);

    public int Model { get; } = nodes.Model(node);

    public short[] Devices { get; } = nodes.Devices(node).ToArray();
}
