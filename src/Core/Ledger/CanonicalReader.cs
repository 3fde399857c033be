using System.Globalization;
using System.Text;

namespace ControlPlane.Ledger;

/// <summary>Reads what <see cref="CanonicalWriter"/> wrote; anything else is refused with the offset.</summary>
public sealed class CanonicalReader(ReadOnlyMemory<byte> bytes)
{
    private static readonly UTF8Encoding Strict = new(
        encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private int offset;

    public bool AtEnd => offset == bytes.Length;

    public ulong Unsigned()
    {
        ulong value = 0;
        for (var shift = 0; shift < 64; shift += 7)
        {
            var part = Take(1)[0];
            value |= (ulong)(part & 0x7F) << shift;
            if (part < 0x80) return value;
        }

        throw Broken("a number is too long");
    }

    public long Number()
    {
        var value = Unsigned();
        return (long)(value >> 1) ^ -(long)(value & 1);
    }

    public int Int() => Number() is var value && value == (int)value
        ? (int)value
        : throw Broken("a number is out of range");

    public bool Flag() => Unsigned() switch
    {
        0 => false,
        1 => true,
        _ => throw Broken("a flag is neither 0 nor 1"),
    };

    public string Text()
    {
        try
        {
            return Strict.GetString(Take(Length()));
        }
        catch (DecoderFallbackException)
        {
            throw Broken("text is not UTF-8");
        }
    }

    public byte[] Bytes() => Take(Length()).ToArray();

    /// <summary>Bytes whose number the writer knew.</summary>
    internal ReadOnlySpan<byte> Raw(int count) => Take(count);

    /// <summary>A count of items, none of which is shorter than so many bytes.</summary>
    internal int Count(int leastBytes)
    {
        var count = Unsigned();
        return count <= (ulong)((bytes.Length - offset) / leastBytes)
            ? (int)count
            : throw Broken("a count goes past the end");
    }

    public DateTimeOffset Instant()
    {
        var ticks = Number();
        if (ticks < 0 || ticks > DateTimeOffset.MaxValue.UtcTicks) throw Broken("an instant is out of range");
        return new DateTimeOffset(ticks, TimeSpan.Zero);
    }

    public DecisionId Id() => new(new Guid(Take(16), bigEndian: true));

    public decimal Decimal() =>
        decimal.TryParse(Text(), NumberStyles.Number, CultureInfo.InvariantCulture, out var value)
            ? value
            : throw Broken("a number is malformed");

    public T? Optional<T>(Func<T> read) where T : struct => Flag() ? read() : null;

    public string? OptionalText() => Flag() ? Text() : null;

    public Seq<T> List<T>(Func<T> read)
    {
        // No item is shorter than a byte, so a longer list is broken, and nothing is allocated for it.
        var count = Length();
        var items = new T[count];
        for (var index = 0; index < count; index++) items[index] = read();
        return Seq.Create<T>(items);
    }

    /// <summary>An enum value that is defined.</summary>
    public T Enum<T>() where T : struct, Enum
    {
        var value = (T)System.Enum.ToObject(typeof(T), Int());
        return System.Enum.IsDefined(value) ? value : throw Broken($"{typeof(T).Name} is not known");
    }

    public LedgerFormatException Broken(string what) => new($"{what} at byte {offset}");

    private int Length()
    {
        var length = Unsigned();
        return length <= (ulong)(bytes.Length - offset) ? (int)length : throw Broken("a length goes past the end");
    }

    private ReadOnlySpan<byte> Take(int count)
    {
        if (count > bytes.Length - offset) throw Broken("the record ends early");
        var span = bytes.Span.Slice(offset, count);
        offset += count;
        return span;
    }
}

/// <summary>Bytes that are no ledger record; says what is wrong and where.</summary>
public sealed class LedgerFormatException(string message) : Exception(message);
