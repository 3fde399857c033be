namespace ControlPlane.Placements.Packing;

/// <summary>
/// Finds moves that make room for work that waits: a unit goes where what is idle is of no use to anything that waits,
/// or two units that use equal accelerators change places because one of them starves its node of CPU. Each step is
/// worth what is placed because of it; the best come first, and there are never more moves than allowed.
/// </summary>
internal sealed class Defragmenter
{
    private readonly PackingNodes nodes;
    private readonly PackingRule rule;
    private readonly PackingIndex index;
    private readonly List<PackedUnit>[] onNode;
    private readonly SortedDictionary<PackingKind, int> waiting;
    private readonly Step?[] steps;
    private readonly bool[] looked;
    private readonly Exchanges exchanges;

    /// <param name="nodes">What is free; changed as moves are planned.</param>
    /// <param name="rule">Chooses where moved units and waiting work go.</param>
    /// <param name="units">Every unit on the nodes.</param>
    /// <param name="waiting">Kinds that found no room, one entry for each unit.</param>
    public Defragmenter(
        PackingNodes nodes, PackingRule rule, IEnumerable<PackedUnit> units, IEnumerable<PackingKind> waiting)
    {
        this.nodes = nodes;
        this.rule = rule;
        index = new PackingIndex(nodes, rule);
        onNode = [.. Enumerable.Range(0, nodes.Count).Select(_ => new List<PackedUnit>())];
        foreach (var unit in units) onNode[unit.Node].Add(unit);
        this.waiting = new SortedDictionary<PackingKind, int>(MostFirst.Order);
        foreach (var kind in waiting) this.waiting[kind] = this.waiting.GetValueOrDefault(kind) + 1;
        steps = new Step?[nodes.Count];
        looked = new bool[nodes.Count];
        exchanges = new Exchanges(nodes, onNode);
    }

    /// <summary>Plans at most so many moves, the most gain for each move first.</summary>
    public List<PackingMove> Plan(int most)
    {
        var moves = new List<PackingMove>();
        while (moves.Count < most)
        {
            LookAtChanged();
            var best = -1;
            for (var node = 0; node < steps.Length; node++)
            {
                if (steps[node] is not { } step || moves.Count + step.Moves > most) continue;
                if (step.Beats(best < 0 ? null : steps[best])) best = node;
            }

            if (best < 0) break;
            var chosen = steps[best]!; // best is a node that has one
            steps[best] = null;
            if (Apply(best, chosen, moves)) exchanges.Forget();
        }

        return moves;
    }

    private void LookAtChanged()
    {
        for (var node = 0; node < steps.Length; node++)
        {
            if (looked[node]) continue;
            looked[node] = true;
            steps[node] = BestOf(node);
        }
    }

    /// <summary>The best unit to move away from a node or to exchange; null when none brings anything.</summary>
    private Step? BestOf(int node)
    {
        if (nodes.IdleMilli(node) == 0) return null;
        Step? best = null;
        foreach (var unit in onNode[node])
        {
            nodes.Give(node, unit.Kind, unit.Devices);
            var gain = Fill(node, null);
            nodes.Take(node, unit.Kind, unit.Devices);
            // Only now, since the index must not see the node half empty.
            var away = new Step(gain, unit, null);
            if (gain > 0 && away.Beats(best) && index.Find(unit.Kind, node) >= 0) best = away;
            foreach (var other in exchanges.For(unit))
            {
                var exchange = new Step(GainOf(unit, other), unit, other);
                if (exchange.GainMilli > 0 && exchange.Beats(best)) best = exchange;
            }
        }

        return best;
    }

    private int GainOf(in PackedUnit unit, in PackedUnit other)
    {
        Swap(unit, other);
        var gain = Fill(unit.Node, null);
        Swap(
            other with { Node = unit.Node, Devices = unit.Devices },
            unit with { Node = other.Node, Devices = other.Devices });
        return gain;
    }

    /// <summary>Puts each of two units on the other's accelerators.</summary>
    private void Swap(in PackedUnit unit, in PackedUnit other)
    {
        nodes.Give(unit.Node, unit.Kind, unit.Devices);
        nodes.Give(other.Node, other.Kind, other.Devices);
        nodes.Take(unit.Node, other.Kind, unit.Devices);
        nodes.Take(other.Node, unit.Kind, other.Devices);
    }

