using System.Numerics;
using ControlPlane.Inventory;

namespace ControlPlane.Placements.Packing;

/// <summary>
/// Says what no plan can exceed that moves at most so many units and puts work that waits where there is room then,
/// while everything that was placed stays placed. It holds for any moves in any order.
/// </summary>
/// <remarks>
/// <para>
/// Take any number of thousandths L that is smaller than what every waiting unit takes of an accelerator, and no more
/// than half an accelerator. Call a share small when it is at most L, and large when it is more than what L leaves. An
/// accelerator with a large share has at most L left beside it, and only small shares fit there; no two large ones are
/// on one accelerator.
/// </para>
/// <para>
/// All large shares are still placed in the end. So the accelerators that have one then leave, in all, at least what
/// the large shares leave, less the small shares that are beside them. Call an accelerator a piece when no large share
/// is on it now and it has something idle, at most L. While nothing leaves a piece, what it has idle only shrinks:
/// nothing that waits fits, no large share does, and what comes is small. The first to leave a piece is a share, for
/// whole accelerators come only to what is empty, and the move of a share leaves only one accelerator. So at most as
/// many pieces are left by a unit as there are moves; the others keep, in all, at least what they have idle now less
/// the small shares that come. Each small share is in one place only. Hence what stays idle is at least
/// </para>
/// <para>
/// what large shares leave + what all pieces but the largest, one for each move, have idle - all small shares.
/// </para>
/// <para>It is computed for every L, and the greatest counts. Fewer thousandths than nothing cannot be idle.</para>
/// </remarks>
internal static class MoveBound
{
    /// <summary>Thousandths of all accelerators that can be in use at most.</summary>
    /// <param name="nodes">What is free now.</param>
    /// <param name="placed">Every unit on the nodes.</param>
    /// <param name="waiting">Kinds that found no room.</param>
    /// <param name="moves">How many units may be moved at most.</param>
    public static long MostMilli(
        PackingNodes nodes, IReadOnlyList<PackedUnit> placed, IEnumerable<PackingKind> waiting, int moves)
    {
        var leastWaiting = waiting.Where(kind => kind.NeedsAccelerator).Select(kind => kind.DeviceMilli)
            .DefaultIfEmpty(NodeColumns.WholeMilli).Min();
        var shares = placed.Where(unit => unit.Kind.ShareMilli > 0).ToList();
        var largest = new Dictionary<(int Node, int Device), int>();
        foreach (var unit in shares)
        {
            var at = (unit.Node, BitOperations.TrailingZeroCount(unit.Devices));
            largest[at] = Math.Max(largest.GetValueOrDefault(at), unit.Kind.ShareMilli);
        }

        var idle = largest.Select(at => (Milli: (int)nodes.Devices(at.Key.Node)[at.Key.Device], Largest: at.Value))
            .Where(piece => piece.Milli > 0).OrderByDescending(piece => piece.Milli).ToList();
        var least = 0L;
        for (var limit = 1; limit < leastWaiting && limit <= NodeColumns.WholeMilli / 2; limit++)
        {
            var most = limit;
            var large = shares.Where(unit => unit.Kind.ShareMilli > NodeColumns.WholeMilli - most)
                .Sum(unit => (long)NodeColumns.WholeMilli - unit.Kind.ShareMilli);
            var small = shares.Where(unit => unit.Kind.ShareMilli <= most).Sum(unit => (long)unit.Kind.ShareMilli);
            var pieces = idle.Where(at => at.Milli <= most && at.Largest <= NodeColumns.WholeMilli - most)
                .Skip(moves).Sum(at => (long)at.Milli);
            least = Math.Max(least, large + pieces - small);
        }

        return nodes.InstalledMilli - least;
    }
}
