using System.Security.Cryptography;

namespace ControlPlane.Ledger;

/// <summary>
/// The tree of RFC 6962 over the bodies of the ledger's records. It grows at its end, keeps the hash of every complete
/// subtree, and proves that a record is in it and that an older head is one of its beginnings.
/// </summary>
public sealed class MerkleTree
{
    private const int HashBytes = LedgerRecord.HashBytes;
    private const int MostOnStack = 4096;

    // One list for each level: hashes of complete subtrees of 1, 2, 4, ... leaves, one after the other.
    private readonly List<List<byte>> levels = [];

    /// <summary>Leaves so far.</summary>
    public long Size { get; private set; }

    /// <summary>The root over all leaves.</summary>
    public Seq<byte> Root => RootAt(Size);

    public void Add(ReadOnlySpan<byte> body)
    {
        Span<byte> hash = stackalloc byte[HashBytes];
        HashLeaf(body, hash);
        AddHash(hash);
    }

    /// <summary>Adds a leaf whose hash is known already.</summary>
    public void AddHash(ReadOnlySpan<byte> leaf)
    {
        Span<byte> hash = stackalloc byte[HashBytes];
        leaf.CopyTo(hash);
        var index = Size++;
        for (var level = 0; ; level++, index >>= 1)
        {
            if (level == levels.Count) levels.Add([]);
            levels[level].AddRange(hash);
            if ((index & 1) == 0) return;
            HashNode(At(level, index - 1), hash, hash);
        }
    }

    /// <summary>The root as it was when the tree had so many leaves.</summary>
    public Seq<byte> RootAt(long size)
    {
        if (size == 0) return SHA256.HashData([]).ToSeq();
        var hash = new byte[HashBytes];
        Subtree(0, size, hash);
        return hash.ToSeq();
    }

    /// <summary>Hashes by which the leaf with an index leads to the root over so many leaves.</summary>
    public Seq<Seq<byte>> Inclusion(long index, long size)
    {
        var path = new List<Seq<byte>>();
        AddPath(index, (0, size), path);
        return path.ToSeq();
    }

    /// <summary>Hashes by which the root over the first leaves leads to the root over more of them.</summary>
    public Seq<Seq<byte>> Consistency(long first, long size)
    {
        var proof = new List<Seq<byte>>();
        if (first > 0 && first < size) AddConsistency(first, (0, size), isWhole: true, proof);
        return proof.ToSeq();
    }

    /// <summary>Hash of the leaf that a record's body is.</summary>
    public static void HashLeaf(ReadOnlySpan<byte> body, Span<byte> into)
    {
        Span<byte> leaf = body.Length < MostOnStack ? stackalloc byte[body.Length + 1] : new byte[body.Length + 1];
        leaf[0] = 0;
        body.CopyTo(leaf[1..]);
        SHA256.HashData(leaf, into);
    }

    internal static void HashNode(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right, Span<byte> into)
    {
        Span<byte> node = stackalloc byte[1 + (2 * HashBytes)];
        node[0] = 1;
        left.CopyTo(node[1..]);
        right.CopyTo(node[(1 + HashBytes)..]);
        SHA256.HashData(node, into);
    }

    /// <summary>Largest power of two below a size: where a subtree that is not complete parts.</summary>
    internal static long Split(long size) => 1L << (int)(63 - long.LeadingZeroCount(size - 1));

    private ReadOnlySpan<byte> At(int level, long index) =>
        System.Runtime.InteropServices.CollectionsMarshal.AsSpan(levels[level])
            .Slice(checked((int)index) * HashBytes, HashBytes);

    private void Subtree(long start, long size, Span<byte> into)
    {
        if (long.IsPow2(size))
        {
            var level = (int)long.Log2(size);
            At(level, start >> level).CopyTo(into);
            return;
        }

        Span<byte> right = stackalloc byte[HashBytes];
        var split = Split(size);
        Subtree(start, split, into);
        Subtree(start + split, size - split, right);
        HashNode(into, right, into);
    }

    private Seq<byte> Hash(long start, long size)
    {
        var hash = new byte[HashBytes];
        Subtree(start, size, hash);
        return hash.ToSeq();
    }

    private void AddPath(long index, (long Start, long Size) within, List<Seq<byte>> path)
    {
        var (start, size) = within;
        if (size == 1) return;
        var split = Split(size);
        if (index < split)
        {
            AddPath(index, (start, split), path);
            path.Add(Hash(start + split, size - split));
        }
        else
        {
            AddPath(index - split, (start + split, size - split), path);
            path.Add(Hash(start, split));
        }
    }

    private void AddConsistency(long first, (long Start, long Size) within, bool isWhole, List<Seq<byte>> proof)
    {
        var (start, size) = within;
        if (first == size)
        {
            if (!isWhole) proof.Add(Hash(start, size));
            return;
        }

        var split = Split(size);
        if (first <= split)
        {
            AddConsistency(first, (start, split), isWhole, proof);
            proof.Add(Hash(start + split, size - split));
        }
        else
        {
            AddConsistency(first - split, (start + split, size - split), isWhole: false, proof);
            proof.Add(Hash(start, split));
        }
    }
}
