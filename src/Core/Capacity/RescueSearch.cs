using ControlPlane.Regions;

namespace ControlPlane.Capacity;

/// <summary>
/// Looks at every way in which a dozen pieces could go to pools, each taken on the world itself with its nodes, power
/// and quotas: more of the highest priority, then of the next. It gives up after so many steps.
/// </summary>
internal sealed class RescueSearch
{
    /// <summary>Pieces, which are gangs and single units of all else, up to which everything is looked at.</summary>
    public const int MostPieces = 12;

    private const int MostSteps = 3_000;
    private const int Nowhere = int.MaxValue;

    private readonly RescueRoom room;
    private readonly List<Piece> pieces;
    private readonly List<int> priorities;
    private readonly long[] most;
    private readonly int[] chosen;
    private int[]? best;
    private long[] bestServed;
    private int steps;

    private RescueSearch(RescueRoom room, List<Displaced> part, IReadOnlyDictionary<int, long> bound)
    {
        this.room = room;
        priorities = [.. part.Select(item => item.Request.Priority).Distinct().OrderDescending()];
        pieces = Pieces(part);
        var sum = 0L;
        most = [.. priorities.Select(priority => sum += bound.GetValueOrDefault(priority))];
        chosen = new int[pieces.Count];
        bestServed = new long[priorities.Count];
    }

    /// <summary>
    /// A way that serves more than what was found, taken in its place; null when there is none, or too much to look at.
    /// </summary>
    public static List<RescueShare>? Better(
        (RescueRoom Room, long Mark) on, List<Displaced> part, (RescuePlan Plan, List<RescueShare> Shares) known)
    {
        var count = part.Sum(item => item.IsOne ? 1 : item.Moving.Count);
        if (count > MostPieces || known.Shares.Sum(share => share.Units) == part.Sum(item => item.Moving.Count))
            return null;
        var search = new RescueSearch(on.Room, part, known.Plan.Bound);
        foreach (var share in known.Shares)
            search.bestServed[search.priorities.IndexOf(share.Item.Request.Priority)] += share.Amount;
        if (search.IsBest()) return null;
        var after = on.Room.After;
        after.UndoTo(on.Mark, after.Position);
        search.Descend(0, new long[search.priorities.Count]);
        if (search.best is { } way) return search.Take(way);
        foreach (var share in known.Shares) on.Room.Bind(share.Item, share.Pool, share.Units);
        return null;
    }

    private List<RescueShare> Take(int[] way)
    {
        var taken = new List<RescueShare>();
        for (var index = 0; index < way.Length; index++)
        {
            if (way[index] == Nowhere) continue;
            var (item, units, pools) = (pieces[index].Item, pieces[index].Units, pieces[index].Pools);
            room.Bind(item, pools[way[index]], units);
            taken.Add(new RescueShare(item, pools[way[index]], units));
        }

        return taken;
    }

    private void Descend(int index, long[] served)
    {
        if (index == pieces.Count)
        {
            if (Compare(served, bestServed) > 0) (best, bestServed) = ([.. chosen], [.. served]);
            return;
        }

        if (++steps > MostSteps || !CanBeBetter(index, served) || IsBest()) return;
        var piece = pieces[index];
        // Of pieces that are alike it does not matter which goes where.
        var first = piece.IsLikeLast ? chosen[index - 1] : 0;
        for (var pool = first; pool < piece.Pools.Count; pool++)
        {
            var mark = room.After.Mark();
            if (room.Bind(piece.Item, piece.Pools[pool], piece.Units) == piece.Units)
            {
                chosen[index] = pool;
                served[piece.Rank] += piece.Amount;
                Descend(index + 1, served);
                served[piece.Rank] -= piece.Amount;
            }

            room.After.UndoTo(mark, room.After.Position);
        }

        chosen[index] = Nowhere;
        Descend(index + 1, served);
    }

    /// <summary>Whether nothing could be better than the best, by what serves most when work is split.</summary>
    private bool IsBest()
    {
        var sum = 0L;
        for (var rank = 0; rank < most.Length; rank++)
        {
            sum += bestServed[rank];
            if (sum < most[rank]) return false;
        }

        return true;
    }

    private bool CanBeBetter(int index, long[] served)
    {
        var hoped = served.ToArray();
        for (var next = index; next < pieces.Count; next++)
            hoped[pieces[next].Rank] += pieces[next].Pools.Count == 0 ? 0 : pieces[next].Amount;
        var sum = 0L;
        for (var rank = 0; rank < hoped.Length; rank++)
        {
            hoped[rank] = Math.Min(hoped[rank], most[rank] - sum);
            sum += hoped[rank];
        }

        return Compare(hoped, bestServed) > 0;
    }

    private List<Piece> Pieces(List<Displaced> part)
    {
        var kinds = new List<(DemandClass, Displaced)>();
        int KindOf(Displaced item)
        {
            var kind = kinds.FindIndex(known => known.Item1 == DemandClass.Of(item.Request)
                && known.Item2.Request.Isolation == item.Request.Isolation);
            if (kind >= 0) return kind;
            kinds.Add((DemandClass.Of(item.Request), item));
            return kinds.Count - 1;
        }

        var ordered = part
            .SelectMany(item => item.IsOne
                ? [(Item: item, Units: item.Moving.Count, Kind: KindOf(item))]
                : Enumerable.Repeat((Item: item, Units: 1, Kind: KindOf(item)), item.Moving.Count))
            .OrderByDescending(piece => piece.Item.Request.Priority)
            .ThenByDescending(piece => piece.Units * piece.Item.UnitAmount)
            .ThenBy(piece => piece.Kind).ThenBy(piece => piece.Item.Placement.Id)
            .ToList();
        return [.. ordered.Select((piece, index) => new Piece(
            piece.Item, piece.Units, room.OpenTo(piece.Item.Request),
            priorities.IndexOf(piece.Item.Request.Priority),
            index > 0 && ordered[index - 1].Kind == piece.Kind && ordered[index - 1].Units == piece.Units
                && ordered[index - 1].Item.Request.Priority == piece.Item.Request.Priority))];
    }

    private static int Compare(long[] one, long[] other)
    {
        for (var rank = 0; rank < one.Length; rank++)
        {
            if (one[rank] != other[rank]) return one[rank].CompareTo(other[rank]);
        }

        return 0;
    }

    private sealed record Piece(Displaced Item, int Units, List<FleetPool> Pools, int Rank, bool IsLikeLast)
    {
        public long Amount => Units * Item.UnitAmount;
    }
}
