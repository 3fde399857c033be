using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace ControlPlane.Server.Hosting;

/// <summary>Puts into schemas what attributes of ours say, and closes those of bodies.</summary>
internal static class ApiSchema
{
    private const string BodySuffix = "Body";

    public static Task TransformAsync(
        OpenApiSchema schema, OpenApiSchemaTransformerContext context, CancellationToken cancellation)
    {
        if (context.JsonPropertyInfo is { } property) Apply(schema, property);
        if (context.JsonTypeInfo.Kind == JsonTypeInfoKind.Object) Close(schema, context.JsonTypeInfo.Type);
        return Task.CompletedTask;
    }

    /// <summary>No member is ever null: what is not there is left out, in bodies and in answers.</summary>
    public static void ForbidNull(OpenApiSchema schema)
    {
        foreach (var (name, property) in schema.Properties?.ToList() ?? [])
        {
            if (property is not OpenApiSchema inline) continue;
            inline.Type &= ~JsonSchemaType.Null;
            if (inline.OneOf is { Count: 2 } cases
                && cases.Any(item => item.Type == JsonSchemaType.Null)
                && cases.FirstOrDefault(item => item.Type != JsonSchemaType.Null) is { } other)
                schema.Properties![name] = other;
        }
    }

    private static void Apply(OpenApiSchema schema, JsonPropertyInfo property)
    {
        if (Find<AllowedTextAttribute>(property) is { } allowed)
            schema.Enum = [.. allowed.Values.Select(value => (JsonNode)JsonValue.Create(value))];
        if (Find<EntryLengthAttribute>(property) is not { } entries) return;
        if (schema.Items is OpenApiSchema item) item.MaxLength = entries.Longest;
        if (Find<KeysAttribute>(property) is not { } keys) return;
        schema.MaxProperties = keys.Most;
        schema.PatternProperties = new Dictionary<string, IOpenApiSchema>
        {
            [keys.Pattern] = new OpenApiSchema { Type = JsonSchemaType.String, MaxLength = entries.Longest },
        };
        schema.AdditionalProperties = null;
        schema.AdditionalPropertiesAllowed = false;
    }

    /// <summary>Unknown members of a body are refused.</summary>
    private static void Close(OpenApiSchema schema, Type type)
    {
        if (type.Namespace?.StartsWith("ControlPlane", StringComparison.Ordinal) != true) return;
        if (type.Name.EndsWith(BodySuffix, StringComparison.Ordinal)) schema.AdditionalPropertiesAllowed = false;
        if (type == typeof(Placements.AcceleratorsBody)) schema.OneOf = [Requiring("count"), Requiring("shareMilli")];
    }

    private static OpenApiSchema Requiring(string member) => new() { Required = new HashSet<string> { member } };

    private static T? Find<T>(JsonPropertyInfo property) where T : Attribute =>
        property.AttributeProvider?.GetCustomAttributes(typeof(T), inherit: true).Cast<T>().FirstOrDefault();
}
