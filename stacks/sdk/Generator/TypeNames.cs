using System.Text.Json;

namespace ControlPlane.Pulumi.Generator;

/// <summary>Says for whom a class is written, as the same type has one class for each.</summary>
internal enum Side
{
    Input,
    State,
    Output,
    FunctionPlain,
    FunctionInput,
}

/// <summary>Names the C# type of everything in a schema.</summary>
internal sealed class TypeNames(Schema schema)
{
    private const string Local = "#/types/";

    /// <summary>Namespace and name of the class that stands for a type.</summary>
    public (string Namespace, string Name) Class(string token, Side side)
    {
        var name = Schema.Name(token);
        if (IsEnum(token))
        {
            // The Kubernetes package keeps its enumerations among the types.
            return (Join(schema.Namespace, schema.IsKubernetes ? "Types.Inputs" : "", schema.Module(token)), name);
        }
        var isOutput = side == Side.Output;
        var suffix = side switch
        {
            Side.Output => schema.FunctionTypes.Contains(token) ? "Result" : "",
            Side.State => "GetArgs",
            Side.FunctionInput => "InputArgs",
            _ => "Args",
        };
        var folder = isOutput ? "Outputs" : "Inputs";
        if (!schema.IsKubernetes)
        {
            return (Join(schema.Namespace, schema.Module(token), folder), name + suffix);
        }
        var module = schema.Module(token) is { Length: > 0 } known ? known : "Provider";
        return (Join(schema.Namespace, "Types", folder, module), name + (isOutput ? "" : "Args"));
    }

    public bool IsEnum(string token) => schema.Type(token).TryGetProperty("enum", out _);

    /// <summary>The type of a member that inputs are given to.</summary>
    public string Input(JsonElement spec, Side side)
    {
        if (spec.TryGetProperty("oneOf", out var cases))
        {
            return $"InputUnion<{string.Join(", ", cases.EnumerateArray().Select(one => Inner(one, side)))}>";
        }
        if (spec.TryGetProperty("items", out var items))
        {
            return $"InputList<{Inner(items, side)}>";
        }
        if (spec.TryGetProperty("additionalProperties", out var values))
        {
            return $"InputMap<{Inner(values, side)}>";
        }
        return Schema.Reference(spec) == "pulumi.json#/Json" ? "InputJson" : $"Input<{Inner(spec, side)}>";
    }

    /// <summary>The type of a member that takes plain values.</summary>
    public string Plain(JsonElement spec)
    {
        if (spec.TryGetProperty("items", out var items))
        {
            return $"List<{Plain(items)}>";
        }
        return spec.TryGetProperty("additionalProperties", out var values)
            ? $"Dictionary<string, {Plain(values)}>"
            : Inner(spec, Side.FunctionPlain);
    }

    /// <summary>The type of a value itself.</summary>
    public string Inner(JsonElement spec, Side side)
    {
        if (spec.TryGetProperty("oneOf", out var cases))
        {
            // What comes back from an enumeration of texts is a text.
            var types = cases.EnumerateArray()
                .Where(one => side != Side.Output || Schema.Reference(one) is null)
                .Select(one => Inner(one, side)).Distinct().ToList();
            return types.Count == 1 ? types[0] : $"Union<{string.Join(", ", types)}>";
        }
        if (Schema.Reference(spec) is { } target)
        {
            return Reference(target, side);
        }
        if (spec.TryGetProperty("items", out var items))
        {
            return $"ImmutableArray<{Inner(items, side)}>";
        }
        if (spec.TryGetProperty("additionalProperties", out var values))
        {
            return $"ImmutableDictionary<string, {Inner(values, side)}>";
        }
        return spec.GetProperty("type").GetString() switch
        {
            "string" => "string",
            "integer" => "int",
            "number" => "double",
            "boolean" => "bool",
            var other => throw new InvalidDataException($"unknown type '{other}'"),
        };
    }

    private static string Join(params string[] parts) => string.Join('.', parts.Where(part => part.Length > 0));

    private string Reference(string target, Side side)
    {
        if (target.StartsWith(Local, StringComparison.Ordinal))
        {
            var (space, name) = Class(target[Local.Length..], side);
            return $"global::{space}.{name}";
        }
        return target switch
        {
            "pulumi.json#/Any" => "object",
            "pulumi.json#/Asset" => "AssetOrArchive",
            "pulumi.json#/Archive" => "Archive",
            "pulumi.json#/Json" => "System.Text.Json.JsonElement",
            _ => throw new InvalidDataException($"unknown reference '{target}'"),
        };
    }
}
