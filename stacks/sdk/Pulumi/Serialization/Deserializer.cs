using System.Diagnostics.CodeAnalysis;
using Google.Protobuf.WellKnownTypes;

namespace Pulumi.Serialization;

/// <summary>Turns what the engine says into plain values: texts, numbers, truths, lists and maps.</summary>
internal static class Deserializer
{
    private static readonly OutputData<object?> Known =
        new(OutputData<object?>.NoResources, null, IsKnown: true, IsSecret: false);

    public static OutputData<object?> Deserialize(Value value)
    {
        var isSecret = false;
        while (MarkerOf(value) == Markers.Secret)
        {
            value = value.StructValue.Fields.TryGetValue(Markers.Value, out var hidden)
                ? hidden
                : throw new InvalidOperationException("Secrets must have a field called 'value'");
            isSecret = true;
        }
        var data = Plain(value);
        return data with { IsSecret = data.IsSecret || isSecret };
    }

    private static OutputData<object?> Plain(Value value) => value.KindCase switch
    {
        Value.KindOneofCase.NullValue => Known,
        Value.KindOneofCase.BoolValue => Known with { Value = value.BoolValue },
        Value.KindOneofCase.NumberValue => Known with { Value = value.NumberValue },
        Value.KindOneofCase.StringValue when value.StringValue == Markers.Unknown => Known with { IsKnown = false },
        Value.KindOneofCase.StringValue => Known with { Value = value.StringValue },
        Value.KindOneofCase.ListValue => List(value.ListValue),
        Value.KindOneofCase.StructValue => MarkerOf(value) switch
        {
            Markers.Asset => Known with { Value = Asset(value.StructValue) },
            Markers.Archive => Known with { Value = Archive(value.StructValue) },
            Markers.Resource => Known with { Value = Reference(value.StructValue) },
            Markers.Output => Kept(value.StructValue),
            _ => Map(value.StructValue),
        },
        _ => throw new InvalidOperationException("Should never get 'None' type when deserializing protobuf"),
    };

    private static string? MarkerOf(Value value) =>
        value.KindCase == Value.KindOneofCase.StructValue && TryGetText(value.StructValue, Markers.Key, out var marker)
            ? marker
            : null;

    private static OutputData<object?> List(ListValue list)
    {
        var all = Known;
        var values = ImmutableArray.CreateBuilder<object?>(list.Values.Count);
        foreach (var element in list.Values)
        {
            var data = Deserialize(element);
            values.Add(data.Value);
            all = all.Join(data);
        }
        return all.With<object?>(values.MoveToImmutable());
    }

    private static OutputData<object?> Map(Struct map)
    {
        var all = Known;
        var values = ImmutableDictionary.CreateBuilder<string, object?>();
        foreach (var (name, element) in map.Fields)
        {
            // What providers keep for themselves.
            if (name.StartsWith("__", StringComparison.Ordinal))
            {
                continue;
            }
            var data = Deserialize(element);
            values.Add(name, data.Value);
            all = all.Join(data);
        }
        return all.With<object?>(values.ToImmutable());
    }

    private static Asset Asset(Struct fields) =>
        TryGetText(fields, Markers.Path, out var path) ? new FileAsset(path)
        : TryGetText(fields, Markers.Uri, out var uri) ? new RemoteAsset(uri)
        : TryGetText(fields, Markers.Text, out var text) ? new StringAsset(text)
        : throw new InvalidOperationException("Value was marked as Asset, but did not conform to required shape.");

    private static Archive Archive(Struct fields)
    {
        if (TryGetText(fields, Markers.Path, out var path))
        {
            return new FileArchive(path);
        }
        if (TryGetText(fields, Markers.Uri, out var uri))
        {
            return new RemoteArchive(uri);
        }
        if (fields.Fields.TryGetValue(Markers.Assets, out var assets)
            && assets.KindCase == Value.KindOneofCase.StructValue)
        {
            return new AssetArchive(assets.StructValue.Fields.ToDictionary(
                entry => entry.Key,
                entry => Deserialize(entry.Value).Value as AssetOrArchive ?? throw new InvalidOperationException(
                    "AssetArchive contained an element that wasn't itself an Asset or Archive.")));
        }
        throw new InvalidOperationException("Value was marked as Archive, but did not conform to required shape.");
    }

    private static DependencyResource Reference(Struct fields) =>
        TryGetText(fields, Markers.Urn, out var urn)
            ? new DependencyResource(urn)
            : throw new InvalidOperationException(
                "Value was marked as a Resource, but did not conform to required shape.");

    private static OutputData<object?> Kept(Struct fields)
    {
        var data = fields.Fields.TryGetValue(Markers.Value, out var value)
            ? Deserialize(value)
            : Known with { IsKnown = false };
        var isSecret = fields.Fields.TryGetValue(Markers.SecretField, out var secret) && secret.BoolValue;
        var resources = fields.Fields.TryGetValue(Markers.Dependencies, out var urns)
            ? urns.ListValue.Values.Select(urn => (Resource)new DependencyResource(urn.StringValue))
            : [];
        return data with { IsSecret = data.IsSecret || isSecret, Resources = data.Resources.Union(resources) };
    }

    private static bool TryGetText(Struct fields, string name, [NotNullWhen(true)] out string? text)
    {
        text = fields.Fields.TryGetValue(name, out var value) && value.KindCase == Value.KindOneofCase.StringValue
            ? value.StringValue
            : null;
        return text is not null;
    }
}
