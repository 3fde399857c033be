namespace ControlPlane.Placements.Packing;

/// <summary>
/// Plans moves that make room for work that waits, in steps of one move or of a relay of a few. Each step is worth what
/// is placed because of it; the one worth most for each move comes next, and there are never more moves than allowed.
/// </summary>
internal sealed class Defragmenter
{
    private readonly PackingNodes nodes;
    private readonly PackingRule rule;
    private readonly PackingIndex index;
    private readonly List<PackedUnit>[] onNode;
    private readonly WaitingWork waiting;
    private readonly Relays relays;
    private readonly Relay?[] relayFrom;
    private readonly int[] lookedAt;

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
        this.waiting = new WaitingWork(nodes, rule, waiting);
        relays = new Relays(nodes, index, this.waiting, onNode);
        relayFrom = new Relay?[nodes.Count];
        lookedAt = new int[nodes.Count];
        Array.Fill(lookedAt, -1);
    }

    /// <summary>Plans at most so many moves, the most gain for each move first.</summary>
    public List<PackingMove> Plan(int most)
    {
        var moves = new List<PackingMove>();
        for (var step = 0; moves.Count < most && Next(step, most - moves.Count) is { } relay; step++)
        {
            moves.AddRange(Apply(step, relay));
            relays.Forget();
        }

        return moves;
    }

    /// <summary>
    /// The relay worth most for each move. A step seldom makes others worth more, so only nodes that it changed are
    /// looked at anew, and of the others the best ones, until one is as good as it was; all are when none is left.
    /// </summary>
    private Relay? Next(int step, int most)
    {
        var all = false;
        while (true)
        {
            for (var node = 0; node < lookedAt.Length; node++)
            {
                if (lookedAt[node] < 0 || (all && lookedAt[node] < step)) Look(node);
            }

            var best = Best();
            if (best < 0 && all) return null;
            if (best < 0) all = true;
            else if (lookedAt[best] == step) return relayFrom[best];
            else Look(best);
        }

        void Look(int node)
        {
            relayFrom[node] = relays.BestFrom(node, most);
            lookedAt[node] = step;
        }
    }

    private int Best()
    {
        var best = -1;
        for (var node = 0; node < relayFrom.Length; node++)
        {
            if (relayFrom[node] is { } relay && relay.Beats(best < 0 ? null : relayFrom[best])) best = node;
        }

        return best;
    }

    private List<PackingMove> Apply(int step, Relay relay)
    {
        var units = relay.Units;
        var places = units.Skip(1).Append(relay.Returns ? relay.First : Hole(units[^1])).ToList();
        var landed = units.Zip(places, (unit, at) => unit with { Node = at.Node, Devices = at.Devices }).ToList();
        foreach (var unit in units)
        {
            nodes.Give(unit.Node, unit.Kind, unit.Devices);
            onNode[unit.Node].Remove(unit);
        }

        foreach (var unit in landed)
        {
            nodes.Take(unit.Node, unit.Kind, unit.Devices);
            onNode[unit.Node].Add(unit);
        }

        var changed = units.Concat(landed).Select(unit => unit.Node).Distinct().ToList();
        var served = changed.SelectMany(node => waiting.Serve(node)).ToList();
        foreach (var unit in served) onNode[unit.Node].Add(unit);
        foreach (var node in changed)
        {
            index.Changed(node);
            lookedAt[node] = -1;
        }

        // The first to leave is the last to land: each lands where the one after it has made room.
        return
        [
            .. Enumerable.Range(0, units.Count).Reverse().Select(at => at == 0
                ? new PackingMove(step, units[0], landed[0], served.Sum(unit => unit.Kind.TotalMilli), served)
                : new PackingMove(step, units[at], landed[at], 0, [])),
        ];
    }

    private PackedUnit Hole(PackedUnit unit)
    {
        var node = relays.Hole(unit);
        return unit with { Node = node, Devices = rule.Choose(nodes, node, unit.Kind) };
    }
}
