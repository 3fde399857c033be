using System.Text.Json;
using System.Text.Json.Serialization;

namespace ControlPlane.Failover;

/// <summary>Writes and reads what agents, servers and directory say to each other, in one strict JSON form.</summary>
public static class AgentJson
{
    /// <summary>Camel case, names as plain text, unknown members refused, absent instead of null.</summary>
    public static JsonSerializerOptions Options { get; } = Create();

    private static JsonSerializerOptions Create()
    {
        var options = new JsonSerializerOptions(JsonSerializerDefaults.Web)
        {
            UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
            DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
            NumberHandling = JsonNumberHandling.Strict,
            PropertyNameCaseInsensitive = false,
            AllowDuplicateProperties = false,
            MaxDepth = 16,
        };
        options.Converters.Add(new JsonStringEnumConverter(JsonNamingPolicy.CamelCase, allowIntegerValues: false));
        options.Converters.Add(new SeqConverters());
        options.Converters.Add(new NameConverter<CellId>(text => new(text), id => id.Value));
        options.Converters.Add(new NameConverter<JurisdictionId>(text => new(text), id => id.Value));
        options.Converters.Add(new NameConverter<RegionId>(text => new(text), id => id.Value));
        options.Converters.Add(new NameConverter<SiteId>(text => new(text), id => id.Value));
        options.Converters.Add(new NameConverter<ClusterId>(text => new(text), id => id.Value));
        options.Converters.Add(new NameConverter<NodePoolId>(text => new(text), id => id.Value));
        options.Converters.Add(new NameConverter<SkuId>(text => new(text), id => id.Value));
        options.Converters.Add(new NameConverter<TenantId>(text => new(text), id => id.Value));
        options.Converters.Add(new NameConverter<DataClassId>(text => new(text), id => id.Value));
        options.Converters.Add(new NameConverter<DecisionId>(
            text => Guid.TryParseExact(text, "D", out var id) ? new(id) : throw new JsonException("no UUID"),
            id => id.ToString()));
        options.MakeReadOnly(populateMissingResolver: true);
        return options;
    }

    private sealed class NameConverter<T>(Func<string, T> read, Func<T, string> write) : JsonConverter<T>
    {
        public override T Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            reader.TokenType == JsonTokenType.String ? read(reader.GetString()!) : throw new JsonException();

        public override void Write(Utf8JsonWriter writer, T value, JsonSerializerOptions options) =>
            writer.WriteStringValue(write(value));
    }

    private sealed class SeqConverters : JsonConverterFactory
    {
        public override bool CanConvert(Type typeToConvert) =>
            typeToConvert.IsGenericType && typeToConvert.GetGenericTypeDefinition() == typeof(Seq<>);

        public override JsonConverter CreateConverter(Type typeToConvert, JsonSerializerOptions options) =>
            (JsonConverter)Activator.CreateInstance(
                typeof(SeqConverter<>).MakeGenericType(typeToConvert.GetGenericArguments()))!;
    }

    private sealed class SeqConverter<T> : JsonConverter<Seq<T>>
    {
        public override Seq<T> Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            JsonSerializer.Deserialize<List<T>>(ref reader, options)?.ToSeq() ?? throw new JsonException();

        public override void Write(Utf8JsonWriter writer, Seq<T> value, JsonSerializerOptions options)
        {
            writer.WriteStartArray();
            foreach (var item in value) JsonSerializer.Serialize(writer, item, options);
            writer.WriteEndArray();
        }
    }
}
