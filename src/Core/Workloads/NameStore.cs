using System.Text;

namespace ControlPlane.Workloads;

/// <summary>Keeps short ASCII names one after the other, in chunks that are never moved.</summary>
internal sealed class NameStore
{
    private const int Shift = 16;
    private const int ChunkLength = 1 << Shift;

    private readonly List<byte[]> chunks = [];
    private int end;
    private long used;

    /// <summary>Whether most of what is kept belongs to names that were released.</summary>
    public bool IsMostlyWaste => end > 16 * ChunkLength && used < end / 2;

    /// <summary>Where the name begins.</summary>
    public int Add(string name)
    {
        var target = Room(name.Length, out var start);
        Encoding.ASCII.GetBytes(name, target);
        return start;
    }

    public int Add(ReadOnlySpan<byte> name)
    {
        name.CopyTo(Room(name.Length, out var start));
        return start;
    }

    public ReadOnlySpan<byte> Bytes(int start, int length) =>
        chunks[start >> Shift].AsSpan(start & (ChunkLength - 1), length);

    public void Release(int length) => used -= length;

    public NameStore Copy()
    {
        var copy = new NameStore { end = end, used = used };
        foreach (var chunk in chunks) copy.chunks.Add([.. chunk]);
        return copy;
    }

    private Span<byte> Room(int length, out int start)
    {
        // A name does not go over the end of a chunk.
        if ((end & (ChunkLength - 1)) + length > ChunkLength || end == chunks.Count << Shift)
        {
            end = chunks.Count << Shift;
            chunks.Add(new byte[ChunkLength]);
        }

        start = end;
        end += length;
        used += length;
        return chunks[start >> Shift].AsSpan(start & (ChunkLength - 1), length);
    }
}