    /// <summary>Puts waiting work on a node, the largest first, and takes it back unless it is to be kept.</summary>
    /// <returns>Thousandths of accelerators that found a place.</returns>
    private int Fill(int node, List<PackedUnit>? keep)
    {
        var placed = new List<PackedUnit>();
        var gain = 0;
        foreach (var (kind, count) in waiting)
        {
            if (nodes.IdleMilli(node) == 0) break;
            for (var left = count; left > 0 && nodes.Fits(node, kind); left--)
            {
                var devices = rule.Choose(nodes, node, kind);
                nodes.Take(node, kind, devices);
                placed.Add(new PackedUnit(-1, kind, node, devices));
                gain += kind.TotalMilli;
            }
        }

        if (keep is not null) keep.AddRange(placed);
        else foreach (var unit in placed) nodes.Give(node, unit.Kind, unit.Devices);
        return gain;
    }

    private bool Apply(int node, Step step, List<PackingMove> moves)
    {
        if ((step.Other is { } other ? Exchange(step.Unit, other) : Move(step.Unit)) is not { } landed) return false;
        var served = new List<PackedUnit>();
        var gain = Fill(node, served);
        foreach (var placed in served)
        {
            onNode[node].Add(placed);
            if (--waiting[placed.Kind] == 0) waiting.Remove(placed.Kind);
        }

        moves.Add(new PackingMove(step.Unit, landed, gain, served));
        if (step.Other is { } back)
            moves.Add(new PackingMove(back, back with { Node = node, Devices = step.Unit.Devices }, 0, []));
        foreach (var changed in (int[])[node, landed.Node])
        {
            index.Changed(changed);
            looked[changed] = false;
        }

        return true;
    }

    /// <summary>Moves a unit to the cheapest other node; null when there is none any more.</summary>
    private PackedUnit? Move(PackedUnit unit)
    {
        var target = index.Find(unit.Kind, unit.Node);
        if (target < 0) return null;
        var landed = unit with { Node = target, Devices = rule.Choose(nodes, target, unit.Kind) };
        nodes.Take(target, unit.Kind, landed.Devices);
        nodes.Give(unit.Node, unit.Kind, unit.Devices);
        onNode[unit.Node].Remove(unit);
        onNode[target].Add(landed);
        return landed;
    }

    /// <summary>Lets two units change places; null when they no longer can.</summary>
    private PackedUnit? Exchange(PackedUnit unit, PackedUnit other)
    {
        if (!onNode[other.Node].Contains(other) || !exchanges.Fit(unit, other)) return null;
        Swap(unit, other);
        var landed = unit with { Node = other.Node, Devices = other.Devices };
        onNode[other.Node].Remove(other);
        onNode[unit.Node].Remove(unit);
        onNode[unit.Node].Add(other with { Node = unit.Node, Devices = unit.Devices });
        onNode[other.Node].Add(landed);
        return landed;
    }

    /// <summary>A unit to move away from its node, alone or in exchange for another, and what that is worth.</summary>
    private sealed record Step(int GainMilli, PackedUnit Unit, PackedUnit? Other)
    {
        public int Moves => Other is null ? 1 : 2;

        public bool Beats(Step? best) => best is null || GainMilli * best.Moves > best.GainMilli * Moves;
    }

    /// <summary>Orders kinds by what they take, the most first, and then in any fixed way.</summary>
    private sealed class MostFirst : IComparer<PackingKind>
    {
        public static MostFirst Order { get; } = new();

        public int Compare(PackingKind x, PackingKind y)
        {
            var byMilli = y.TotalMilli.CompareTo(x.TotalMilli);
            return byMilli != 0
                ? byMilli
                : (x.CpuMilli, x.MemoryMib, x.Accelerators, x.ShareMilli, x.Models)
                    .CompareTo((y.CpuMilli, y.MemoryMib, y.Accelerators, y.ShareMilli, y.Models));
        }
    }
}

/// <summary>A unit on its node.</summary>
/// <param name="Id">The caller's number for it; -1 for one that waited.</param>
internal readonly record struct PackedUnit(int Id, PackingKind Kind, int Node, ulong Devices);

/// <summary>A unit that moves, and the waiting work that is placed because of it.</summary>
internal sealed record PackingMove(PackedUnit From, PackedUnit To, int GainMilli, List<PackedUnit> Served);
