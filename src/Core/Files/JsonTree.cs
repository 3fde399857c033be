using System.Text;
using System.Text.Json;

namespace ControlPlane.Files;

/// <summary>
/// Reads JSON text into the same nodes as <see cref="YamlTree"/>: each field once, bounded depth, no comments, no
/// trailing commas.
/// </summary>
internal sealed class JsonTree
{
    private readonly string file;
    private readonly byte[] utf8;
    private readonly List<Problem> problems = [];
    private (int Offset, int Line, int Column) cursor = (0, 1, 1);

    private JsonTree(SourceFile source)
    {
        file = source.Path;
        utf8 = Encoding.UTF8.GetBytes(source.Text.TrimStart('\uFEFF'));
    }

    /// <summary>The document's root, or null when the text is no JSON, with everything found wrong so far.</summary>
    public static (YamlNode? Root, List<Problem> Problems) Read(SourceFile source)
    {
        if (source.Text.Length > TextCheck.LargestFileBytes) return (null, [TextCheck.TooLarge(source.Path)]);
        var tree = new JsonTree(source);
        return (tree.ReadDocument(), tree.problems);
    }

    private YamlNode? ReadDocument()
    {
        var reader = new Utf8JsonReader(utf8, new JsonReaderOptions { MaxDepth = YamlTree.DeepestLevel });
        try
        {
            reader.Read();
            var root = ReadNode(ref reader, "");
            reader.Read();
            return root;
        }
        catch (JsonException error)
        {
            var (line, column) = ((int)(error.LineNumber ?? 0) + 1, (int)(error.BytePositionInLine ?? 0) + 1);
            var slug = reader.CurrentDepth >= YamlTree.DeepestLevel ? "json-depth" : "json-syntax";
            Report(slug, "", $"is not JSON: {Sentence(error)}", (line, column));
            return null;
        }
        catch (InvalidOperationException)
        {
            Report("encoding", "", "holds an escape that is no character", Place(ref reader));
            return null;
        }
    }

    private YamlNode ReadNode(ref Utf8JsonReader reader, string path)
    {
        var (line, column) = Place(ref reader);
        return reader.TokenType switch
        {
            JsonTokenType.StartObject => ReadMap(ref reader, path),
            JsonTokenType.StartArray => ReadList(ref reader, path),
            JsonTokenType.String => new YamlScalar(line, column, reader.GetString()!, Quoted: true),
            _ => new YamlScalar(line, column, Encoding.UTF8.GetString(reader.ValueSpan), Quoted: false),
        };
    }

    private YamlList ReadList(ref Utf8JsonReader reader, string path)
    {
        var (line, column) = Place(ref reader);
        var items = new List<YamlNode>();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
            items.Add(ReadNode(ref reader, $"{path}[{items.Count}]"));
        return new YamlList(line, column, items);
    }

    private YamlMap ReadMap(ref Utf8JsonReader reader, string path)
    {
        var (line, column) = Place(ref reader);
        var entries = new List<YamlEntry>();
        var seen = new Dictionary<string, YamlScalar>(StringComparer.Ordinal);
        while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
        {
            var at = Place(ref reader);
            var key = new YamlScalar(at.Line, at.Column, reader.GetString()!, Quoted: true);
            var fieldPath = FileBinding.Under(path, key.Text);
            reader.Read();
            var value = ReadNode(ref reader, fieldPath);
            if (seen.TryGetValue(key.Text, out var first))
                Report("json-duplicate", fieldPath, $"is given twice, first in line {first.Line}", at);
            else
            {
                seen.Add(key.Text, key);
                entries.Add(new YamlEntry(key, value));
            }
        }

        return new YamlMap(line, column, entries);
    }

    // Tokens come in the order of the text, so the cursor only moves forward.
    private (int Line, int Column) Place(ref Utf8JsonReader reader)
    {
        for (; cursor.Offset < reader.TokenStartIndex; cursor.Offset++)
        {
            var letter = utf8[cursor.Offset];
            if (letter == '\n') (cursor.Line, cursor.Column) = (cursor.Line + 1, 1);
            else if ((letter & 0xC0) != 0x80) cursor.Column++;
        }

        return (cursor.Line, cursor.Column);
    }

    private void Report(string slug, string path, string message, (int Line, int Column) at) =>
        problems.Add(new Problem(slug, path, message) { File = file, Line = at.Line, Column = at.Column });

    // The exception repeats the position at its end; it is told once, in front.
    private static string Sentence(JsonException error)
    {
        var text = error.Message;
        var position = text.IndexOf(" LineNumber:", StringComparison.Ordinal);
        text = (position < 0 ? text : text[..position]).TrimEnd('.');
        return text.Length == 0 ? "it cannot be parsed" : char.ToLowerInvariant(text[0]) + text[1..];
    }
}
