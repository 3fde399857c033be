using System.Numerics;
using ControlPlane.Inventory;

namespace ControlPlane.Placements.Packing;

/// <summary>
/// Says what no plan can exceed that moves at most so many units and puts work that waits where there is room then,
/// while everything that was placed stays placed. It holds for any moves in any order.
/// </summary>
/// <remarks>
/// <para>
/// Take any number of thousandths L up to half an accelerator. Call a share small when it is at most L, and large when
/// it is more than what L leaves. An accelerator with a large share has at most L left beside it, and only small shares
/// fit there; no two large ones are on one accelerator.
/// </para>
/// <para>
/// All large shares are still placed in the end. So the accelerators that have one then leave, in all, at least what
/// the large shares leave, less the small shares that are beside them. Call an accelerator a piece when no large share
/// is on it now and what it has idle is at most L and less than all that waits, and may run on its model, takes of one.
/// While nothing leaves a piece, what it has idle only shrinks: nothing that waits fits, no large share does, and what
/// comes is small. The first to leave a piece is a share, for whole accelerators come only to what is empty, and the
/// move of a share leaves only one accelerator. So at most as many pieces are left by a unit as there are moves; the
/// others keep, in all, at least what they have idle now less the small shares that come. Each small share is in one
/// place only. Hence what stays idle is at least
/// </para>
/// <para>
/// what large shares leave + what all pieces but the largest, one for each move, have idle - all small shares, placed
/// or waiting.
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
        PackingNodes nodes, IReadOnlyList<PackedUnit> placed, IReadOnlyList<PackingKind> waiting, int moves)
    {
        var shares = placed.Where(unit => unit.Kind.ShareMilli > 0).ToList();
        var largest = new Dictionary<(int Node, int Device), int>();
        foreach (var unit in shares)
        {
            var at = (unit.Node, BitOperations.TrailingZeroCount(unit.Devices));
            largest[at] = Math.Max(largest.GetValueOrDefault(at), unit.Kind.ShareMilli);
        }

        var tooLittle = Enumerable.Range(0, nodes.Count).Select(nodes.Model).Distinct()
            .ToDictionary(model => model, model => LeastOf(waiting, model));
        var pieces = largest
            .Select(at => (Idle: (int)nodes.Devices(at.Key.Node)[at.Key.Device], Largest: at.Value, at.Key.Node))
            .Where(piece => piece.Idle > 0 && piece.Idle < tooLittle[nodes.Model(piece.Node)])
            .OrderByDescending(piece => piece.Idle).ToList();
        var sizes = shares.Select(unit => unit.Kind.ShareMilli).ToList();
        var all = sizes.Concat(waiting.Select(kind => kind.ShareMilli)).ToList();
        var least = 0L;
        for (var limit = 1; limit <= NodeColumns.WholeMilli / 2; limit++)
        {
            var most = limit;
            var left = NodeColumns.WholeMilli - most;
            var large = sizes.Sum(share => share > left ? NodeColumns.WholeMilli - (long)share : 0);
            var small = all.Sum(share => share <= most ? (long)share : 0);
            var idle = pieces.Where(piece => piece.Idle <= most && piece.Largest <= left).Skip(moves)
                .Sum(piece => (long)piece.Idle);
            least = Math.Max(least, large + idle - small);
        }

        return nodes.InstalledMilli - least;
    }

    private static int LeastOf(IEnumerable<PackingKind> waiting, int model) => waiting
        .Where(kind => kind.NeedsAccelerator && (kind.Models >> model & 1) != 0).Select(kind => kind.DeviceMilli)
        .DefaultIfEmpty(NodeColumns.WholeMilli).Min();
}
