using System.Security.Cryptography;
using ControlPlane.Workloads;

namespace ControlPlane.Ledger;

/// <summary>
/// Tells one request from another when a client sends the same key twice: SHA-256 over the canonical form of the
/// request and its hold, so that the order of members and the spelling of numbers do not matter.
/// </summary>
public static class RequestHash
{
    private const int LikelyBytes = 384;

    public static Seq<byte> Of(PlacementRequest request, TimeSpan? hold) =>
        Of(request, hold, new CanonicalWriter(LikelyBytes));

    /// <summary>The same with a writer whose memory is used again.</summary>
    public static Seq<byte> Of(PlacementRequest request, TimeSpan? hold, CanonicalWriter writer)
    {
        writer.Clear();
        WorkloadCodec.Write(writer, request);
        writer.Optional(hold, static (writer, span) => writer.Number(span.Ticks));
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(writer.Written, hash);
        return Seq.Create<byte>(hash);
    }
}
