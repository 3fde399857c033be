using System.Buffers.Binary;
using System.Security.Cryptography;

namespace ControlPlane.Server.Ledger;

/// <summary>
/// Makes ids of decisions: UUIDs of version 7 (RFC 9562, section 5.7). What is random of them is drawn for many at
/// once, because asking the system for it takes longer than a decision does.
/// </summary>
internal sealed class DecisionIds
{
    private const int BytesEach = 16;
    private const int DrawnAtOnce = 128;

    private readonly byte[] drawn = new byte[DrawnAtOnce * BytesEach];
    private int used = DrawnAtOnce;

    public DecisionId Next(DateTimeOffset at)
    {
        if (used == DrawnAtOnce)
        {
            RandomNumberGenerator.Fill(drawn);
            used = 0;
        }

        var id = drawn.AsSpan(used++ * BytesEach, BytesEach);
        // 48 bits of milliseconds, the version, 12 random bits, the variant, 62 random bits.
        BinaryPrimitives.WriteUInt32BigEndian(id, (uint)(at.ToUnixTimeMilliseconds() >> 16));
        BinaryPrimitives.WriteUInt16BigEndian(id[4..], (ushort)at.ToUnixTimeMilliseconds());
        id[6] = (byte)(0x70 | (id[6] & 0x0F));
        id[8] = (byte)(0x80 | (id[8] & 0x3F));
        return new DecisionId(new Guid(id, bigEndian: true));
    }
}
