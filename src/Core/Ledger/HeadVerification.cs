namespace ControlPlane.Ledger;

/// <summary>Compares a copy of the ledger with a signed head that was kept elsewhere.</summary>
public static class HeadVerification
{
    /// <summary>
    /// Whether the copy is sound, reaches as far as the head, and is up to there what the head says. Needs no server.
    /// </summary>
    /// <param name="lines">The export, oldest first.</param>
    /// <param name="head">The head that was kept.</param>
    /// <param name="keyId">Key that must have signed it; null takes the key that it names.</param>
    public static HeadFinding Verify(IEnumerable<string> lines, SignedHead head, string? keyId)
    {
        if (keyId is not null && keyId != head.KeyId)
            return new HeadFinding(false, 0, $"the head is signed by key {head.KeyId}, not {keyId}");
        if (!head.IsSigned()) return new HeadFinding(false, 0, "the signature of the head is not that of its key");
        var tree = new MerkleTree();
        Seq<byte>? hash = LedgerRecord.NoHash;
        long retired = 0;
        var found = LedgerExport.Verify(
            lines,
            record =>
            {
                tree.Add(record.Body.Span);
                if (record.Position == head.Size) hash = record.Hash;
            },
            gone =>
            {
                retired++;
                tree.AddHash(gone.Leaf.Span);
                // The chain is not known inside of what was let go; the tree is, and says more.
                if (gone.Position == head.Size) hash = gone.Hash;
            });
        return found switch
        {
            LedgerBroken broken => new HeadFinding(false, tree.Size, $"line {broken.Line}: {broken.Why}"),
            _ when tree.Size < head.Size => new HeadFinding(
                false, tree.Size, $"there are {tree.Size} records and the head covers {head.Size}: the end is missing"),
            _ when tree.RootAt(head.Size) != head.Root => new HeadFinding(
                false, tree.Size, $"the first {head.Size} records are not those that were signed: they were rewritten"),
            _ when hash is { } last && last != head.Hash => new HeadFinding(
                false, tree.Size, $"record {head.Size} is not the one that was signed"),
            _ => new HeadFinding(true, tree.Size, null) { Retired = retired },
        };
    }
}

/// <summary>What the comparison with a head found.</summary>
/// <param name="IsSound">Whether everything is as the head says.</param>
/// <param name="Records">Records that were read.</param>
/// <param name="Why">What is wrong; null when nothing is.</param>
public sealed record HeadFinding(bool IsSound, long Records, string? Why)
{
    /// <summary>How many of them are there by their hashes only.</summary>
    public long Retired { get; init; }
}
