using System.Text.Json;

namespace ControlPlane.Pulumi.Generator;

/// <summary>Reads a package schema in the official layout.</summary>
internal sealed class Schema
{
    private readonly JsonElement root;
    private readonly Dictionary<string, string> namespaces;

    private Schema(JsonElement root)
    {
        this.root = root;
        namespaces = root.GetProperty("language").GetProperty("csharp").GetProperty("namespaces").EnumerateObject()
            .ToDictionary(entry => entry.Name, entry => entry.Value.GetString()!, StringComparer.Ordinal);
        FunctionTypes = TypesOnlyIn(Functions.Select(function => function.Spec));
    }

    public string Package => root.GetProperty("name").GetString()!;

    public string Version => root.GetProperty("version").GetString()!;

    /// <summary>The C# namespace of the package, for example Pulumi.Aws.</summary>
    public string Namespace =>
        root.GetProperty("language").GetProperty("csharp").GetProperty("packageName").GetString()!;

    public bool IsKubernetes => Package == "kubernetes";

    public JsonElement Provider => root.GetProperty("provider");

    public IEnumerable<Entry> Resources => Entries("resources");

    public IEnumerable<Entry> Types => Entries("types");

    public IEnumerable<Entry> Functions => Entries("functions");

    /// <summary>The types that only functions take or give; their classes are named otherwise.</summary>
    public IReadOnlySet<string> FunctionTypes { get; }

    public static Schema Parse(string json)
    {
        using var document = JsonDocument.Parse(json);
        return new(document.RootElement.Clone());
    }

    public JsonElement Type(string token) => root.GetProperty("types").GetProperty(token);

    /// <summary>The part of a namespace that a token's module stands for; empty for the package itself.</summary>
    public string Module(string token)
    {
        var module = token.Split(':')[1];
        if (!IsKubernetes)
        {
            module = module.Split('/')[0];
        }
        return module is "index" or "" ? "" : namespaces[module];
    }

    public static string Name(string token) => token.Split(':')[^1];

    public static string? Reference(JsonElement spec) =>
        spec.TryGetProperty("$ref", out var target) ? target.GetString()! : null;

    private IEnumerable<Entry> Entries(string section) =>
        root.GetProperty(section).EnumerateObject().Select(entry => new Entry(entry.Name, entry.Value));

    private HashSet<string> TypesOnlyIn(IEnumerable<JsonElement> specs)
    {
        var found = new HashSet<string>(StringComparer.Ordinal);
        foreach (var spec in specs)
        {
            Collect(spec, found);
        }
        var elsewhere = new HashSet<string>(StringComparer.Ordinal);
        foreach (var resource in Resources)
        {
            Collect(resource.Spec, elsewhere);
        }
        found.ExceptWith(elsewhere);
        return found;
    }

    private void Collect(JsonElement spec, HashSet<string> found)
    {
        if (spec.ValueKind == JsonValueKind.Array)
        {
            foreach (var item in spec.EnumerateArray())
            {
                Collect(item, found);
            }
        }
        if (spec.ValueKind != JsonValueKind.Object)
        {
            return;
        }
        const string Local = "#/types/";
        if (Reference(spec) is { } target && target.StartsWith(Local, StringComparison.Ordinal)
            && found.Add(target[Local.Length..]))
        {
            Collect(Type(target[Local.Length..]), found);
        }
        foreach (var property in spec.EnumerateObject())
        {
            Collect(property.Value, found);
        }
    }
}

/// <summary>Holds one resource, type or function with its token.</summary>
internal sealed record Entry(string Token, JsonElement Spec)
{
    public bool Has(string flag) => Spec.TryGetProperty(flag, out var value) && value.ValueKind == JsonValueKind.True;
}
