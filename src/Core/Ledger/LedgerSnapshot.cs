using System.Security.Cryptography;
using ControlPlane.Files;
using ControlPlane.Regions;
using ControlPlane.Workloads;

namespace ControlPlane.Ledger;

/// <summary>
/// The state at one position in canonical form: equal states give equal bytes, whichever way they were reached, so the
/// digest of a snapshot is the digest of the state.
/// </summary>
public static class LedgerSnapshot
{
    private const int LikelyOtherBytes = 4 * 1024 * 1024;

    /// <summary>Form that is written; one of another form is passed over, and the ledger is folded instead.</summary>
    private const ulong Form = 12;

    public static byte[] Write(LedgerState state)
    {
        var likely = PlacementColumnsCodec.LikelyBytes(state.World.Columns) + KeyIndex.LikelyBytes(state.Keys);
        var writer = new CanonicalWriter(likely + LikelyOtherBytes);
        writer.Unsigned(Form);
        writer.Number(state.Position);
        writer.Bytes(state.Hash.Span);
        writer.Instant(state.At);
        writer.Number(state.FleetPosition);
        (state.Keys ?? throw new InvalidOperationException("a state without its keys is no whole state")).Write(writer);
        LawCodec.WriteFiles(writer, state.FleetFiles.ToSeq());
        LawCodec.Write(writer, state.InForce);
        writer.List(state.World.Reservations.All, item => ReservationCodec.Write(writer, item));
        GrantCodec.Write(writer, state.Grants);
        PlacementColumnsCodec.Write(writer, state.World.Columns);
        writer.List(state.World.Sites.Conditions.ToSeq(), condition => FailoverCodec.Write(writer, condition));
        writer.List(
            state.World.ClosedNodes.Conditions.ToSeq(), condition => FailoverCodec.Write(writer, condition));
        return writer.ToArray();
    }

    /// <summary>Reads a snapshot; malformed bytes throw <see cref="LedgerFormatException"/>.</summary>
    public static LedgerState Read(FleetReader fleets, ReadOnlyMemory<byte> bytes)
    {
        var reader = new CanonicalReader(bytes);
        if (reader.Unsigned() is var form && form != Form)
            throw reader.Broken($"snapshots of form {form} are not read");
        var content = new LedgerSnapshotContent(
            reader.Number(),
            reader.Bytes().ToSeq(),
            reader.Instant(),
            reader.Number(),
            KeyIndex.Read(reader),
            LawCodec.ReadFiles(reader),
            LawCodec.ReadLaw(reader),
            reader)
        {
            Reservations = reader.List(() => ReservationCodec.Read(reader)),
            Grants = GrantCodec.ReadBook(reader),
        };
        var state = LedgerState.From(fleets, content);
        return reader.AtEnd ? state : throw reader.Broken("bytes are left over");
    }

    /// <summary>SHA-256 of the state.</summary>
    public static Seq<byte> DigestOf(LedgerState state) => SHA256.HashData(Write(state)).ToSeq();

    /// <summary>The same as 64 hexadecimal digits.</summary>
    public static string DigestTextOf(LedgerState state) => Convert.ToHexStringLower(SHA256.HashData(Write(state)));
}

/// <summary>What a snapshot holds; placements and conditions are still to be read.</summary>
internal sealed record LedgerSnapshotContent(
    long Position, Seq<byte> Hash, DateTimeOffset At, long FleetPosition, KeyIndex Keys,
    Seq<SourceFile> FleetFiles, PoliciesInForce InForce, CanonicalReader Rest)
{
    public required Seq<Reservation> Reservations { get; init; }
    public required GrantBook Grants { get; init; }
}
