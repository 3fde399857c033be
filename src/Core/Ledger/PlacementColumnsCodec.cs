using System.Buffers.Binary;
using System.Runtime.InteropServices;
using ControlPlane.Workloads;

namespace ControlPlane.Ledger;

/// <summary>
/// The canonical form of placements in columns: ordered by id, what they share numbered in the order in which it is
/// met, rows as they lie in memory with the lowest byte first. Written and read about as fast as it is copied.
/// </summary>
internal static class PlacementColumnsCodec
{
    private const int LikelyNameBytes = 24;

    private static readonly int RowBytes = Marshal.SizeOf<PlacementColumns.Row>();

    public static int LikelyBytes(PlacementColumns columns) =>
        checked((int)Math.Min(1 << 30, columns.Rows * (long)(RowBytes + (2 * sizeof(int)) + LikelyNameBytes)));

    public static void Write(CanonicalWriter writer, PlacementColumns columns)
    {
        var order = Ordered(columns);
        var numbers = Number(columns, order);
        writer.List(numbers.Requests, request =>
        {
            writer.Unsigned(WorkloadCodec.VersionOf(request));
            WorkloadCodec.Write(writer, request);
        });
        writer.List(numbers.Pools, pool => writer.Text(pool.Value));
        writer.Unsigned((ulong)order.Length);
        Span<byte> number = stackalloc byte[sizeof(int)];
        foreach (var row in order)
        {
            var values = columns.RowAt(row);
            values.NameStart = 0;
            writer.Raw(MemoryMarshal.AsBytes(new ReadOnlySpan<PlacementColumns.Row>(ref values)));
            var (request, pool) = columns.At(row);
            BinaryPrimitives.WriteInt32LittleEndian(number, numbers.OfRequest[request]);
            writer.Raw(number);
            BinaryPrimitives.WriteInt32LittleEndian(number, numbers.OfPool[pool]);
            writer.Raw(number);
            writer.Raw(columns.NameAt(row));
        }

        writer.List(
            columns.Others.OrderBy(placement => placement.Id).ToSeq(),
            placement =>
            {
                writer.Unsigned(WorkloadCodec.VersionOf(placement.Request));
                WorkloadCodec.Write(writer, placement);
            });
    }

    /// <summary>Reads into columns that are empty.</summary>
    public static void Read(CanonicalReader reader, PlacementColumns columns)
    {
        var requests = reader.List(() => WorkloadCodec.ReadRequest(reader, reader.Unsigned()));
        var pools = reader.List(() => new NodePoolId(reader.Text()));
        var count = reader.Count(RowBytes);
        columns.Expect(requests, pools, count);
        if (columns.Requests.Count != requests.Count || columns.PoolIds.Count != pools.Count)
            throw reader.Broken("what placements share stands there twice");
        for (var row = 0; row < count; row++)
        {
            var values = MemoryMarshal.Read<PlacementColumns.Row>(reader.Raw(RowBytes));
            var request = BinaryPrimitives.ReadInt32LittleEndian(reader.Raw(sizeof(int)));
            var pool = BinaryPrimitives.ReadInt32LittleEndian(reader.Raw(sizeof(int)));
            if ((uint)request >= (uint)requests.Count || (uint)pool >= (uint)pools.Count)
                throw reader.Broken("a placement refers to what is not there");
            columns.AddRow(values, reader.Raw(values.NameLength), (request, pool));
        }

        foreach (var placement in reader.List(() => WorkloadCodec.ReadPlacement(reader, reader.Unsigned())))
            columns.Add(placement);
    }

    private static int[] Ordered(PlacementColumns columns)
    {
        var ids = new UInt128[columns.Rows];
        var order = new int[columns.Rows];
        Span<byte> bytes = stackalloc byte[16];
        for (var row = 0; row < order.Length; row++)
        {
            // The order of ids is that of their bytes.
            columns.RowAt(row).Id.TryWriteBytes(bytes, bigEndian: true, out _);
            ids[row] = BinaryPrimitives.ReadUInt128BigEndian(bytes);
            order[row] = row;
        }

        Array.Sort(ids, order);
        return order;
    }

    private static Numbers Number(PlacementColumns columns, int[] order)
    {
        var requests = new List<PlacementRequest>();
        var pools = new List<NodePoolId>();
        var ofRequest = new int[columns.Requests.Count];
        var ofPool = new int[columns.PoolIds.Count];
        Array.Fill(ofRequest, -1);
        Array.Fill(ofPool, -1);
        foreach (var row in order)
        {
            var (request, pool) = columns.At(row);
            if (ofRequest[request] < 0)
            {
                ofRequest[request] = requests.Count;
                requests.Add(columns.Requests[request]!); // rows refer to what is there
            }

            if (ofPool[pool] >= 0) continue;
            ofPool[pool] = pools.Count;
            pools.Add(columns.PoolIds[pool]);
        }

        return new Numbers(requests.ToSeq(), pools.ToSeq(), ofRequest, ofPool);
    }

    /// <summary>What placements share, in the order of the file, and the place there of each number.</summary>
    private sealed record Numbers(
        Seq<PlacementRequest> Requests, Seq<NodePoolId> Pools, int[] OfRequest, int[] OfPool);
}
