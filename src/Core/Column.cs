using System.Runtime.InteropServices;

namespace ControlPlane;

/// <summary>
/// A growing list of values in chunks of one size, so that growing copies nothing and wastes little. The last chunk
/// starts small and doubles: worlds are copied often, and most are small. A reference to a value ends with the next
/// one added.
/// </summary>
internal sealed class Column<T> where T : unmanaged
{
    private const int Shift = 14;
    private const int ChunkLength = 1 << Shift;
    private const int LeastLength = 64;

    private readonly List<T[]> chunks = [];

    public int Count { get; private set; }

    public ref T this[int index] => ref chunks[index >> Shift][index & (ChunkLength - 1)];

    /// <summary>The values in order, chunk by chunk.</summary>
    public IEnumerable<ReadOnlyMemory<T>> Chunks
    {
        get
        {
            for (var first = 0; first < Count; first += ChunkLength)
                yield return chunks[first >> Shift].AsMemory(0, Math.Min(ChunkLength, Count - first));
        }
    }

    public void Add(T value)
    {
        if (Count == chunks.Count << Shift) chunks.Add(new T[LeastLength]);
        var at = Count & (ChunkLength - 1);
        var chunk = chunks[Count >> Shift];
        if (at == chunk.Length)
        {
            Array.Resize(ref chunk, Math.Min(2 * at, ChunkLength));
            chunks[Count >> Shift] = chunk;
        }

        chunk[at] = value;
        Count++;
    }

    public void RemoveLast()
    {
        Count--;
        if (Count <= (chunks.Count - 2) << Shift) chunks.RemoveAt(chunks.Count - 1);
    }

    /// <summary>Adds values from their bytes.</summary>
    public void AddBytes(ReadOnlySpan<byte> bytes)
    {
        foreach (var value in MemoryMarshal.Cast<byte, T>(bytes)) Add(value);
    }

    public Column<T> Copy()
    {
        var copy = new Column<T> { Count = Count };
        foreach (var chunk in chunks) copy.chunks.Add((T[])chunk.Clone());
        return copy;
    }
}
