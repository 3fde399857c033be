using System.Numerics;
using ControlPlane.Inventory;
using ControlPlane.Regions;
using ControlPlane.Workloads;

namespace ControlPlane.Placements;

/// <summary>
/// Finds what has to end in one pool for a request. The more valuable of two placements is that of higher priority,
/// then the older. Up to a dozen that may end in one place, the fewest are found by trying; of more the most valuable
/// ones are spared one after the other, as long as the rest makes room.
/// </summary>
internal sealed class PoolEvictions(Question question, PreemptionTerms right)
{
    /// <summary>Placements in one place of which every subset is tried.</summary>
    public const int MostTried = 12;

    /// <summary>Placements in one place that are considered, the least valuable ones.</summary>
    private const int MostConsidered = 4_096;

    private readonly World world = question.World;
    private readonly PlacementRequest request = question.Request;
    private readonly PriorityBands bands = question.World.Bands;
    private readonly ClearedNodes nodes = new(question);
    private readonly HashSet<DecisionId> here = [];
    private readonly Dictionary<DecisionId, Placement?> known = [];
    private readonly Dictionary<int, Caps> caps = [];

    /// <summary>
    /// A band that something in a pool must belong to if it is to make room, or a higher one; past all when nothing
    /// makes room.
    /// </summary>
    public int LowestIn(FleetPool pool)
    {
        var need = request.Unit;
        var missing = (
            (request.Units * (long)need.AcceleratorMilli) - world.Nodes.FreeAcceleratorMilli(pool.Index),
            (request.Units * need.CpuMilli) - world.Nodes.FreeCpuMilli(pool.Index));
        return bands.LowestFor(pool.Index, missing, need.AcceleratorMilli);
    }

    /// <summary>The cheapest way to make room in a pool, ending nothing above a band; null for none.</summary>
    public Eviction? In(FleetPool pool, int highest)
    {
        var lowest = LowestIn(pool);
        if (lowest > highest) return null;
        if (!world.Tenancy.SiteAdmits(pool.Site.Index, request.Tenant, request.Isolation)) return null;
        if (Lacks(pool) is not { } lacks) return null;
        known.Clear();
        // What ends does not depend on how high it might have gone, and most often the lowest band is enough: few nodes
        // and little of what is on them are looked at then.
        return Best(pool, lowest, lacks) ?? (lowest < highest ? Best(pool, highest, lacks) : null);
    }

    private Eviction? Best(FleetPool pool, int highest, (long Milli, long Milliwatts) lacks)
    {
        Eviction? best = null;
        foreach (var place in Places(pool))
        {
            if (!MayHelp(pool, place, highest) || At(pool, place, (highest, lacks)) is not { } found) continue;
            if (best is not null && Compare(found, best) >= 0) continue;
            nodes.Look(pool, place, lacks);
            foreach (var victim in found.Victims) nodes.Change(victim, 1);
            best = found with { Units = nodes.Bind() };
            highest = best.Band;
        }

        return best;
    }

    /// <summary>What caps and power of the site want freed in the pool; null when that would not help.</summary>
    private (long Milli, long Milliwatts)? Lacks(FleetPool pool)
    {
        var need = request.Unit;
        var sku = need.NeedsAccelerator ? pool.SkuIndex : -1;
        if (!caps.TryGetValue(sku, out var ofSku))
            caps.Add(sku, ofSku = new Caps(question, need.NeedsAccelerator ? pool.Sku : null));
        if (ofSku.MissingMilli(pool) is not { } milli) return null;
        var draws = request.Units * pool.UnitMilliwatts(need.AcceleratorMilli, need.CpuMilli);
        return (milli, draws - (ofSku.PowerLimit(pool.Site) - world.SiteMilliwatts(pool.Site.Index)));
    }

    /// <summary>Nodes that the units may share: each by itself for one unit, a fabric domain for a gang.</summary>
    private IEnumerable<(int First, int Count)> Places(FleetPool pool)
    {
        var each = request.Kind == WorkloadKind.Gang ? pool.Spec.NodesPerFabricDomain
            : request.Units == 1 ? 1 : Math.Max(1, pool.Nodes);
        for (var first = 0; first < pool.Nodes; first += each)
            yield return (first, Math.Min(each, pool.Nodes - first));
    }

    /// <summary>Whether the accelerators that are free or used by low bands are enough, whoever may end.</summary>
    private bool MayHelp(FleetPool pool, (int First, int Count) place, int highest)
    {
        var wanted = request.Units * (long)request.Unit.AcceleratorMilli;
        if (wanted == 0) return true;
        for (var node = place.First; node < place.First + place.Count && wanted > 0; node++)
            wanted -= bands.Reach(pool.Index, node, highest);
        return wanted <= 0;
    }

