using System.Security.Cryptography;

namespace ControlPlane.Ledger;

/// <summary>
/// An event at its place in the chain. <see cref="Body"/> is the canonical form of position, instant, event and actor;
/// <see cref="Hash"/> is SHA-256 over the hash before and the body, so that no record can be changed, dropped or moved
/// without every later hash changing.
/// </summary>
public sealed record LedgerRecord
{
    /// <summary>Length of a hash in bytes.</summary>
    public const int HashBytes = 32;

    private const int LikelyBytes = 512;

    /// <summary>Place in the ledger, counted from 1 without gaps.</summary>
    public required long Position { get; init; }

    /// <summary>When it was recorded; never earlier than the record before.</summary>
    public required DateTimeOffset At { get; init; }

    public required LedgerEvent Event { get; init; }

    public required Seq<byte> Body { get; init; }

    public required Seq<byte> Hash { get; init; }

    /// <summary>The hash before the first record.</summary>
    public static Seq<byte> NoHash { get; } = new byte[HashBytes].ToSeq();

    /// <summary>Puts an event at its place behind the record with <paramref name="previousHash"/>.</summary>
    public static LedgerRecord Chain(
        long position, DateTimeOffset at, LedgerEvent ledgerEvent, Seq<byte> previousHash) =>
        Chain((position, at), ledgerEvent, previousHash, new CanonicalWriter(LikelyBytes));

    /// <summary>The same with a writer whose memory is used again.</summary>
    internal static LedgerRecord Chain(
        (long Position, DateTimeOffset At) place, LedgerEvent ledgerEvent, Seq<byte> previousHash,
        CanonicalWriter writer)
    {
        var (position, at) = place;
        writer.Clear();
        // What is hashed stands together: the hash before, and the body.
        writer.Raw(previousHash.Span);
        writer.Number(position);
        writer.Instant(at);
        EventCodec.Write(writer, ledgerEvent);
        // Without an actor nothing is written, so records from before there were any keep their bytes.
        ledgerEvent.By?.Write(writer);
        return new LedgerRecord
        {
            Position = position,
            At = at.ToUniversalTime(),
            Event = ledgerEvent,
            Body = Seq.Create(writer.Written[previousHash.Count..]),
            Hash = HashOf(writer.Written),
        };
    }

    /// <summary>Reads a body that follows <paramref name="previousHash"/>; malformed bytes throw.</summary>
    public static LedgerRecord Read(ReadOnlyMemory<byte> body, Seq<byte> previousHash)
    {
        var reader = new CanonicalReader(body);
        var position = reader.Number();
        var at = reader.Instant();
        var ledgerEvent = EventCodec.Read(reader);
        if (!reader.AtEnd) ledgerEvent = ledgerEvent with { By = Actor.Read(reader) };
        if (!reader.AtEnd) throw reader.Broken("bytes are left over");
        return new LedgerRecord
        {
            Position = position,
            At = at,
            Event = ledgerEvent,
            Body = Seq.Create(body.Span),
            Hash = HashOf(previousHash.Span, body.Span),
        };
    }

    /// <summary>The hash of a record with this body behind the record with <paramref name="previousHash"/>.</summary>
    public static Seq<byte> HashOf(ReadOnlySpan<byte> previousHash, ReadOnlySpan<byte> body)
    {
        var length = previousHash.Length + body.Length;
        Span<byte> together = length <= LikelyBytes * 4 ? stackalloc byte[length] : new byte[length];
        previousHash.CopyTo(together);
        body.CopyTo(together[previousHash.Length..]);
        return HashOf(together);
    }

    private static Seq<byte> HashOf(ReadOnlySpan<byte> bytes)
    {
        Span<byte> hash = stackalloc byte[HashBytes];
        SHA256.HashData(bytes, hash);
        return Seq.Create<byte>(hash);
    }
}
