using System.Numerics;

namespace ControlPlane.Placements.Packing;

/// <summary>
/// Finds relays that make room on a node. A unit leaves it and takes the place of one elsewhere that takes less, which
/// takes the place of one that takes still less, and so on; the last goes to where something is idle, or to the place
/// that the first has left. What was idle in several places, too little in each, is then idle in one.
/// </summary>
internal sealed class Relays
{
    /// <summary>Units that give way in one relay, beside the first.</summary>
    private const int MostDisplaced = 3;

    /// <summary>Places that are looked at for a unit to take when it displaces one of a given kind.</summary>
    private const int MostPlaces = 12;

    /// <summary>Kinds that may give way: the most frequent, so that time stays bounded whatever there is.</summary>
    private const int MostKinds = 256;

    private readonly PackingNodes nodes;
    private readonly PackingIndex index;
    private readonly WaitingWork waiting;
    private readonly IReadOnlyList<PackedUnit>[] onNode;
    private readonly Dictionary<PackingKind, List<Place>> places = [];
    private readonly List<PackingKind> kinds = [];

    public Relays(PackingNodes nodes, PackingIndex index, WaitingWork waiting, IReadOnlyList<PackedUnit>[] onNode)
    {
        this.nodes = nodes;
        this.index = index;
        this.waiting = waiting;
        this.onNode = onNode;
    }

    /// <summary>Must be called when units have moved.</summary>
    public void Forget()
    {
        places.Clear();
        kinds.Clear();
    }

    /// <summary>The relay of at most so many moves that is worth most for each; null when none is worth any.</summary>
    public Relay? BestFrom(int node, int most)
    {
        if (nodes.IdleMilli(node) == 0) return null;
        if (kinds.Count == 0) Remember();
        Relay? best = null;
        foreach (var unit in onNode[node])
        {
            if (CanMove(unit)) best = new Search(this, unit, most).Best(best);
        }

        return best;
    }

    /// <summary>Where the last unit of a relay goes when not to where the first was; -1 when nowhere.</summary>
    public int Hole(in PackedUnit unit) => index.Find(unit.Kind, unit.Node);

    private static bool CanMove(in PackedUnit unit) => unit.Id != PackedUnit.Waited && unit.Kind.Accelerators <= 1;

    private static int DeviceOf(in PackedUnit unit) => BitOperations.TrailingZeroCount(unit.Devices);

    private void Remember()
    {
        foreach (var unit in onNode.SelectMany(units => units))
        {
            if (!CanMove(unit) || !unit.Kind.NeedsAccelerator) continue;
            if (!places.TryGetValue(unit.Kind, out var there)) places.Add(unit.Kind, there = []);
            there.Add(new Place(nodes.Devices(unit.Node)[DeviceOf(unit)], unit));
        }

        foreach (var there in places.Values) there.Sort();
        var frequent = places.OrderByDescending(kind => kind.Value.Count).ThenBy(kind => kind.Key.FixedOrder);
        kinds.AddRange(frequent.Take(MostKinds).Select(kind => kind.Key)
            .OrderBy(kind => kind.DeviceMilli).ThenBy(kind => kind.FixedOrder));
    }

    /// <summary>Whether a unit of a kind would have room at a unit's place without it.</summary>
    private bool HasRoom(in PackingKind kind, in PackedUnit without) =>
        nodes.CpuMilli(without.Node) + without.Kind.CpuMilli >= kind.CpuMilli
        && nodes.MemoryMib(without.Node) + without.Kind.MemoryMib >= kind.MemoryMib
        && (kind.Models >> nodes.Model(without.Node) & 1) != 0
        && nodes.Devices(without.Node)[DeviceOf(without)] + without.Kind.DeviceMilli >= kind.DeviceMilli;

    /// <summary>The place with the least idle where a unit can displace one of another kind; null if none.</summary>
    private PackedUnit? PlaceFor(in PackingKind kind, in PackingKind displaced, in PackedUnit first, Hop? before)
    {
        var there = places[displaced];
        var (from, to) = (0, there.Count);
        while (from < to)
        {
            var middle = (from + to) / 2;
            if (there[middle].IdleMilli < kind.DeviceMilli - displaced.DeviceMilli) from = middle + 1;
            else to = middle;
        }

        for (var at = from; at < Math.Min(there.Count, from + MostPlaces); at++)
        {
            var unit = there[at].Unit;
            if (HasRoom(kind, unit) && !IsOnWay(unit.Node, first, before)) return unit;
        }

        return null;
    }

    /// <summary>A relay passes each node once, so that each of its moves finds its room free.</summary>
    private static bool IsOnWay(int node, in PackedUnit first, Hop? last)
    {
        for (var hop = last; hop is not null; hop = hop.Before)
        {
            if (hop.Displaced.Node == node) return true;
        }

        return node == first.Node;
    }

