using ControlPlane.Core.Tests.Worlds;
using ControlPlane.Placements.Packing;

namespace ControlPlane.Core.Tests.Placements.Packing;

/// <summary>A few nodes with one accelerator each, so few that every way to move and to serve can be tried.</summary>
internal sealed class FewAccelerators
{
    private readonly int[] milli;

    public FewAccelerators(Dice dice, int[] shares)
    {
        Nodes = new PackingNodes(
            [.. Enumerable.Range(0, dice.Int(2, 4)).Select(_ => new NodeShape(64_000, 65_536, 1, 0))]);
        while (Placed.Count < 6)
        {
            var kind = KindOf(dice.Pick<int>(shares));
            var node = Enumerable.Range(0, Nodes.Count).FirstOrDefault(node => Nodes.Fits(node, kind), -1);
            if (node < 0) break;
            Nodes.Take(node, kind, 1);
            Placed.Add(new PackedUnit(Placed.Count, kind, node, 1));
        }

        for (var tries = 0; tries < 12 && Waiting.Count < 3; tries++)
        {
            var kind = dice.Chance(30) ? KindOf(1000) : KindOf(dice.Pick<int>(shares));
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

    private static PackingKind KindOf(int milli) => milli == 1000
        ? new PackingKind(1000, 1024, 1, 0, PackingKind.AnyModel)
        : new PackingKind(1000, 1024, 0, milli, PackingKind.AnyModel);

    private int Most(int at, int moves)
    {
        if (at == Placed.Count) return MostServed(0);
        var (most, unit) = (-1, Placed[at]);
        for (var node = 0; node < milli.Length; node++)
        {
            var left = moves - (node == unit.Node ? 0 : 1);
            if (left < 0 || milli[node] + unit.Kind.TotalMilli > 1000) continue;
            milli[node] += unit.Kind.TotalMilli;
            most = Math.Max(most, Most(at + 1, left));
            milli[node] -= unit.Kind.TotalMilli;
        }

        return most;
    }

    private int MostServed(int at)
    {
        if (at == Waiting.Count) return milli.Sum();
        var (most, need) = (MostServed(at + 1), Waiting[at].TotalMilli);
        for (var node = 0; node < milli.Length; node++)
        {
            if (milli[node] + need > 1000) continue;
            milli[node] += need;
            most = Math.Max(most, MostServed(at + 1));
            milli[node] -= need;
        }

        return most;
    }
}
