using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace ControlPlane.Ledger;

/// <summary>
/// Finds the records in which a tenant's key may have been used, by 64 bits of a hash, in columns. Two keys may share a
/// hash; the record at a position tells which key it was. Only the newest entries can be taken back.
/// </summary>
public sealed class KeyIndex
{
    private const int LeastSlots = 64;

    // Entries stand in the order of their positions; a slot holds the number of an entry, counted from 1.
    private ulong[] hashes = [];
    private long[] positions = [];
    private int[] slots = new int[LeastSlots];

    /// <summary>Keys that are known.</summary>
    public int Count { get; private set; }

    /// <summary>What stands for a key of a tenant.</summary>
    public static ulong HashOf(TenantId tenant, string key)
    {
        Span<byte> text = stackalloc byte[1024];
        var length = Encoding.UTF8.GetByteCount(tenant.Value) + 1 + Encoding.UTF8.GetByteCount(key);
        if (length > text.Length) text = new byte[length];
        // No tenant's name holds a zero, so the two parts cannot run into each other.
        var split = Encoding.UTF8.GetBytes(tenant.Value, text);
        text[split] = 0;
        Encoding.UTF8.GetBytes(key, text[(split + 1)..]);
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(text[..length], digest);
        return BinaryPrimitives.ReadUInt64BigEndian(digest);
    }

    /// <summary>Adds the positions at which a key with this hash was used, oldest first.</summary>
    public void Find(ulong hash, List<long> found)
    {
        for (var slot = SlotOf(hash); slots[slot] != 0; slot = Next(slot))
        {
            var entry = slots[slot] - 1;
            if (hashes[entry] == hash) found.Add(positions[entry]);
        }
    }

    internal KeyIndex Copy() => new()
    {
        hashes = [.. hashes], positions = [.. positions], slots = [.. slots], Count = Count,
    };

    internal void Add(ulong hash, long position)
    {
        if (Count == hashes.Length)
        {
            var grown = Math.Max(LeastSlots, Count + (Count / 4));
            Array.Resize(ref hashes, grown);
            Array.Resize(ref positions, grown);
        }

        // At most three of four slots are used, so that a search ends soon.
        if ((Count + 1) * 4L > slots.Length * 3L) Grow();
        (hashes[Count], positions[Count]) = (hash, position);
        Count++;
        Put(Count);
    }

    /// <summary>Forgets the newest keys until so many are left.</summary>
    internal void UndoTo(int count)
    {
        // The newest entry is the last of its chain, so nothing behind it has to move.
        for (; Count > count; Count--)
        {
            var slot = SlotOf(hashes[Count - 1]);
            while (slots[slot] != Count) slot = Next(slot);
            slots[slot] = 0;
        }
    }

    /// <summary>What writing an index takes, where most keys are of neighbouring records.</summary>
    internal static int LikelyBytes(KeyIndex? keys) => (keys?.Count ?? 0) * (sizeof(ulong) + 2);

    internal void Write(CanonicalWriter writer)
    {
        writer.Unsigned((ulong)Count);
        long last = 0;
        for (var entry = 0; entry < Count; entry++)
        {
            writer.Unsigned((ulong)(positions[entry] - last));
            last = positions[entry];
        }

        Span<byte> hash = stackalloc byte[sizeof(ulong)];
        for (var entry = 0; entry < Count; entry++)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(hash, hashes[entry]);
            writer.Raw(hash);
        }
    }

    internal static KeyIndex Read(CanonicalReader reader)
    {
        var count = reader.Count(1 + sizeof(ulong));
        var index = new KeyIndex { hashes = new ulong[count], positions = new long[count] };
        long last = 0;
        for (var entry = 0; entry < count; entry++)
            index.positions[entry] = last = checked(last + (long)reader.Unsigned());
        for (var entry = 0; entry < count; entry++)
            index.hashes[entry] = BinaryPrimitives.ReadUInt64LittleEndian(reader.Raw(sizeof(ulong)));
        index.slots = new int[SlotsFor(count)];
        for (index.Count = 0; index.Count < count;)
        {
            index.Count++;
            index.Put(index.Count);
        }

        return index;
    }

    private static int SlotsFor(int count)
    {
        var needed = Math.Max(LeastSlots, (count * 4L / 3) + 1);
        return checked((int)System.Numerics.BitOperations.RoundUpToPowerOf2((ulong)needed));
    }

    private void Grow()
    {
        slots = new int[slots.Length * 2];
        for (var entry = 1; entry <= Count; entry++) Put(entry);
    }

    private void Put(int entry)
    {
        var slot = SlotOf(hashes[entry - 1]);
        while (slots[slot] != 0) slot = Next(slot);
        slots[slot] = entry;
    }

    private int SlotOf(ulong hash) => (int)(hash & (ulong)(slots.Length - 1));

    private int Next(int slot) => (slot + 1) & (slots.Length - 1);
}
