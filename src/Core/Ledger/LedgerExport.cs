using System.Globalization;
using System.Text.Json;

namespace ControlPlane.Ledger;

/// <summary>
/// The ledger as text, one JSON object a line: position, instant, kind, hash and the canonical body in base64. The
/// body is what is hashed; the other fields repeat it for people and are checked against it.
/// </summary>
public static class LedgerExport
{
    private const string BodyMark = "\"body\":\"";

    // As JSON is written everywhere here: in base64 only the plus sign is escaped, in an instant too.
    private const string Plus = "\\u002B";

    public static string Line(LedgerRecord record)
    {
        var at = Escaped(record.At.ToString("O", CultureInfo.InvariantCulture));
        var hash = Convert.ToHexStringLower(record.Hash.Span);
        var body = Escaped(Convert.ToBase64String(record.Body.Span));
        return string.Create(
            CultureInfo.InvariantCulture,
            $$"""{"position":{{record.Position}},"at":"{{at}}","kind":"{{record.Event.Kind}}","hash":"{{hash}}","""
            + $$"""{{BodyMark}}{{body}}"}""");
    }

    private static string Escaped(string text) => text.Replace("+", Plus, StringComparison.Ordinal);

    /// <summary>
    /// Reads lines one after the other and stops at the first that is not what the chain demands. Needs no server.
    /// </summary>
    /// <param name="lines">The export, oldest first.</param>
    /// <param name="fold">
    /// Called with each sound record; what it throws as a format problem names the record too.
    /// </param>
    public static LedgerVerification Verify(IEnumerable<string> lines, Action<LedgerRecord>? fold = null)
    {
        var hash = LedgerRecord.NoHash;
        long position = 0;
        var lineNumber = 0;
        foreach (var line in lines)
        {
            lineNumber++;
            try
            {
                var record = Parse(line, position + 1, hash);
                fold?.Invoke(record);
                (hash, position) = (record.Hash, record.Position);
            }
            catch (LedgerFormatException broken)
            {
                return new LedgerBroken(lineNumber, position + 1, broken.Message);
            }
        }

        return new LedgerSound(position, hash);
    }

    /// <summary>
    /// A sound line is the line of its record to the letter, so that comparing the two is all there is to check; what
    /// is wrong with another one is found out slowly.
    /// </summary>
    private static LedgerRecord Parse(string line, long expected, Seq<byte> previousHash) =>
        Read(line, previousHash) is { } record && record.Position == expected
        && string.Equals(Line(record), line, StringComparison.Ordinal)
            ? record
            : Examine(line, expected, previousHash);

    private static LedgerRecord? Read(string line, Seq<byte> previousHash)
    {
        var at = line.LastIndexOf(BodyMark, StringComparison.Ordinal) + BodyMark.Length;
        if (at < BodyMark.Length || line.Length < at + 2) return null;
        var text = line[at..^2];
        if (text.Contains('\\', StringComparison.Ordinal)) text = text.Replace(Plus, "+", StringComparison.Ordinal);
        var body = new byte[text.Length / 4 * 3];
        if (!Convert.TryFromBase64Chars(text, body, out var length)) return null;
        try
        {
            return LedgerRecord.Read(body.AsMemory(0, length), previousHash);
        }
        catch (LedgerFormatException)
        {
            // Said where the whole line is looked at: something before the body may be wrong already.
            return null;
        }
    }

    private static LedgerRecord Examine(string line, long expected, Seq<byte> previousHash)
    {
        var (stated, at, kind, hash, body) = Fields(line);
        if (stated != expected)
            throw new LedgerFormatException(
                $"expected record {expected}, found record {stated}: a record is missing, repeated or out of order");
        var record = LedgerRecord.Read(body, previousHash);
        if (record.Position != stated)
            throw new LedgerFormatException($"the body is that of record {record.Position}");
        if (!string.Equals(Convert.ToHexStringLower(record.Hash.Span), hash, StringComparison.Ordinal))
            throw new LedgerFormatException(
                "the content does not match its hash: it was changed, or what stands before it was");
        if (record.Event.Kind != kind)
            throw new LedgerFormatException($"the kind is said to be '{kind}' and is '{record.Event.Kind}'");
        if (record.At.ToString("O", CultureInfo.InvariantCulture) != at)
            throw new LedgerFormatException($"the instant is said to be '{at}' and is not");
        // Base64 and JSON can write one value in several ways; here too no byte may be other than it was written.
        if (!string.Equals(Line(record), line, StringComparison.Ordinal))
            throw new LedgerFormatException("the line is not written as an export writes the record");
        return record;
    }

    private static (long Position, string At, string Kind, string Hash, byte[] Body) Fields(string line)
    {
        try
        {
            using var document = JsonDocument.Parse(line);
            var root = document.RootElement;
            return (
                root.GetProperty("position").GetInt64(),
                root.GetProperty("at").GetString() ?? "",
                root.GetProperty("kind").GetString() ?? "",
                root.GetProperty("hash").GetString() ?? "",
                root.GetProperty("body").GetBytesFromBase64());
        }
        catch (Exception broken) when (
            broken is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw new LedgerFormatException("the line is not a ledger record");
        }
    }
}

/// <summary>What a verifier found.</summary>
public abstract record LedgerVerification;

/// <summary>Every record is in its place and unchanged.</summary>
/// <param name="Position">Position of the last record.</param>
/// <param name="Hash">
/// Its hash; compare it with one that was kept elsewhere to see that nothing was cut off the end.
/// </param>
public sealed record LedgerSound(long Position, Seq<byte> Hash) : LedgerVerification;

/// <summary>The first record that is not what the chain demands.</summary>
public sealed record LedgerBroken(int Line, long Position, string Why) : LedgerVerification;
