namespace ControlPlane.Ledger;

/// <summary>Checks proofs over the tree of the ledger as RFC 9162 does; needs no tree and no server.</summary>
public static class MerkleProof
{
    /// <summary>Whether a record's body is the leaf with an index of the tree with a root.</summary>
    public static bool Includes((long Index, long Size) place, ReadOnlySpan<byte> body, MerkleProofHashes given)
    {
        var leaf = new byte[LedgerRecord.HashBytes];
        MerkleTree.HashLeaf(body, leaf);
        return IncludesLeaf(place, leaf, given);
    }

    /// <summary>The same of a record of which only the hash of its leaf is left.</summary>
    public static bool IncludesLeaf((long Index, long Size) place, ReadOnlySpan<byte> leaf, MerkleProofHashes given)
    {
        var (index, size) = place;
        if (index < 0 || index >= size) return false;
        var hash = leaf.ToArray();
        var (node, last) = (index, size - 1);
        foreach (var step in given.Path.Span)
        {
            if (last == 0 || step.Count != LedgerRecord.HashBytes) return false;
            if ((node & 1) == 1 || node == last)
            {
                MerkleTree.HashNode(step.Span, hash, hash);
                while ((node & 1) == 0 && node != 0) (node, last) = (node >> 1, last >> 1);
            }
            else
            {
                MerkleTree.HashNode(hash, step.Span, hash);
            }

            (node, last) = (node >> 1, last >> 1);
        }

        return last == 0 && hash.AsSpan().SequenceEqual(given.Root.Span);
    }

    /// <summary>Whether the tree with the first root is a beginning of the tree with the second.</summary>
    public static bool Extends(
        (long Size, Seq<byte> Root) first, (long Size, Seq<byte> Root) second, Seq<Seq<byte>> path)
    {
        if (first.Size > second.Size || first.Size < 0) return false;
        if (first.Size == second.Size) return path.Count == 0 && first.Root == second.Root;
        if (first.Size == 0) return path.Count == 0;
        var steps = long.IsPow2(first.Size) ? path.Prepend(first.Root).ToList() : [.. path];
        if (steps.Count == 0 || steps.Exists(step => step.Count != LedgerRecord.HashBytes)) return false;
        var (node, last) = (first.Size - 1, second.Size - 1);
        while ((node & 1) == 1) (node, last) = (node >> 1, last >> 1);
        var (older, newer) = (steps[0].Span.ToArray(), steps[0].Span.ToArray());
        foreach (var step in steps.Skip(1))
        {
            if (last == 0) return false;
            if ((node & 1) == 1 || node == last)
            {
                MerkleTree.HashNode(step.Span, older, older);
                MerkleTree.HashNode(step.Span, newer, newer);
                while ((node & 1) == 0 && node != 0) (node, last) = (node >> 1, last >> 1);
            }
            else
            {
                MerkleTree.HashNode(newer, step.Span, newer);
            }

            (node, last) = (node >> 1, last >> 1);
        }

        return last == 0 && older.AsSpan().SequenceEqual(first.Root.Span)
            && newer.AsSpan().SequenceEqual(second.Root.Span);
    }
}

/// <summary>The hashes that lead from a leaf to a root, and the root.</summary>
public sealed record MerkleProofHashes(Seq<Seq<byte>> Path, Seq<byte> Root);