    private readonly record struct Place(int IdleMilli, PackedUnit Unit) : IComparable<Place>
    {
        public int CompareTo(Place other) =>
            (IdleMilli, Unit.Node, Unit.Id).CompareTo((other.IdleMilli, other.Unit.Node, other.Unit.Id));
    }

    /// <summary>Looks for the best relay that one unit begins.</summary>
    private sealed class Search(Relays relays, PackedUnit first, int most)
    {
        private readonly PackingNodes nodes = relays.nodes;
        private readonly HashSet<PackingKind> carried = [first.Kind];
        private Relay? best;
        private int? clearedMilli;

        public Relay? Best(Relay? known)
        {
            best = known;
            if (!IsPromising(MostMilli(0), 1)) return best;
            EndInHole(null);
            List<(PackingKind Kind, Hop? Last)> layer = first.Kind.NeedsAccelerator ? [(first.Kind, null)] : [];
            for (var displaced = 1; displaced <= MostDisplaced && displaced < most && layer.Count > 0; displaced++)
            {
                if (!IsPromising(MostMilli(0), displaced + 1)) break;
                layer = Next(layer);
            }

            return best;
        }

        /// <summary>Each kind that can give way to one of the last, once: the shortest way to it will do.</summary>
        private List<(PackingKind Kind, Hop? Last)> Next(List<(PackingKind Kind, Hop? Last)> layer)
        {
            var next = new List<(PackingKind, Hop?)>();
            foreach (var (kind, last) in layer)
            {
                foreach (var less in relays.kinds)
                {
                    if (less.DeviceMilli > kind.DeviceMilli) break;
                    if (less.DeviceMilli == kind.DeviceMilli && less.CpuMilli >= kind.CpuMilli) continue;
                    if (carried.Contains(less) || relays.PlaceFor(kind, less, first, last) is not { } unit) continue;
                    var hop = new Hop(unit, last);
                    carried.Add(less);
                    next.Add((less, hop));
                    EndWhereItBegan(hop);
                    EndInHole(hop);
                }
            }

            return next;
        }

        private void EndWhereItBegan(Hop last)
        {
            var back = last.Displaced.Kind;
            if (!relays.HasRoom(back, first) || !IsPromising(MostMilli(back.DeviceMilli), last.Count + 1)) return;
            nodes.Give(first.Node, first.Kind, first.Devices);
            nodes.Take(first.Node, back, first.Devices);
            var gain = relays.waiting.FittingMilli(first.Node);
            nodes.Give(first.Node, back, first.Devices);
            nodes.Take(first.Node, first.Kind, first.Devices);
            if (IsPromising(gain, last.Count + 1)) best = new Relay(first, last, true, gain);
        }

        private void EndInHole(Hop? last)
        {
            var moves = 1 + (last?.Count ?? 0);
            clearedMilli ??= Cleared();
            if (!IsPromising(clearedMilli.Value, moves)) return;
            var hole = relays.Hole(last?.Displaced ?? first);
            if (hole < 0 || IsOnWay(hole, first, last)) return;
            best = new Relay(first, last, false, clearedMilli.Value);
        }

        private int Cleared()
        {
            nodes.Give(first.Node, first.Kind, first.Devices);
            var gain = relays.waiting.FittingMilli(first.Node);
            nodes.Take(first.Node, first.Kind, first.Devices);
            return gain;
        }

        private bool IsPromising(int gainMilli, int moves) => gainMilli > 0 && moves <= most
            && (best is null || (long)gainMilli * best.Moves > (long)best.GainMilli * moves);

        /// <summary>What the node could take, by size alone, when something comes where the unit was.</summary>
        private int MostMilli(int backMilli)
        {
            var sum = 0;
            var devices = nodes.Devices(first.Node);
            for (var device = 0; device < devices.Length; device++)
            {
                var left = (first.Devices >> device & 1) != 0 ? first.Kind.DeviceMilli - backMilli : 0;
                sum += relays.waiting.MostMilli(devices[device] + left);
            }

            return sum;
        }
    }
}

/// <summary>A unit that gives way, and who gave way before it.</summary>
internal sealed record Hop(PackedUnit Displaced, Hop? Before)
{
    public int Count { get; } = 1 + (Before?.Count ?? 0);
}

/// <summary>Units that take each other's places in turn, and what that makes room for.</summary>
/// <param name="Returns">Whether the last goes to where the first was.</param>
internal sealed record Relay(PackedUnit First, Hop? Last, bool Returns, int GainMilli)
{
    public int Moves => 1 + (Last?.Count ?? 0);

    public bool Beats(Relay? other) =>
        other is null || (long)GainMilli * other.Moves > (long)other.GainMilli * Moves;

    /// <summary>All units that move, the first one first.</summary>
    public List<PackedUnit> Units
    {
        get
        {
            var units = new List<PackedUnit>();
            for (var hop = Last; hop is not null; hop = hop.Before) units.Add(hop.Displaced);
            units.Add(First);
            units.Reverse();
            return units;
        }
    }
}
