using System.Text.Json;

namespace ControlPlane.Policies.Stacks;

/// <summary>
/// A property of a planned resource, as the Pulumi engine passes it around: plain data, data not known before the
/// update, and data marked as secret.
/// </summary>
public abstract record PlanValue
{
    /// <summary>Key of objects that mean something else than themselves.</summary>
    public const string MarkerKey = "4dabf18193072939515e22adb298388d";

    /// <summary>Marks an object whose field <c>value</c> is secret.</summary>
    public const string SecretMarker = "1b47061264138c4ac30d75fd1eb44270";

    /// <summary>Stands for a value that is not known before the update.</summary>
    public const string UnknownMarker = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

    /// <summary>The value behind secrecy.</summary>
    public PlanValue Bare => this is PlanSecret secret ? secret.Value.Bare : this;

    /// <summary>The text, or nothing for any other value.</summary>
    public string? Text => Bare is PlanText text ? text.Value : null;

    /// <summary>The number, or nothing for any other value.</summary>
    public double? Number => Bare is PlanNumber number ? number.Value : null;

    /// <summary>The truth value, or nothing for any other value.</summary>
    public bool? Flag => Bare is PlanFlag flag ? flag.Value : null;

    public bool IsMissing => Bare is PlanNothing;

    public bool IsUnknown => Bare is PlanUnknown;

    /// <summary>Items of a list; none for any other value.</summary>
    public IReadOnlyList<PlanValue> Items => Bare is PlanList list ? list.Values : [];

    /// <summary>A field of a map; nothing when there is none, unknown when the map itself is unknown.</summary>
    public PlanValue this[string field] => Bare switch
    {
        PlanMap map => map.Find(field),
        PlanUnknown => PlanUnknown.Instance,
        _ => PlanNothing.Instance,
    };

    /// <summary>A value below this one, by field names with dots between them.</summary>
    public PlanValue At(string path) =>
        path.Split('.').Aggregate(this, (value, field) => value[field]);

    /// <summary>Reads JSON in which the engine's markers stand for unknown and secret values.</summary>
    public static PlanValue Of(JsonElement json) => json.ValueKind switch
    {
        JsonValueKind.True or JsonValueKind.False => new PlanFlag(json.GetBoolean()),
        JsonValueKind.Number => new PlanNumber(json.GetDouble()),
        JsonValueKind.String when json.ValueEquals(UnknownMarker) => PlanUnknown.Instance,
        JsonValueKind.String => new PlanText(json.GetString()!),
        JsonValueKind.Array => new PlanList(json.EnumerateArray().Select(Of).ToSeq()),
        JsonValueKind.Object => OfObject(json),
        _ => PlanNothing.Instance,
    };

    private static PlanValue OfObject(JsonElement json)
    {
        if (json.TryGetProperty(MarkerKey, out var marker) && marker.ValueEquals(SecretMarker))
        {
            if (json.TryGetProperty("value", out var bare)) return new PlanSecret(Of(bare));
            // Exported state holds secrets encrypted, so what they are is not known here.
            return new PlanSecret(
                json.TryGetProperty("plaintext", out var plain) ? OfPlaintext(plain) : PlanUnknown.Instance);
        }

        return PlanMap.Of(json.EnumerateObject().Select(field => (field.Name, Of(field.Value))));
    }

    // State exported with --show-secrets holds each secret as JSON inside a string.
    private static PlanValue OfPlaintext(JsonElement plain)
    {
        if (plain.ValueKind != JsonValueKind.String) return PlanUnknown.Instance;
        try
        {
            using var inner = JsonDocument.Parse(plain.GetString()!);
            return Of(inner.RootElement);
        }
        catch (JsonException)
        {
            return PlanUnknown.Instance;
        }
    }
}

/// <summary>Stands for a property that is not there.</summary>
public sealed record PlanNothing : PlanValue
{
    public static PlanNothing Instance { get; } = new();
}

/// <summary>Stands for a value that is not known before the update.</summary>
public sealed record PlanUnknown : PlanValue
{
    public static PlanUnknown Instance { get; } = new();
}

/// <summary>Wraps a value that must not be shown.</summary>
public sealed record PlanSecret(PlanValue Value) : PlanValue;

/// <summary>Holds true or false.</summary>
public sealed record PlanFlag(bool Value) : PlanValue;

/// <summary>Holds a number of any size.</summary>
public sealed record PlanNumber(double Value) : PlanValue;

/// <summary>Holds text as it is written.</summary>
public sealed record PlanText(string Value) : PlanValue;

/// <summary>Holds values in their order.</summary>
public sealed record PlanList(Seq<PlanValue> Values) : PlanValue;

/// <summary>A field of a map.</summary>
public sealed record PlanField(string Name, PlanValue Value);

/// <summary>Holds named values, ordered by name.</summary>
public sealed record PlanMap(Seq<PlanField> Fields) : PlanValue
{
    public static PlanMap Empty { get; } = new(Seq<PlanField>.Empty);

    public static PlanMap Of(IEnumerable<(string Name, PlanValue Value)> fields) => new(fields
        .OrderBy(field => field.Name, StringComparer.Ordinal)
        .Select(field => new PlanField(field.Name, field.Value))
        .ToSeq());

    internal PlanValue Find(string name)
    {
        foreach (var field in Fields)
        {
            if (field.Name == name) return field.Value;
        }

        return PlanNothing.Instance;
    }
}
