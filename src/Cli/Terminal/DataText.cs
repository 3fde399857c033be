using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace ControlPlane.Cli.Terminal;

/// <summary>Writes data for programs: JSON, YAML and CSV with the fields as the server named them.</summary>
internal static partial class DataText
{
    private static readonly JsonWriterOptions Indented = new()
    {
        Indented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        NewLine = "\n",
    };

    /// <summary>The data in the one of the two formats that was asked for.</summary>
    public static string Of(OutputFormat format, JsonElement value) =>
        format == OutputFormat.Yaml ? Yaml(value) : Json(value);

    /// <summary>Prints the data where one of the two formats was asked for; false for all others.</summary>
    public static bool Print(Screen screen, OutputFormat format, JsonElement value)
    {
        if (format is not (OutputFormat.Json or OutputFormat.Yaml)) return false;
        screen.Out.WriteLine(Of(format, value));
        return true;
    }

    public static string Json(JsonElement value)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer, Indented)) value.WriteTo(writer);
        return Encoding.UTF8.GetString(buffer.ToArray());
    }

    public static string Yaml(JsonElement value)
    {
        var text = new StringBuilder();
        if (IsNested(value)) Block(text, value, indent: 0, afterDash: false);
        else text.AppendLine(YamlScalar(value));
        return text.ToString().TrimEnd('\n');
    }

    /// <summary>One row; a field that needs it is quoted.</summary>
    public static string Csv(IEnumerable<string> fields) => string.Join(',', fields.Select(CsvField));

    private static void Block(StringBuilder text, JsonElement value, int indent, bool afterDash)
    {
        // The first line of a block after a dash goes on in the line of the dash.
        var first = afterDash;
        if (value.ValueKind == JsonValueKind.Object)
        {
            foreach (var field in value.EnumerateObject())
            {
                if (!first) text.Append(' ', indent);
                first = false;
                text.Append(YamlText(field.Name)).Append(':');
                Value(text, field.Value, field.Value.ValueKind == JsonValueKind.Array ? indent : indent + 2);
            }

            return;
        }

        foreach (var item in value.EnumerateArray())
        {
            if (!first) text.Append(' ', indent);
            first = false;
            text.Append('-');
            if (IsNested(item))
            {
                text.Append(' ');
                Block(text, item, indent + 2, afterDash: true);
            }
            else
            {
                text.Append(' ').Append(YamlScalar(item)).Append('\n');
            }
        }
    }

    private static void Value(StringBuilder text, JsonElement value, int indent)
    {
        if (IsNested(value))
        {
            text.Append('\n');
            Block(text, value, indent, afterDash: false);
        }
        else
        {
            text.Append(' ').Append(YamlScalar(value)).Append('\n');
        }
    }

    private static bool IsNested(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => value.EnumerateObject().Any(),
        JsonValueKind.Array => value.GetArrayLength() > 0,
        _ => false,
    };

    private static string YamlScalar(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => "{}",
        JsonValueKind.Array => "[]",
        JsonValueKind.String => YamlText(value.GetString()!),
        _ => value.GetRawText(),
    };

    // Anything that some reader of YAML could take for something else than text is quoted as JSON quotes it.
    private static string YamlText(string text) =>
        PlainText().IsMatch(text) && !Reserved().IsMatch(text)
            ? text
            : JsonSerializer.Serialize(text, YamlQuoting);

    private static readonly JsonSerializerOptions YamlQuoting = new()
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    private static string CsvField(string field) =>
        field.AsSpan().ContainsAny(",\"\r\n") ? $"\"{field.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : field;

    [GeneratedRegex("^[A-Za-z][A-Za-z0-9_./-]*( [A-Za-z0-9_./(),;%-]+)*$")]
    private static partial Regex PlainText();

    [GeneratedRegex("^(true|false|yes|no|on|off|y|n|null)$", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Reserved();
}
