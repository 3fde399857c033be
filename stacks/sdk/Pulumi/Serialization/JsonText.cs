using System.Text.Json;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;

namespace Pulumi.Serialization;

/// <summary>Turns values into JSON, and into one text where a provider wants its arguments so.</summary>
internal static class JsonText
{
    /// <summary>
    /// The text of an argument; null when there is none. What is secret or unknown inside makes all of it so.
    /// </summary>
    public static Input<string>? Of(string context, object? value) =>
        value is null ? null : (Input<string>)new Output<string>(WriteAsync(context, value));

    public static JsonElement Element(object? value)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream))
        {
            Write(writer, value);
        }
        using var document = JsonDocument.Parse(stream.ToArray());
        return document.RootElement.Clone();
    }

    private static async Task<OutputData<string>> WriteAsync(string context, object value)
    {
        var serializer = new Serializer(new Wording(KeepResources: false));
        var sent = await serializer.SerializeAsync(context, value).ConfigureAwait(false) ?? Value.ForNull();
        var isKnown = true;
        var isSecret = false;
        var plain = Strip(sent);
        return new([.. serializer.Dependencies], isKnown ? JsonFormatter.Default.Format(plain) : "", isKnown, isSecret);

        Value Strip(Value part)
        {
            switch (part.KindCase)
            {
                case Value.KindOneofCase.StringValue:
                    isKnown &= part.StringValue != Markers.Unknown;
                    return part;
                case Value.KindOneofCase.ListValue:
                    return Value.ForList([.. part.ListValue.Values.Select(Strip)]);
                case Value.KindOneofCase.StructValue:
                    var fields = part.StructValue.Fields;
                    if (fields.TryGetValue(Markers.Key, out var marker) && marker.StringValue == Markers.Secret)
                    {
                        isSecret = true;
                        return Strip(fields[Markers.Value]);
                    }
                    var result = new Struct();
                    foreach (var (name, field) in fields)
                    {
                        result.Fields.Add(name, Strip(field));
                    }
                    return Value.ForStruct(result);
                default:
                    return part;
            }
        }
    }

    private static void Write(Utf8JsonWriter writer, object? value)
    {
        switch (value)
        {
            case string text:
                writer.WriteStringValue(text);
                break;
            case double number:
                writer.WriteNumberValue(number);
                break;
            case bool truth:
                writer.WriteBooleanValue(truth);
                break;
            case ImmutableArray<object?> list:
                writer.WriteStartArray();
                foreach (var item in list)
                {
                    Write(writer, item);
                }
                writer.WriteEndArray();
                break;
            case ImmutableDictionary<string, object?> map:
                writer.WriteStartObject();
                foreach (var (name, item) in map.OrderBy(entry => entry.Key, StringComparer.Ordinal))
                {
                    writer.WritePropertyName(name);
                    Write(writer, item);
                }
                writer.WriteEndObject();
                break;
            default:
                writer.WriteNullValue();
                break;
        }
    }
}