    private Eviction? At(
        FleetPool pool, (int First, int Count) place, (int Highest, (long Milli, long Milliwatts) Lacks) limits)
    {
        here.Clear();
        for (var node = place.First; node < place.First + place.Count; node++)
            bands.Collect(pool.Index, node, limits.Highest, here);
        var may = new List<Placement>(here.Count);
        foreach (var id in here)
        {
            if (MayEnd(id, pool) is { } placement) may.Add(placement);
        }

        if (may.Count == 0) return null;
        may.Sort(ByValue);
        nodes.Look(pool, place, limits.Lacks);
        if (nodes.Suffices) return null;
        var ended = 0;
        var band = 0;
        while (!nodes.Suffices)
        {
            if (ended == Math.Min(may.Count, MostConsidered)) return null;
            band = PriorityBands.Of(may[ended].Request.Priority);
            for (; ended < may.Count && PriorityBands.Of(may[ended].Request.Priority) == band; ended++)
                nodes.Change(may[ended], 1);
        }

        may.RemoveRange(ended, may.Count - ended);
        var spared = Spare(may);
        return new Eviction(pool, band, Fewer(may, spared) ?? spared, []);
    }

    private Placement? MayEnd(DecisionId id, FleetPool pool)
    {
        if (known.TryGetValue(id, out var placement)) return placement;
        var found = world.Find(id);
        if (found is not null && right.RuleFor(found, pool) is null) found = null;
        known.Add(id, found);
        return found;
    }

    /// <summary>Lets the most valuable run again wherever the rest suffices; what has to end stays ended.</summary>
    private List<Placement> Spare(List<Placement> ended)
    {
        var victims = new List<Placement>();
        for (var at = ended.Count - 1; at >= 0; at--)
        {
            nodes.Change(ended[at], -1);
            if (nodes.Suffices) continue;
            nodes.Change(ended[at], 1);
            victims.Add(ended[at]);
        }

        return victims;
    }

    /// <summary>
    /// The least valuable of the smallest sets that suffice; null when none is smaller than what was found. Sets of one
    /// size are tried in the order of their most valuable placement, which is the order of their bits as numbers.
    /// </summary>
    private List<Placement>? Fewer(List<Placement> from, List<Placement> found)
    {
        if (found.Count == 1 || from.Count > MostTried) return null;
        foreach (var victim in found) nodes.Change(victim, -1);
        for (var size = LeastSize(from, found.Count); size < found.Count; size++)
        {
            for (var set = (1 << size) - 1; set < 1 << from.Count; set = Next(set))
            {
                Change(from, set, 1);
                var suffices = nodes.Suffices;
                Change(from, set, -1);
                if (!suffices) continue;
                return [.. Enumerable.Range(0, from.Count).Where(at => (set >> at & 1) == 1).Reverse()
                    .Select(at => from[at])];
            }
        }

        return null;
    }

    /// <summary>How many have to end at least, by the accelerators that the largest of them have.</summary>
    private int LeastSize(List<Placement> from, int most)
    {
        var lacking = (request.Units * (long)request.Unit.AcceleratorMilli) - nodes.FreeMilli;
        var size = 0;
        foreach (var milli in from.Select(nodes.MilliOf).OrderDescending())
        {
            if (lacking <= 0 || size == most) break;
            lacking -= milli;
            size++;
        }

        return Math.Max(1, size);
    }

    private void Change(List<Placement> from, int set, int sign)
    {
        for (var left = set; left != 0; left &= left - 1)
            nodes.Change(from[BitOperations.TrailingZeroCount(left)], sign);
    }

    /// <summary>The next larger number with as many bits.</summary>
    private static int Next(int set)
    {
        var lowest = set & -set;
        var carried = set + lowest;
        return carried | (((set ^ carried) >> 2) / lowest);
    }

    /// <summary>Less than zero when the first is the cheaper way.</summary>
    private static int Compare(Eviction one, Eviction other)
    {
        if (one.Band != other.Band) return one.Band.CompareTo(other.Band);
        if (one.Victims.Count != other.Victims.Count) return one.Victims.Count.CompareTo(other.Victims.Count);
        for (var at = 0; at < one.Victims.Count; at++)
        {
            if (ByValue(one.Victims[at], other.Victims[at]) is var order and not 0) return order;
        }

        return 0;
    }

    /// <summary>The least valuable first.</summary>
    internal static int ByValue(Placement one, Placement other)
    {
        var byPriority = one.Request.Priority.CompareTo(other.Request.Priority);
        if (byPriority != 0) return byPriority;
        var byAge = other.DecidedAt.CompareTo(one.DecidedAt);
        return byAge != 0 ? byAge : other.Id.CompareTo(one.Id);
    }
}
