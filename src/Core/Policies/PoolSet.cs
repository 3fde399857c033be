using System.Numerics;
using System.Runtime.InteropServices;

namespace ControlPlane.Policies;

/// <summary>A set of node pools of one fleet, one bit each; what a law allows is such a set.</summary>
public sealed class PoolSet : IEquatable<PoolSet>
{
    private readonly ulong[] bits;

    private PoolSet(int pools, ulong[] bits)
    {
        Pools = pools;
        this.bits = bits;
    }

    /// <summary>Pools of the fleet, in the set or not.</summary>
    public int Pools { get; }

    public int Count => bits.Sum(BitOperations.PopCount);

    public static PoolSet None(int pools) => new(pools, new ulong[(pools + 63) / 64]);

    public static PoolSet All(int pools) => None(pools).Not();

    public bool Contains(int pool) => (bits[pool >> 6] & (1UL << (pool & 63))) != 0;

    public PoolSet And(PoolSet other) => Combine(other, (mine, theirs) => mine & theirs);

    public PoolSet Or(PoolSet other) => Combine(other, (mine, theirs) => mine | theirs);

    public PoolSet Except(PoolSet other) => Combine(other, (mine, theirs) => mine & ~theirs);

    public PoolSet Not()
    {
        var result = Array.ConvertAll(bits, word => ~word);
        // Bits past the last pool stay clear, so that counting needs no mask.
        if (result.Length > 0 && (Pools & 63) != 0) result[^1] &= (1UL << (Pools & 63)) - 1;
        return new(Pools, result);
    }

    /// <summary>Puts a pool in; only while the set is being built.</summary>
    internal void Add(int pool) => bits[pool >> 6] |= 1UL << (pool & 63);

    public bool Equals(PoolSet? other) => ReferenceEquals(this, other)
        || (other is not null && Pools == other.Pools && bits.AsSpan().SequenceEqual(other.bits));

    public override bool Equals(object? obj) => Equals(obj as PoolSet);

    public override int GetHashCode()
    {
        var hash = new HashCode();
        hash.AddBytes(MemoryMarshal.AsBytes(bits.AsSpan()));
        return hash.ToHashCode();
    }

    private PoolSet Combine(PoolSet other, Func<ulong, ulong, ulong> operation)
    {
        var result = new ulong[bits.Length];
        for (var word = 0; word < result.Length; word++) result[word] = operation(bits[word], other.bits[word]);
        return new(Pools, result);
    }
}
