using System.Collections;
using System.Reflection;
using System.Text.Json;
using Google.Protobuf.WellKnownTypes;
using Enum = System.Enum;

namespace Pulumi.Serialization;

/// <summary>Says how values are put for one receiver.</summary>
internal readonly record struct Wording(bool KeepResources, bool KeepOutputs = false)
{
    /// <summary>True when references to resources are told apart from values that depend on them.</summary>
    public bool ReferencesAreNoDependencies { get; init; }
}

/// <summary>Turns what a program holds into what is sent, and gathers the resources it meets on the way.</summary>
internal sealed class Serializer(Wording wording)
{
    public HashSet<Resource> Dependencies { get; } = [];

    /// <summary>
    /// Puts a map of properties: those that come out as nothing are left out, the others tell on whom they depend.
    /// </summary>
    public static async Task<(Struct Properties, Dictionary<string, HashSet<Resource>> Dependencies)> PropertiesAsync(
        string label, IEnumerable<KeyValuePair<string, object?>> properties, Wording wording)
    {
        var sent = new Struct();
        var dependencies = new Dictionary<string, HashSet<Resource>>(StringComparer.Ordinal);
        foreach (var (name, value) in properties.OrderBy(property => property.Key, StringComparer.Ordinal))
        {
            var serializer = new Serializer(wording);
            if (await serializer.SerializeAsync($"{label}.{name}", value).ConfigureAwait(false) is { } put)
            {
                sent.Fields.Add(name, put);
                dependencies.Add(name, serializer.Dependencies);
            }
        }
        return (sent, dependencies);
    }

    /// <summary>Null when there is nothing to send.</summary>
    public async Task<Value?> SerializeAsync(string context, object? value) => value switch
    {
        null => null,
        bool truth => Value.ForBool(truth),
        int number => Value.ForNumber(number),
        double number => Value.ForNumber(number),
        string text => Value.ForString(text),
        InputArgs args => await MapAsync(context, await args.ToDictionaryAsync().ConfigureAwait(false))
            .ConfigureAwait(false),
        AssetOrArchive asset => await AssetAsync(context, asset).ConfigureAwait(false),
        Task => throw new InvalidOperationException(
            $"Tasks are not allowed inside ResourceArgs. Please wrap your Task in an Output:\n\t{context}"),
        IInput input => await SerializeAsync(context, input.ToOutput()).ConfigureAwait(false),
        IUnion union => await SerializeAsync(context, union.Value).ConfigureAwait(false),
        JsonElement json => Json(json),
        IOutput output => await OutputAsync(context, output).ConfigureAwait(false),
        CustomResource custom => await CustomAsync(context, custom).ConfigureAwait(false),
        ComponentResource component => await ComponentAsync(context, component).ConfigureAwait(false),
        IDictionary map => await MapAsync(context, map).ConfigureAwait(false),
        IList list => await ListAsync(context, list).ConfigureAwait(false),
        Enum number when number.GetTypeCode() == TypeCode.Int32 => Value.ForNumber((int)value),
        _ => await MarkedAsync(context, value).ConfigureAwait(false),
    };

    private static Value? Json(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Undefined or JsonValueKind.Null => null,
        JsonValueKind.String => Value.ForString(element.GetString()),
        JsonValueKind.Number => Value.ForNumber(element.GetDouble()),
        JsonValueKind.True or JsonValueKind.False => Value.ForBool(element.GetBoolean()),
        JsonValueKind.Array =>
            Value.ForList([.. element.EnumerateArray().Select(item => Json(item) ?? Value.ForNull())]),
        _ => Value.ForStruct(Fields(element
            .EnumerateObject()
            .Select(property => KeyValuePair.Create(property.Name, Json(property.Value) ?? Value.ForNull())))),
    };

    private static Value Marked(string marker, params KeyValuePair<string, Value>[] fields) =>
        Value.ForStruct(Fields(fields.Prepend(new(Markers.Key, Value.ForString(marker)))));

    private static Struct Fields(IEnumerable<KeyValuePair<string, Value>> fields)
    {
        var result = new Struct();
        foreach (var (name, value) in fields)
        {
            result.Fields[name] = value;
        }
        return result;
    }

    private static bool IsDefaultArray(IList list) =>
        list.GetType() is { IsGenericType: true } type
        && type.GetGenericTypeDefinition() == typeof(ImmutableArray<>)
        && (bool)type.GetProperty(nameof(ImmutableArray<>.IsDefault))!.GetValue(list)!;

    private async Task<Value?> OutputAsync(string context, IOutput output)
    {
        var data = await output.GetDataAsync().ConfigureAwait(false);
        var inner = new Serializer(wording with { KeepOutputs = false });
        var value = data.IsKnown
            ? await inner.SerializeAsync(context, data.Value).ConfigureAwait(false)
            : null;
        HashSet<Resource> resources = [.. data.Resources, .. inner.Dependencies];
        Dependencies.UnionWith(resources);
        if (wording.KeepOutputs && (!data.IsKnown || data.IsSecret || resources.Count > 0))
        {
            return await KeptAsync(data, value, resources).ConfigureAwait(false);
        }
        if (!data.IsKnown)
        {
            return Value.ForString(Markers.Unknown);
        }
        return data.IsSecret
            ? Marked(Markers.Secret, new KeyValuePair<string, Value>(Markers.Value, value ?? Value.ForNull()))
            : value;
    }

