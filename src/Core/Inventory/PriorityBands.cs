using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using ControlPlane.Regions;
using ControlPlane.Workloads;

namespace ControlPlane.Inventory;

/// <summary>
/// Adds up what work of each band of priority uses, for every pool and every node, and knows which placements are on a
/// node. Sixteen figures side by side, one for each band with all below it, so that one comparison tells the lowest
/// band that would have to end. It is made when it is first asked for, and kept up from then on.
/// </summary>
internal sealed class PriorityBands
{
    /// <summary>Bands of priority; work is ended only for work of a higher one.</summary>
    public const int Count = 16;

    private const int PrioritiesPerBand = 63;

    private readonly int[] firstNode;
    private readonly long[] poolMilli;
    private readonly long[] poolCpuMilli;
    private readonly long[] poolPreemptibleMilli;

    // Thousandths of accelerators of a node that would be free if a band and those below ended; of a pool, the most
    // of its nodes.
    private readonly ushort[] nodeReach;
    private readonly ushort[] poolReach;

    // Of each node the first of its units, counted from 1; each names the next, and free ones name each other.
    private readonly int[] heads;
    private readonly List<Occupant> occupants = [];
    private int free;

    public PriorityBands(Fleet fleet)
    {
        var pools = fleet.Pools.Count;
        firstNode = new int[pools + 1];
        for (var pool = 0; pool < pools; pool++) firstNode[pool + 1] = firstNode[pool] + fleet.Pools[pool].Nodes;
        poolMilli = new long[pools * Count];
        poolCpuMilli = new long[pools * Count];
        poolPreemptibleMilli = new long[pools];
        nodeReach = new ushort[firstNode[pools] * Count];
        poolReach = new ushort[pools * Count];
        for (var pool = 0; pool < pools; pool++)
        {
            var milli = (ushort)(fleet.Pools[pool].Spec.AcceleratorsPerNode * NodeColumns.WholeMilli);
            nodeReach.AsSpan(firstNode[pool] * Count, fleet.Pools[pool].Nodes * Count).Fill(milli);
            if (fleet.Pools[pool].Nodes > 0) poolReach.AsSpan(pool * Count, Count).Fill(milli);
        }

        heads = new int[firstNode[pools]];
    }

    public static int Of(int priority) => Math.Clamp(priority / PrioritiesPerBand, 0, Count - 1);

    /// <summary>
    /// The lowest band such that it and those below use so much in a pool, and that a node would have so many
    /// thousandths free without them; <see cref="Count"/> when all bands do not suffice.
    /// </summary>
    public int LowestFor(int pool, (long AcceleratorMilli, long CpuMilli) missing, int onNodeMilli)
    {
        var band = Lowest(poolReach.AsSpan(pool * Count, Count), onNodeMilli);
        if (band == Count) return Count;
        band = Math.Max(band, Lowest(poolMilli.AsSpan(pool * Count, Count), missing.AcceleratorMilli));
        return Math.Max(band, Lowest(poolCpuMilli.AsSpan(pool * Count, Count), missing.CpuMilli));
    }

    /// <summary>Thousandths of accelerators of a node that would be free if a band and those below ended.</summary>
    public int Reach(int pool, int ordinal, int band) => nodeReach[((firstNode[pool] + ordinal) * Count) + band];

    /// <summary>Thousandths of accelerators of a pool that work uses which says that it may be ended.</summary>
    public long PreemptibleMilli(int pool) => poolPreemptibleMilli[pool];

    /// <summary>Adds the placements with units of a band or lower on a node, each once.</summary>
    public void Collect(int pool, int ordinal, int highest, HashSet<DecisionId> into)
    {
        var all = CollectionsMarshal.AsSpan(occupants);
        for (var at = heads[firstNode[pool] + ordinal]; at != 0; at = all[at - 1].Next)
        {
            if (all[at - 1].Band <= highest) into.Add(all[at - 1].Id);
        }
    }

    public void Add(FleetPool pool, in UnitBinding unit, Placement of, int sign)
    {
        var need = of.Request.Unit;
        var band = Of(of.Request.Priority);
        var node = firstNode[pool.Index] + unit.Node.Ordinal;
        for (var at = band; at < Count; at++)
        {
            poolMilli[(pool.Index * Count) + at] += sign * need.AcceleratorMilli;
            poolCpuMilli[(pool.Index * Count) + at] += sign * need.CpuMilli;
        }

        if (need.AcceleratorMilli > 0) ChangeReach(pool, node, band, -sign * need.AcceleratorMilli);

        if (ReservationBook.IsPreemptible(of.Request)) poolPreemptibleMilli[pool.Index] += sign * need.AcceleratorMilli;
        if (sign > 0) Link(node, of.Id, band);
        else Unlink(node, of.Id);
    }

    /// <summary>What work uses is out of reach of every band below its own.</summary>
    private void ChangeReach(FleetPool pool, int node, int band, int by)
    {
        var most = poolReach.AsSpan(pool.Index * Count, Count);
        var wasMost = false;
        for (var at = 0; at < band; at++)
        {
            ref var reach = ref nodeReach[(node * Count) + at];
            wasMost |= by < 0 && reach == most[at];
            reach = (ushort)(reach + by);
            most[at] = Math.Max(most[at], reach);
        }

        if (!wasMost) return;
        var highest = Vector256<ushort>.Zero;
        var all = nodeReach.AsSpan(firstNode[pool.Index] * Count, pool.Nodes * Count);
        for (var at = 0; at < all.Length; at += Count)
            highest = Vector256.Max(highest, Vector256.Create(all.Slice(at, Count)));
        highest.CopyTo(most);
    }

    private static int Lowest(ReadOnlySpan<ushort> reach, int milli)
    {
        if (milli == 0) return 0;
        var enough = Vector256.GreaterThanOrEqual(Vector256.Create(reach), Vector256.Create((ushort)Math.Min(
            milli, ushort.MaxValue))).ExtractMostSignificantBits();
        return enough == 0 ? Count : System.Numerics.BitOperations.TrailingZeroCount(enough);
    }

    private static int Lowest(ReadOnlySpan<long> sums, long missing)
    {
        if (missing <= 0) return 0;
        var least = Vector512.Create(missing);
        var low = Vector512.GreaterThanOrEqual(Vector512.Create(sums), least).ExtractMostSignificantBits();
        if (low != 0) return System.Numerics.BitOperations.TrailingZeroCount(low);
        var high = Vector512.GreaterThanOrEqual(Vector512.Create(sums[8..]), least).ExtractMostSignificantBits();
        return high == 0 ? Count : 8 + System.Numerics.BitOperations.TrailingZeroCount(high);
    }

    private void Link(int node, DecisionId id, int band)
    {
        var occupant = new Occupant { Id = id, Band = band, Next = heads[node] };
        if (free == 0)
        {
            occupants.Add(occupant);
            heads[node] = occupants.Count;
            return;
        }

        var taken = free;
        free = occupants[taken - 1].Next;
        occupants[taken - 1] = occupant;
        heads[node] = taken;
    }

    private void Unlink(int node, DecisionId id)
    {
        var all = CollectionsMarshal.AsSpan(occupants);
        ref var link = ref heads[node];
        while (all[link - 1].Id != id) link = ref all[link - 1].Next;
        var gone = link;
        link = all[gone - 1].Next;
        (all[gone - 1].Next, free) = (free, gone);
    }

    private struct Occupant
    {
        public DecisionId Id;
        public int Band;
        public int Next;
    }
}
