using System.Buffers;
using System.Text;

namespace ControlPlane.Ledger;

/// <summary>
/// Writes values in the one binary form that the ledger hashes: integers as zigzag varints, text and bytes with their
/// length, instants as UTC ticks, lists with their count, optional values behind a 0 or 1. Equal values give equal
/// bytes on every machine, in every culture.
/// </summary>
public sealed class CanonicalWriter(int expectedBytes = 256)
{
    /// <summary>Most bytes that a number takes.</summary>
    public const int LongestNumber = 10;

    private readonly ArrayBufferWriter<byte> buffer = new(expectedBytes);

    public ReadOnlySpan<byte> Written => buffer.WrittenSpan;

    /// <summary>The same, until something more is written or it is cleared.</summary>
    public ReadOnlyMemory<byte> WrittenMemory => buffer.WrittenMemory;

    public byte[] ToArray() => buffer.WrittenSpan.ToArray();

    /// <summary>Begins anew in the same memory; what was handed out of it before no longer holds.</summary>
    public void Clear() => buffer.ResetWrittenCount();

    public void Unsigned(ulong value)
    {
        var span = buffer.GetSpan(LongestNumber);
        var length = 0;
        for (; value >= 0x80; value >>= 7) span[length++] = (byte)(value | 0x80);
        span[length++] = (byte)value;
        buffer.Advance(length);
    }

    public void Number(long value) => Unsigned((ulong)((value << 1) ^ (value >> 63)));

    public void Flag(bool value) => Unsigned(value ? 1UL : 0UL);

    public void Text(string value)
    {
        var length = Encoding.UTF8.GetByteCount(value);
        Unsigned((ulong)length);
        Encoding.UTF8.GetBytes(value, buffer.GetSpan(length));
        buffer.Advance(length);
    }

    public void Bytes(ReadOnlySpan<byte> value)
    {
        Unsigned((ulong)value.Length);
        buffer.Write(value);
    }

    /// <summary>Bytes whose number the reader knows.</summary>
    internal void Raw(ReadOnlySpan<byte> value) => buffer.Write(value);

    public void Instant(DateTimeOffset value) => Number(value.UtcTicks);

    public void Id(DecisionId id)
    {
        id.Value.TryWriteBytes(buffer.GetSpan(16), bigEndian: true, out _);
        buffer.Advance(16);
    }

    /// <summary>A decimal by its digits without trailing zeros, so that 8 and 8.0 are the same bytes.</summary>
    public void Decimal(decimal value) =>
        Text((value / 1.0000000000000000000000000000m).ToString(System.Globalization.CultureInfo.InvariantCulture));

    public void Optional<T>(T? value, Action<T> write) where T : struct
    {
        Flag(value.HasValue);
        if (value is { } present) write(present);
    }

    /// <summary>The same without a delegate for each call.</summary>
    internal void Optional<T>(T? value, Action<CanonicalWriter, T> write) where T : struct
    {
        Flag(value.HasValue);
        if (value is { } present) write(this, present);
    }

    public void OptionalText(string? value)
    {
        Flag(value is not null);
        if (value is not null) Text(value);
    }

    public void List<T>(Seq<T> items, Action<T> write)
    {
        Unsigned((ulong)items.Count);
        foreach (var item in items.Span) write(item);
    }

    /// <summary>The same without a delegate for each call.</summary>
    internal void List<T>(Seq<T> items, Action<CanonicalWriter, T> write)
    {
        Unsigned((ulong)items.Count);
        foreach (var item in items.Span) write(this, item);
    }
}
