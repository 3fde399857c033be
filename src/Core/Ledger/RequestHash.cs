using System.Security.Cryptography;
using ControlPlane.Workloads;

namespace ControlPlane.Ledger;

/// <summary>
/// Tells one request from another when a client sends the same key twice: SHA-256 over the canonical form of the
/// request and its hold, so that the order of members and the spelling of numbers do not matter.
/// </summary>
public static class RequestHash
{
    public static Seq<byte> Of(PlacementRequest request, TimeSpan? hold)
    {
        var writer = new CanonicalWriter();
        WorkloadCodec.Write(writer, request);
        writer.Optional(hold, span => writer.Number(span.Ticks));
        return SHA256.HashData(writer.Written).ToSeq();
    }
}
