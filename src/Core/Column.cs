using System.Runtime.InteropServices;

namespace ControlPlane;

/// <summary>A growing list of values in chunks of one size, so that growing copies nothing and wastes little.</summary>
internal sealed class Column<T> where T : unmanaged
{
    private const int Shift = 14;
    private const int ChunkLength = 1 << Shift;

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
        if (Count == chunks.Count << Shift) chunks.Add(new T[ChunkLength]);
        chunks[Count >> Shift][Count & (ChunkLength - 1)] = value;
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
        foreach (var chunk in chunks) copy.chunks.Add([.. chunk]);
        return copy;
    }
}
