using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace ControlPlane.Files;

/// <summary>
/// Turns a YAML or JSON file into JSON without guessing, and remembers where in the file every value stands, so that
/// a complaint about the JSON can be shown at its line.
/// </summary>
public sealed class SourceDocument
{
    private readonly string file;
    private readonly Dictionary<string, FilePosition> places = new(StringComparer.Ordinal);
    private readonly List<Problem> problems;

    private SourceDocument(string file, List<Problem> problems)
    {
        this.file = file;
        this.problems = problems;
    }

    /// <summary>The content as one JSON object.</summary>
    public string Json { get; private set; } = "";

    /// <summary>
    /// Reads a file whose top level holds fields. It is JSON when its name says so, or when its name says nothing and
    /// it begins with a brace; else it is YAML.
    /// </summary>
    public static Checked<SourceDocument> Read(SourceFile source)
    {
        var (root, problems) = IsJson(source) ? JsonTree.Read(source) : YamlTree.Read(source);
        var document = new SourceDocument(source.Path, problems);
        if (root is YamlMap map) document.Write(map);
        else if (root is not null) document.Report("field-type", "", "must hold fields at its top level", root);
        return problems.Count == 0
            ? Checked<SourceDocument>.Valid(document)
            : Checked<SourceDocument>.Invalid(problems);
    }

    /// <summary>Where the value of a JSON pointer stands; of one that is not in the file, its nearest parent.</summary>
    public FilePosition PlaceOf(string pointer)
    {
        for (var current = pointer; current.Length > 0; current = current[..current.LastIndexOf('/')])
        {
            if (places.TryGetValue(current, out var place)) return place;
            if (!current.Contains('/')) break;
        }

        return places.GetValueOrDefault("", new FilePosition(1, 1));
    }

    private static bool IsJson(SourceFile source)
    {
        if (source.Path.EndsWith(".json", StringComparison.OrdinalIgnoreCase)) return true;
        var named = source.Path.EndsWith(".yaml", StringComparison.OrdinalIgnoreCase)
            || source.Path.EndsWith(".yml", StringComparison.OrdinalIgnoreCase);
        return !named && source.Text.AsSpan().TrimStart("\uFEFF \t\r\n").StartsWith('{');
    }

    private void Write(YamlMap root)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer)) Write(writer, root, "", "");
        Json = Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    private void Write(Utf8JsonWriter writer, YamlNode node, string pointer, string path)
    {
        places[pointer] = new FilePosition(node.Line, node.Column);
        switch (node)
        {
            case YamlMap map:
                writer.WriteStartObject();
                foreach (var entry in map.Entries)
                {
                    var name = entry.Key.Text;
                    writer.WritePropertyName(name);
                    Write(writer, entry.Value, $"{pointer}/{Escape(name)}", FileBinding.Under(path, name));
                }

                writer.WriteEndObject();
                break;
            case YamlList list:
                writer.WriteStartArray();
                for (var index = 0; index < list.Items.Count; index++)
                {
                    var step = index.ToString(CultureInfo.InvariantCulture);
                    Write(writer, list.Items[index], $"{pointer}/{step}", $"{path}[{step}]");
                }

                writer.WriteEndArray();
                break;
            case YamlScalar scalar:
                WriteScalar(writer, scalar, path);
                break;
            default:
                // Reported when it was read; the JSON is not used.
                writer.WriteNullValue();
                break;
        }
    }

    private void WriteScalar(Utf8JsonWriter writer, YamlScalar scalar, string path)
    {
        var outcome = ScalarReader.ReadUntyped(scalar);
        switch (outcome.Value)
        {
            case bool flag:
                writer.WriteBooleanValue(flag);
                break;
            case PlainNumber number:
                writer.WriteRawValue(number.Digits);
                break;
            case string text:
                writer.WriteStringValue(text);
                break;
            default:
                Report(outcome.Slug, path, outcome.Message, scalar);
                writer.WriteNullValue();
                break;
        }
    }

    private static string Escape(string name) =>
        name.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal);

    private void Report(string slug, string path, string message, YamlNode at) =>
        problems.Add(new Problem(slug, path, message) { File = file, Line = at.Line, Column = at.Column });
}
