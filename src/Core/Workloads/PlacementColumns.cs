using System.Collections;
using System.Runtime.InteropServices;
using System.Text;

namespace ControlPlane.Workloads;

/// <summary>
/// Placements in columns. Most are bound, of one unit, and differ from many others in name and place only: such a one
/// takes a row, which refers to what its request shares with others. Every other is kept whole. Which way one is kept
/// can be seen by nobody: what was added is what is given back.
/// </summary>
internal sealed class PlacementColumns : IReadOnlyCollection<Placement>
{
    private const int LongestName = byte.MaxValue;

    // What is looked at for all of them stands by itself.
    private readonly Column<int> requests;
    private readonly Column<int> pools;
    private readonly Column<Row> rows;
    private readonly RowIndex index;
    private readonly Dictionary<DecisionId, Placement> others;
    private readonly Interned<NodePoolId> poolIds;
    private readonly Interned<PlacementRequest> shared;
    private NameStore names;

    public PlacementColumns()
    {
        (requests, pools, rows, others, index) = (new(), new(), new(), [], new());
        (poolIds, shared, names) = (new(), new(), new());
    }

    private PlacementColumns(PlacementColumns other)
    {
        (requests, pools, rows) = (other.requests.Copy(), other.pools.Copy(), other.rows.Copy());
        (others, index) = (new(other.others), other.index.Copy());
        (poolIds, shared, names) = (other.poolIds.Copy(), other.shared.Copy(), other.names.Copy());
    }

    public int Count => rows.Count + others.Count;

    /// <summary>Placements that are kept in rows.</summary>
    public int Rows => rows.Count;

    /// <summary>Placements that are kept whole.</summary>
    public IReadOnlyCollection<Placement> Others => others.Values;

    /// <summary>Pools that rows refer to, by their numbers; some may not be used any more.</summary>
    public IReadOnlyList<NodePoolId> PoolIds => poolIds.Values;

    /// <summary>Requests without their names that rows refer to, by number; null where none does any more.</summary>
    public IReadOnlyList<PlacementRequest?> Requests => shared.Values;

    public PlacementColumns Copy() => new(this);

    /// <summary>Numbers of request and pool of a row.</summary>
    public (int Request, int Pool) At(int row) => (requests[row], pools[row]);

    /// <summary>Values of the two columns, the chunks in step with each other.</summary>
    public IEnumerable<(ReadOnlyMemory<int> Requests, ReadOnlyMemory<int> Pools)> Chunks() =>
        requests.Chunks.Zip(pools.Chunks);

    /// <summary>Units of each request in each pool, of those that are kept in rows.</summary>
    public IEnumerable<(PlacementRequest Request, NodePoolId Pool, long Units)> Groups()
    {
        var sums = new Dictionary<long, long>();
        foreach (var (ofRequests, ofPools) in Chunks())
        {
            for (var at = 0; at < ofRequests.Length; at++)
            {
                var key = ((long)ofRequests.Span[at] << 32) | (uint)ofPools.Span[at];
                CollectionsMarshal.GetValueRefOrAddDefault(sums, key, out _)++;
            }
        }

        foreach (var (key, units) in sums)
            yield return (shared.Values[(int)(key >> 32)]!, poolIds.Values[(int)key], units); // rows refer to them
    }

    /// <summary>Epoch of a placement, without making the placement; null when there is none.</summary>
    public long? EpochOf(DecisionId id) =>
        index.Find(id.Value, rows) is >= 0 and var row ? rows[row].Epoch : others.GetValueOrDefault(id)?.Epoch;

    public Placement? Find(DecisionId id) =>
        index.Find(id.Value, rows) is >= 0 and var row ? PlacementAt(row) : others.GetValueOrDefault(id);

    public void Add(Placement placement)
    {
        if (!FitsRow(placement))
        {
            others.Add(placement.Id, placement);
            return;
        }

        if (index.Find(placement.Id.Value, rows) >= 0) throw new ArgumentException($"{placement.Id} is there already");
        var unit = placement.Units[0];
        var name = placement.Request.Workload;
        Add(
            new Row
            {
                Id = placement.Id.Value,
                DecidedTicks = placement.DecidedAt.UtcTicks,
                Devices = unit.Devices,
                Ordinal = unit.Node.Ordinal,
                NameStart = names.Add(name),
                Epoch = (int)placement.Epoch,
                ShareMilli = (short)unit.ShareMilli,
                Isolation = (byte)placement.Isolation,
                NameLength = (byte)name.Length,
            },
            shared.Take(placement.Request with { Workload = "" }), poolIds.Take(unit.Node.Pool));
    }

