using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace ControlPlane.Files;

/// <summary>
/// Writes the JSON Schema (draft 2020-12) of a file from the same metadata that <see cref="YamlBinder"/> reads it with,
/// so that an editor marks what the binder would refuse.
/// </summary>
public sealed class FileSchema
{
    private static readonly JsonSerializerOptions Indented = new()
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    private readonly SortedDictionary<string, JsonObject> definitions = new(StringComparer.Ordinal);

    private FileSchema()
    {
    }

    /// <summary>The schema of files whose outermost record is a <typeparamref name="T"/>, as text.</summary>
    public static string For<T>() where T : class
    {
        var schema = new FileSchema();
        var root = schema.Record(FileShapes.Of<T>(), constant: null);
        var versions = YamlBinder.VersionsOf(typeof(T));
        var version = new JsonObject { ["type"] = "integer", ["description"] = "Version of the form of this file." };
        version["minimum"] = versions.Oldest;
        version["maximum"] = versions.Newest;
        ((JsonObject)root["properties"]!).Insert(0, "schemaVersion", version);
        ((JsonArray)root["required"]!).Insert(0, "schemaVersion");

        var document = new JsonObject { ["$schema"] = "https://json-schema.org/draft/2020-12/schema" };
        document["title"] = typeof(T).Name;
        foreach (var (name, value) in root.ToList())
        {
            root.Remove(name);
            document[name] = value;
        }

        var parts = new JsonObject();
        foreach (var (name, definition) in schema.definitions) parts[name] = definition;
        document["$defs"] = parts;
        return document.ToJsonString(Indented) + "\n";
    }

    private JsonObject Record(FileShape shape, (string Field, string Value)? constant)
    {
        var properties = new JsonObject();
        var required = new JsonArray();
        if (constant is { } fixedField)
        {
            properties[fixedField.Field] = new JsonObject { ["const"] = fixedField.Value };
            required.Add(fixedField.Field);
        }

        foreach (var field in shape.Fields)
        {
            properties[field.Name] = Field(field);
            if (field.Required) required.Add(field.Name);
        }

        return new JsonObject
        {
            ["type"] = "object",
            ["properties"] = properties,
            ["required"] = required,
            ["additionalProperties"] = false,
        };
    }

    private JsonObject Field(FileField field)
    {
        var value = Value(field.Shape, field);
        if (field.Description is not null) value["description"] = field.Description;
        return value;
    }

    private JsonObject Value(FileShape shape, FileField? field)
    {
        switch (shape.Form)
        {
            case FileForm.Text:
                var text = new JsonObject { ["type"] = "string", ["minLength"] = 1 };
                if (field is not null) text["maxLength"] = field.MostLetters;
                if (field?.NameFormat is { } format) text["pattern"] = format.Pattern;
                return text;
            case FileForm.Id:
                var pattern = (field?.NameFormat ?? shape.NameFormat!).Pattern;
                return new JsonObject { ["type"] = "string", ["pattern"] = pattern };
            case FileForm.Whole:
                return Bounded(new JsonObject { ["type"] = "integer" }, field);
            case FileForm.Number:
                return Bounded(new JsonObject { ["type"] = "number" }, field);
            case FileForm.Flag:
                return new JsonObject { ["type"] = "boolean" };
            case FileForm.Date:
                return new JsonObject { ["type"] = "string", ["format"] = "date" };
            case FileForm.Time:
                return new JsonObject { ["type"] = "string", ["format"] = "date-time" };
            case FileForm.Choice:
                var names = shape.Choices.Select(choice => (JsonNode)choice.Name).ToArray();
                return new JsonObject { ["enum"] = new JsonArray(names) };
            case FileForm.List:
                return List(shape, field);
            default:
                Define(shape);
                return new JsonObject { ["$ref"] = $"#/$defs/{shape.Type.Name}" };
        }
    }

    private JsonObject List(FileShape shape, FileField? field)
    {
        var list = new JsonObject { ["type"] = "array", ["items"] = Value(shape.Item!, ItemField(shape, field)) };
        if (field is null) return list;
        if (field.FewestItems > 0) list["minItems"] = field.FewestItems;
        list["maxItems"] = field.MostItems;
        return list;
    }

    // The limits of a list's field count its items; only the name format goes on to the items themselves.
    private static FileField? ItemField(FileShape shape, FileField? field) =>
        shape.Item!.Form is FileForm.Text or FileForm.Id ? field : null;

    private void Define(FileShape shape)
    {
        var name = shape.Type.Name;
        if (definitions.ContainsKey(name)) return;
        // Entered before it is complete: records may contain themselves.
        var definition = new JsonObject();
        definitions.Add(name, definition);
        var content = shape.Form == FileForm.Cases ? Cases(shape) : Record(shape, constant: null);
        foreach (var (key, value) in content.ToList())
        {
            content.Remove(key);
            definition[key] = value;
        }
    }

    private JsonObject Cases(FileShape shape)
    {
        var cases = shape.Cases.Select(item => (JsonNode)Record(item.Shape, (shape.Discriminator, item.Name)));
        return new JsonObject { ["oneOf"] = new JsonArray([.. cases]) };
    }

    private static JsonObject Bounded(JsonObject number, FileField? field)
    {
        if (field?.Range is not { } range) return number;
        number["minimum"] = FileLimits.Of(range.Minimum);
        if (FileLimits.Of(range.Maximum) < FileLimits.Unlimited) number["maximum"] = FileLimits.Of(range.Maximum);
        return number;
    }
}
