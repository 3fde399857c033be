namespace ControlPlane.Ledger;

/// <summary>
/// The content of records is let go, because they are older than they are kept: what is no longer needed up to a
/// position goes, and its hashes stay. It is recorded before anything goes.
/// </summary>
/// <param name="UpTo">Last position that it reaches.</param>
/// <param name="Before">Every record up to there is older than this.</param>
/// <param name="Hash">Hash of the record at that position.</param>
/// <param name="StateDigest">SHA-256 of the state at that position, from which the ledger goes on.</param>
public sealed record RecordsRetired(long UpTo, DateTimeOffset Before, Seq<byte> Hash, Seq<byte> StateDigest)
    : LedgerEvent
{
    /// <summary>Days for which records are kept at least, whatever an operator asks for: six months.</summary>
    public const int LeastDays = 183;

    public override string Kind => "records-retired";

    internal void Write(CanonicalWriter writer)
    {
        writer.Number(UpTo);
        writer.Instant(Before);
        writer.Bytes(Hash.Span);
        writer.Bytes(StateDigest.Span);
    }

    internal static RecordsRetired Read(CanonicalReader reader) =>
        new(reader.Number(), reader.Instant(), reader.Bytes().ToSeq(), reader.Bytes().ToSeq());
}

/// <summary>What is left of a record whose content was let go: its leaf in the tree over the ledger.</summary>
/// <param name="Position">Its place.</param>
/// <param name="Leaf">Hash of its leaf (RFC 6962).</param>
/// <param name="Hash">Its hash in the chain, where that is known; it always is where content follows.</param>
public sealed record RetiredRecord(long Position, Seq<byte> Leaf, Seq<byte>? Hash);
