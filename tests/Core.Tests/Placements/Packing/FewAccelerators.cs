using ControlPlane.Core.Tests.Worlds;
using ControlPlane.Placements.Packing;

namespace ControlPlane.Core.Tests.Placements.Packing;

/// <summary>A few nodes with one accelerator each, so few that every way to move and to serve can be tried.</summary>
internal sealed class FewAccelerators
{
    private readonly int[] milli;

    public FewAccelerators(Dice dice, int[] shares, int models = 1)
    {
        Nodes = new PackingNodes([.. Enumerable.Range(0, dice.Int(2, 4))
            .Select(_ => new NodeShape(64_000, 65_536, 1, dice.Int(0, models - 1)))]);
        while (Placed.Count < 6)
        {
            var kind = KindOf(dice.Pick<int>(shares), Accepted(dice, models));
            var node = Enumerable.Range(0, Nodes.Count).FirstOrDefault(node => Nodes.Fits(node, kind), -1);
            if (node < 0) break;
            Nodes.Take(node, kind, 1);
            Placed.Add(new PackedUnit(Placed.Count, kind, node, 1));
        }

        for (var tries = 0; tries < 12 && Waiting.Count < 3; tries++)
        {
            var kind = KindOf(dice.Chance(30) ? 1000 : dice.Pick<int>(shares), Accepted(dice, models));
            if (Enumerable.Range(0, Nodes.Count).All(node => !Nodes.Fits(node, kind))) Waiting.Add(kind);
        }

        milli = new int[Nodes.Count];
    }

    public PackingNodes Nodes { get; }

    public List<PackedUnit> Placed { get; } = [];

    public List<PackingKind> Waiting { get; } = [];

    /// <summary>The most that is in use with at most so many units elsewhere than now: every way is tried.</summary>
    public int MostMilli(int moves)
    {
        Array.Clear(milli);
        return Most(0, moves);
    }

    public override string ToString() =>
        string.Join(", ", Placed.Select(unit => $"{unit.Kind.TotalMilli} on {unit.Node}")) + "; waiting "
        + string.Join(", ", Waiting.Select(kind => kind.TotalMilli));

    private static ulong Accepted(Dice dice, int models) =>
        models > 1 && dice.Chance(25) ? 1UL << dice.Int(0, models - 1) : PackingKind.AnyModel;

    private static PackingKind KindOf(int milli, ulong models) => milli == 1000
        ? new PackingKind(1000, 1024, 1, 0, models)
        : new PackingKind(1000, 1024, 0, milli, models);

    private bool Fits(int node, in PackingKind kind) =>
        milli[node] + kind.TotalMilli <= 1000 && (kind.Models >> Nodes.Model(node) & 1) != 0;

    private int Most(int at, int moves)
    {
        if (at == Placed.Count) return MostServed(0);
        var (most, unit) = (-1, Placed[at]);
        for (var node = 0; node < milli.Length; node++)
        {
            var left = moves - (node == unit.Node ? 0 : 1);
            if (left < 0 || !Fits(node, unit.Kind)) continue;
            milli[node] += unit.Kind.TotalMilli;
            most = Math.Max(most, Most(at + 1, left));
            milli[node] -= unit.Kind.TotalMilli;
        }

        return most;
    }

    private int MostServed(int at)
    {
        if (at == Waiting.Count) return milli.Sum();
        var (most, kind) = (MostServed(at + 1), Waiting[at]);
        for (var node = 0; node < milli.Length; node++)
        {
            if (!Fits(node, kind)) continue;
            milli[node] += kind.TotalMilli;
            most = Math.Max(most, MostServed(at + 1));
            milli[node] -= kind.TotalMilli;
        }

        return most;
    }
}
