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
    private const string LeafStart = "{\"position\":";
    private const string LeafMark = ",\"leaf\":\"";

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

    /// <summary>The line of a record whose content was let go.</summary>
    public static string Line(RetiredRecord retired)
    {
        var hash = retired.Hash is { } known ? $",\"hash\":\"{Convert.ToHexStringLower(known.Span)}\"" : "";
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{LeafStart}{retired.Position}{LeafMark}{Convert.ToHexStringLower(retired.Leaf.Span)}\"{hash}}}");
    }

    private static string Escaped(string text) => text.Replace("+", Plus, StringComparison.Ordinal);

    /// <summary>
    /// Reads lines one after the other and stops at the first that is not what the chain demands. Needs no server.
    /// </summary>
    /// <param name="lines">The export, oldest first.</param>
    /// <param name="fold">
    /// Called with each sound record; what it throws as a format problem names the record too.
    /// </param>
    /// <param name="retired">
    /// Called with each record whose content was let go; null where all content is needed. A later record has to say
    /// that it was to go.
    /// </param>
    public static LedgerVerification Verify(
        IEnumerable<string> lines, Action<LedgerRecord>? fold = null, Action<RetiredRecord>? retired = null) =>
        Verify((0, LedgerRecord.NoHash), lines, (fold, retired));

    /// <summary>The same of a part of an export that begins behind a record.</summary>
    public static LedgerVerification VerifyAfter((long Position, Seq<byte> Hash) record, IEnumerable<string> lines) =>
        Verify(record, lines, (null, null));

    private static LedgerVerification Verify(
        (long Position, Seq<byte> Hash) after, IEnumerable<string> lines,
        (Action<LedgerRecord>? Fold, Action<RetiredRecord>? Retired) with)
    {
        var (fold, retired) = with;
        Seq<byte>? hash = after.Hash;
        var position = after.Position;
        var lineNumber = 0;
        var gone = new RetiredCheck();
        foreach (var line in lines)
        {
            lineNumber++;
            try
            {
                if (ParseRetired(line) is { } leaf)
                {
                    if (leaf.Position != position + 1) throw OutOfOrder(position + 1, leaf.Position);
                    gone.Follows(position, hash);
                    (retired ?? throw Needed(leaf.Position))(leaf);
                    gone.Add(leaf, lineNumber);
                    (hash, position) = (leaf.Hash, leaf.Position);
                    continue;
                }

                var record = Parse(line, position + 1, hash ?? throw NoHash(position));
                gone.Add(record);
                fold?.Invoke(record);
                (hash, position) = (record.Hash, record.Position);
            }
            catch (LedgerFormatException broken)
            {
                return new LedgerBroken(lineNumber, position + 1, broken.Message);
            }
        }

        if (gone.Broken is { } missing) return missing;
        return hash is { } last
            ? new LedgerSound(position, last)
            : new LedgerBroken(lineNumber, position, NoHash(position).Message);
    }

    /// <summary>Null when the line is not that of a record whose content was let go, to the letter.</summary>
    private static RetiredRecord? ParseRetired(string line)
    {
        const int Digits = 2 * LedgerRecord.HashBytes;
        var at = line.IndexOf(LeafMark, StringComparison.Ordinal);
        if (at < 0 || !line.StartsWith(LeafStart, StringComparison.Ordinal)) return null;
        var number = line.AsSpan(LeafStart.Length, Math.Max(0, at - LeafStart.Length));
        if (!long.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var position)) return null;
        var leaf = line.AsSpan(at + LeafMark.Length);
        if (leaf.Length < Digits) return null;
        var hash = leaf.Length > 2 * Digits ? leaf[^(Digits + 2)..^2] : [];
        try
        {
            var read = new RetiredRecord(
                position, Convert.FromHexString(leaf[..Digits]).ToSeq(),
                hash.IsEmpty ? null : Convert.FromHexString(hash).ToSeq());
            return string.Equals(Line(read), line, StringComparison.Ordinal) ? read : null;
        }
        catch (FormatException)
        {
            return null;
        }
    }

    private static LedgerFormatException OutOfOrder(long expected, long stated) => new(
        $"expected record {expected}, found record {stated}: a record is missing, repeated or out of order");

    private static LedgerFormatException Needed(long position) => new(
        $"the content of record {position} was let go, and is needed here; give the archive that it was written to");

    private static LedgerFormatException NoHash(long position) => new(
        $"the hash of record {position}, whose content was let go, is missing");

    /// <summary>Holds records that lack their content against what later records say of it.</summary>
    private sealed class RetiredCheck
    {
        private readonly Dictionary<long, Seq<byte>> hashes = [];
        private (long Position, int Line) last;
        private long allowed;

        /// <summary>What is wrong; null when nothing is.</summary>
        public LedgerBroken? Broken => last.Position <= allowed ? null : new LedgerBroken(
            last.Line, last.Position, "its content is missing, and no record says that it was let go");

        /// <summary>A hash that no content follows could say anything, so none stands there.</summary>
        public void Follows(long position, Seq<byte>? hash)
        {
            if (position > 0 && position == last.Position && hash is not null)
                throw new LedgerFormatException($"record {position} has a hash that nothing can be held against");
        }

        public void Add(RetiredRecord retired, int line)
        {
            last = (retired.Position, line);
            if (retired.Hash is { } hash) hashes[retired.Position] = hash;
        }

        public void Add(LedgerRecord record)
        {
            if (record.Event is not RecordsRetired said) return;
            if (hashes.TryGetValue(said.UpTo, out var hash) && hash != said.Hash)
                throw new LedgerFormatException($"record {said.UpTo}, up to which content was let go, was another one");
            allowed = Math.Max(allowed, said.UpTo);
        }
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
            throw OutOfOrder(expected, stated);
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
