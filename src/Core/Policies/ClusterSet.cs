using System.Numerics;

namespace ControlPlane.Policies;

/// <summary>A set of clusters of one fleet, one bit each; what a law allows is such a set.</summary>
public sealed class ClusterSet
{
    private readonly ulong[] bits;

    private ClusterSet(int clusters, ulong[] bits)
    {
        Clusters = clusters;
        this.bits = bits;
    }

    /// <summary>Clusters of the fleet, in the set or not.</summary>
    public int Clusters { get; }

    public int Count => bits.Sum(BitOperations.PopCount);

    public static ClusterSet None(int clusters) => new(clusters, new ulong[(clusters + 63) / 64]);

    public static ClusterSet All(int clusters) => None(clusters).Not();

    public bool Contains(int cluster) => (bits[cluster >> 6] & (1UL << (cluster & 63))) != 0;

    public ClusterSet And(ClusterSet other) => Combine(other, (mine, theirs) => mine & theirs);

    public ClusterSet Or(ClusterSet other) => Combine(other, (mine, theirs) => mine | theirs);

    public ClusterSet Except(ClusterSet other) => Combine(other, (mine, theirs) => mine & ~theirs);

    public ClusterSet Not()
    {
        var result = Array.ConvertAll(bits, word => ~word);
        // Bits past the last cluster stay clear, so that counting needs no mask.
        if (result.Length > 0 && (Clusters & 63) != 0) result[^1] &= (1UL << (Clusters & 63)) - 1;
        return new(Clusters, result);
    }

    /// <summary>Puts a cluster in; only while the set is being built.</summary>
    internal void Add(int cluster) => bits[cluster >> 6] |= 1UL << (cluster & 63);

    private ClusterSet Combine(ClusterSet other, Func<ulong, ulong, ulong> operation)
    {
        var result = new ulong[bits.Length];
        for (var word = 0; word < result.Length; word++) result[word] = operation(bits[word], other.bits[word]);
        return new(Clusters, result);
    }
}