    /// <summary>Takes one out; null when there is none.</summary>
    public Placement? Remove(DecisionId id)
    {
        if (others.Remove(id, out var whole)) return whole;
        var row = index.Find(id.Value, rows);
        if (row < 0) return null;
        var placement = PlacementAt(row);
        shared.Release(requests[row]);
        poolIds.Release(pools[row]);
        names.Release(rows[row].NameLength);
        index.Remove(row, rows);
        var last = rows.Count - 1;
        if (row != last)
        {
            index.Move(last, row, rows);
            (requests[row], pools[row], rows[row]) = (requests[last], pools[last], rows[last]);
        }

        requests.RemoveLast();
        pools.RemoveLast();
        rows.RemoveLast();
        if (names.IsMostlyWaste) PackNames();
        return placement;
    }

    public IEnumerator<Placement> GetEnumerator()
    {
        for (var row = 0; row < rows.Count; row++) yield return PlacementAt(row);
        foreach (var placement in others.Values) yield return placement;
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>A row, its request's name and the numbers it refers to.</summary>
    internal Row RowAt(int row) => rows[row];

    internal ReadOnlySpan<byte> NameAt(int row) => names.Bytes(rows[row].NameStart, rows[row].NameLength);

    /// <summary>Adds rows as they were written; numbers are of the requests and pools that were added before.</summary>
    internal void AddRow(Row row, ReadOnlySpan<byte> name, (int Request, int Pool) of)
    {
        row.NameStart = names.Add(name);
        shared.TakeAgain(of.Request);
        poolIds.TakeAgain(of.Pool);
        Add(row, of.Request, of.Pool);
    }

    /// <summary>Makes room and numbers for what rows will refer to; each counts as used by its rows only.</summary>
    internal void Expect(IEnumerable<PlacementRequest> ofRows, IEnumerable<NodePoolId> ofPools, int count)
    {
        foreach (var request in ofRows) shared.Reserve(request);
        foreach (var pool in ofPools) poolIds.Reserve(pool);
        index.Expect(count);
    }

    private void Add(in Row row, int request, int pool)
    {
        requests.Add(request);
        pools.Add(pool);
        rows.Add(row);
        index.Add(rows.Count - 1, rows);
    }

    /// <summary>Whether a row says everything there is to say.</summary>
    private static bool FitsRow(Placement placement)
    {
        if (placement.Units.Count != 1 || placement.State != PlacementState.Bound
            || placement.Request.Workload.Length is 0 or > LongestName || !Ascii.IsValid(placement.Request.Workload)
            || placement.Epoch is < 0 or > int.MaxValue || placement.Units[0].ShareMilli is < 0 or > short.MaxValue
            || placement.DecidedAt.Offset != TimeSpan.Zero)
            return false;
        return placement == new Placement
        {
            Id = placement.Id, Request = placement.Request, State = PlacementState.Bound, Epoch = placement.Epoch,
            Units = placement.Units, DecidedAt = placement.DecidedAt, Isolation = placement.Isolation,
        };
    }

    internal Placement PlacementAt(int row)
    {
        ref readonly var values = ref rows[row];
        return new Placement
        {
            Id = new DecisionId(values.Id),
            // A request that a row refers to is there.
            Request = shared.Values[requests[row]]! with { Workload = Encoding.ASCII.GetString(NameAt(row)) },
            State = PlacementState.Bound,
            Epoch = values.Epoch,
            Units = [UnitOf(row)],
            DecidedAt = new DateTimeOffset(values.DecidedTicks, TimeSpan.Zero),
            Isolation = (IsolationLevel)values.Isolation,
        };
    }

    /// <summary>The unit of a row.</summary>
    internal UnitBinding UnitOf(int row)
    {
        ref readonly var values = ref rows[row];
        return new(new NodeId(poolIds.Values[pools[row]], values.Ordinal), values.Devices, values.ShareMilli);
    }

    private void PackNames()
    {
        var packed = new NameStore();
        for (var row = 0; row < rows.Count; row++) rows[row].NameStart = packed.Add(NameAt(row));
        names = packed;
    }

    /// <summary>What a placement does not share with others.</summary>
    [StructLayout(LayoutKind.Sequential, Pack = 1)]
    internal struct Row
    {
        public Guid Id;
        public long DecidedTicks;
        public ulong Devices;
        public int Ordinal;
        public int NameStart;
        public int Epoch;
        public short ShareMilli;
        public byte Isolation;
        public byte NameLength;
    }
}
