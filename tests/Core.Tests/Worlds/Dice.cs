namespace ControlPlane.Core.Tests.Worlds;

/// <summary>Chance that a seed decides, with the few questions that generators ask.</summary>
internal sealed class Dice(int seed)
{
    private readonly Random random = new(seed);

    public int Seed => seed;

    /// <summary>A number from least to most, both included.</summary>
    public int Int(int least, int most) => random.Next(least, most + 1);

    public bool Chance(int percent) => random.Next(100) < percent;

    public T Pick<T>(params IReadOnlyList<T> items) => items[random.Next(items.Count)];

    /// <summary>Up to so many different items, in any order.</summary>
    public Seq<T> Some<T>(IReadOnlyList<T> items, int most) =>
        Shuffled(items).Take(Math.Min(Int(0, most), items.Count)).ToSeq();

    /// <summary>At least one and up to so many different items.</summary>
    public Seq<T> AtLeastOne<T>(IReadOnlyList<T> items, int most) =>
        Shuffled(items).Take(Math.Min(Int(1, most), items.Count)).ToSeq();

    public List<T> Shuffled<T>(IEnumerable<T> items)
    {
        var shuffled = items.ToArray();
        random.Shuffle(shuffled);
        return [.. shuffled];
    }

    public Guid Guid()
    {
        var bytes = new byte[16];
        random.NextBytes(bytes);
        return new Guid(bytes);
    }

    public byte[] Bytes(int count)
    {
        var bytes = new byte[count];
        random.NextBytes(bytes);
        return bytes;
    }

    public long Long() => random.NextInt64(long.MinValue, long.MaxValue);
}
