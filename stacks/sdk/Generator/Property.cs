using System.Text.Json;

namespace ControlPlane.Pulumi.Generator;

/// <summary>Holds one property of a schema object, with its C# name.</summary>
internal sealed record Property(string Name, JsonElement Spec, bool IsRequired)
{
    public string CsharpName =>
        Spec.TryGetProperty("language", out var language) && language.TryGetProperty("csharp", out var csharp)
            ? csharp.GetProperty("name").GetString()!
            : char.ToUpperInvariant(Name[0]) + Name[1..];

    public string Field => "_" + Name;

    public string Parameter => "@" + Name;

    public string? Constant => Spec.TryGetProperty("const", out var value) ? value.GetString() : null;

    public bool IsSecret => Is("secret");

    public bool IsJson => Is("x-json");

    public bool IsDeprecated => Is("deprecated");

    public bool IsList => Spec.TryGetProperty("type", out var type) && type.GetString() == "array";

    public bool IsMap => Spec.TryGetProperty("additionalProperties", out _);

    public static IReadOnlyList<Property> Of(JsonElement owner, string properties, IReadOnlySet<string> required) =>
        owner.TryGetProperty(properties, out var found)
            ? [.. found.EnumerateObject().Select(property =>
                new Property(property.Name, property.Value, required.Contains(property.Name)))]
            : [];

    public static IReadOnlySet<string> Names(JsonElement owner, string list) =>
        owner.TryGetProperty(list, out var names)
            ? names.EnumerateArray().Select(name => name.GetString()!).ToHashSet(StringComparer.Ordinal)
            : new HashSet<string>();

    private bool Is(string flag) => Spec.TryGetProperty(flag, out var value) && value.ValueKind == JsonValueKind.True;
}