    private static async Task<Value> KeptAsync(
        OutputData<object?> data, Value? value, IReadOnlyCollection<Resource> resources)
    {
        var fields = new List<KeyValuePair<string, Value>>();
        if (data.IsKnown)
        {
            fields.Add(new(Markers.Value, value ?? Value.ForNull()));
        }
        if (data.IsSecret)
        {
            fields.Add(new(Markers.SecretField, Value.ForBool(true)));
        }
        var urns = await ResourceGraph.UrnsAsync(resources).ConfigureAwait(false);
        if (urns.Count > 0)
        {
            fields.Add(new(Markers.Dependencies, Value.ForList([.. urns.Select(Value.ForString)])));
        }
        return Marked(Markers.Output, [.. fields]);
    }

    private async Task<Value> AssetAsync(string context, AssetOrArchive asset)
    {
        var content = await new Serializer(wording with { KeepOutputs = false })
            .SerializeAsync($"{context}.{asset.Field}", asset.Value).ConfigureAwait(false);
        return Marked(asset.Marker, new KeyValuePair<string, Value>(asset.Field, content ?? Value.ForNull()));
    }

    private async Task<Value> CustomAsync(string context, CustomResource resource)
    {
        if (!wording.ReferencesAreNoDependencies)
        {
            Dependencies.Add(resource);
        }
        var id = await ReferenceAsync($"{context}.id", resource.Id).ConfigureAwait(false);
        if (!wording.KeepResources)
        {
            return id;
        }
        var urn = await ReferenceAsync($"{context}.urn", resource.Urn).ConfigureAwait(false);
        var known = id.StringValue == Markers.Unknown ? Value.ForString("") : id;
        return Marked(
            Markers.Resource,
            new KeyValuePair<string, Value>(Markers.Urn, urn), new KeyValuePair<string, Value>(Markers.Id, known));
    }

    /// <summary>A component is only named: looking into it could wait for what waits for it.</summary>
    private async Task<Value> ComponentAsync(string context, ComponentResource resource)
    {
        var urn = await ReferenceAsync($"{context}.urn", resource.Urn).ConfigureAwait(false);
        return wording.KeepResources
            ? Marked(Markers.Resource, new KeyValuePair<string, Value>(Markers.Urn, urn))
            : urn;
    }

    private async Task<Value> ReferenceAsync(string context, Output<string> part)
    {
        var serializer = new Serializer(wording with { KeepOutputs = false });
        var value = await serializer.SerializeAsync(context, part).ConfigureAwait(false);
        if (!wording.ReferencesAreNoDependencies)
        {
            Dependencies.UnionWith(serializer.Dependencies);
        }
        return value ?? Value.ForString("");
    }

    private async Task<Value> MapAsync(string context, IDictionary map)
    {
        var result = new Struct();
        var names = map.Keys.Cast<object>().Select(key => key as string ?? throw new InvalidOperationException(
            $"Dictionaries are only supported with string keys:\n\t{context}"));
        foreach (var name in names.Order(StringComparer.Ordinal))
        {
            if (await SerializeAsync($"{context}.{name}", map[name]).ConfigureAwait(false) is { } value)
            {
                result.Fields.Add(name, value);
            }
        }
        return Value.ForStruct(result);
    }

    private async Task<Value> ListAsync(string context, IList list)
    {
        if (IsDefaultArray(list))
        {
            return Value.ForList();
        }
        var values = new List<Value>(list.Count);
        for (var i = 0; i < list.Count; i++)
        {
            values.Add(await SerializeAsync($"{context}[{i}]", list[i]).ConfigureAwait(false) ?? Value.ForNull());
        }
        return Value.ForList([.. values]);
    }

    /// <summary>Enumerations that are structs, and types that came from the engine and go back to it.</summary>
    private async Task<Value?> MarkedAsync(string context, object value)
    {
        var type = value.GetType();
        if (type.GetCustomAttribute<EnumTypeAttribute>() is not null)
        {
            var plain = type.GetMethods(BindingFlags.Public | BindingFlags.Static)
                .FirstOrDefault(method => method.Name == "op_Explicit"
                    && (method.ReturnType == typeof(string) || method.ReturnType == typeof(double)))
                ?? throw new InvalidOperationException(
                    $"Expected {type.FullName} to have an explicit conversion operator to String or "
                        + $"Double.\n\t{context}");
            return await SerializeAsync(context, plain.Invoke(null, [value])).ConfigureAwait(false);
        }
        if (type.GetCustomAttribute<OutputTypeAttribute>() is null)
        {
            throw new InvalidOperationException($"{type.FullName} is not a supported argument type.\n\t{context}");
        }
        var fields = type
            .GetFields(BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance)
            .Where(field => field.IsInitOnly)
            .ToDictionary(
                field => char.ToLowerInvariant(field.Name[0]) + field.Name[1..], field => field.GetValue(value));
        return await MapAsync(context, fields).ConfigureAwait(false);
    }
}
