using System.Buffers;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using ControlPlane.Files;

namespace ControlPlane.Server.Hosting;

/// <summary>
/// Reads a JSON body so that it means one thing only: UTF-8, no member twice, no half surrogates, bounded depth.
/// </summary>
internal static class StrictJson
{
    public const int MostDepth = 16;

    /// <summary>The body as a tree, or everything that is wrong with its form.</summary>
    public static Checked<BodyNode> Parse(ReadOnlySpan<byte> body)
    {
        if (EncodingProblem(body) is { } encoding) return Checked<BodyNode>.Invalid([encoding]);
        if (body.Trim(" \t\r\n"u8).IsEmpty)
            return Checked<BodyNode>.Invalid(
                [ProblemCatalog.BodyMissing.At("", "the body is empty; send a JSON object")]);

        // One level more than is allowed, so that ours is the complaint about depth.
        var reader = new Utf8JsonReader(body, new JsonReaderOptions { MaxDepth = MostDepth + 2 });
        var problems = new Complaints();
        try
        {
            reader.Read();
            var root = ReadValue(ref reader, new Place(null, ""), problems);
            if (root is not null) reader.Read();
            return root is null || problems.Any ? problems.Invalid<BodyNode>() : Checked<BodyNode>.Valid(root);
        }
        catch (JsonException broken)
        {
            problems.Add(ProblemCatalog.JsonSyntax.At("", Describe(broken, body)));
            return problems.Invalid<BodyNode>();
        }
    }

    /// <summary>The value that the reader stands on; null when reading cannot go on.</summary>
    private static BodyNode? ReadValue(ref Utf8JsonReader reader, Place place, Complaints problems)
    {
        var (parent, key) = place;
        switch (reader.TokenType)
        {
            case JsonTokenType.StartObject or JsonTokenType.StartArray when reader.CurrentDepth >= MostDepth:
                problems.Add(ProblemCatalog.JsonDepth.At("", $"the body is nested deeper than {MostDepth}"));
                return null;
            case JsonTokenType.StartObject:
                return ReadObject(ref reader, new BodyObject(parent, key), problems);
            case JsonTokenType.StartArray:
                return ReadList(ref reader, new BodyList(parent, key), problems);
            case JsonTokenType.String:
                return ReadText(ref reader, problems) is { } text ? new BodyText(parent, key, text) : null;
            case JsonTokenType.Number:
                return new BodyNumber(parent, key, Encoding.ASCII.GetString(reader.ValueSpan));
            case JsonTokenType.True or JsonTokenType.False:
                return new BodyFlag(parent, key, reader.TokenType == JsonTokenType.True);
            default:
                return new BodyNull(parent, key);
        }
    }

    private static BodyObject? ReadObject(ref Utf8JsonReader reader, BodyObject node, Complaints problems)
    {
        while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
        {
            if (ReadText(ref reader, problems) is not { } name) return null;
            reader.Read();
            if (ReadValue(ref reader, new Place(node, name), problems) is not { } value) return null;
            if (node.Find(name) is null) node.Add(name, value);
            else problems.Add(
                ProblemCatalog.JsonDuplicate.At(node.PointerTo(name), $"the member '{Shown.Text(name)}' stands twice"));
        }

        return node;
    }

    private static BodyList? ReadList(ref Utf8JsonReader reader, BodyList node, Complaints problems)
    {
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            var place = new Place(node, BodyNode.KeyOf(node.Items.Count));
            if (ReadValue(ref reader, place, problems) is not { } value) return null;
            node.Items.Add(value);
        }

        return node;
    }

    private static string? ReadText(ref Utf8JsonReader reader, Complaints problems)
    {
        try
        {
            return reader.GetString();
        }
        catch (InvalidOperationException)
        {
            // The reader checks escapes only here, and says so with this type: half a surrogate pair was escaped.
            problems.Add(ProblemCatalog.TextEncoding.At("",
                $"the text at byte {reader.TokenStartIndex} holds an escape that is half of a surrogate pair"));
            return null;
        }
    }

    private static Problem? EncodingProblem(ReadOnlySpan<byte> body)
    {
        if (body.StartsWith(Encoding.UTF8.Preamble))
            return ProblemCatalog.TextEncoding.At(
                "", "the body starts with a byte order mark at byte 0; send it without");
        if (Utf8.IsValid(body)) return null;
        var at = 0;
        while (Rune.DecodeFromUtf8(body[at..], out _, out var length) == OperationStatus.Done) at += length;
        return ProblemCatalog.TextEncoding.At("", $"the body is not UTF-8 at byte {at}");
    }

    private static string Describe(JsonException broken, ReadOnlySpan<byte> body)
    {
        var line = broken.LineNumber ?? 0;
        var start = 0;
        for (var skipped = 0L; skipped < line; skipped++) start += body[start..].IndexOf((byte)'\n') + 1;
        var length = (int)Math.Min(broken.BytePositionInLine ?? 0, body.Length - start);
        var column = Encoding.UTF8.GetCharCount(body.Slice(start, length)) + 1;
        return $"the body breaks the grammar of JSON at line {line + 1}, column {column}";
    }

    private readonly record struct Place(BodyNode? Parent, string Key);
}
