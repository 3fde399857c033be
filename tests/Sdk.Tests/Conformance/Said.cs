using System.Text.Json;
using System.Text.Json.Nodes;

namespace ControlPlane.Sdk.Tests.Conformance;

/// <summary>What a program told a monitor, in the form in which two programs are compared.</summary>
internal static class Said
{
    private const string Marker = "4dabf18193072939515e22adb298388d";
    private const string Secret = "1b47061264138c4ac30d75fd1eb44270";
    private const string Unknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

    /// <summary>
    /// What the engine does with a resource; the rest of a message is how each SDK writes its letters.
    /// </summary>
    private static readonly string[] Compared =
    [
        "type", "name", "custom", "remote", "parent", "inputs", "dependencies", "propertyDependencies", "provider",
        "version", "protect", "ignoreChanges", "additionalSecretOutputs", "deleteBeforeReplace", "importId",
        "replaceOnChanges", "retainOnDelete", "acceptSecrets", "acceptResources", "supportsResultReporting",
    ];

    private static readonly string[] ComparedOfInvokes = ["tok", "args", "provider", "version"];

    /// <summary>Functions that were asked, in order of what was asked.</summary>
    public static IReadOnlyList<string> Invokes(OfficialMonitor monitor) =>
        [.. monitor.Read("Invoke").Select(entry => Of(entry, ComparedOfInvokes)).Order(StringComparer.Ordinal)];

    public static SortedDictionary<string, string> Resources(OfficialMonitor monitor) => new(
        monitor.Read("RegisterResource").ToDictionary(
            entry => $"{entry.GetProperty("type").GetString()} {entry.GetProperty("name").GetString()}",
            entry => Of(entry, Compared)),
        StringComparer.Ordinal);

    public static SortedDictionary<string, string> Outputs(OfficialMonitor monitor) => new(
        monitor.Read("RegisterResourceOutputs").ToDictionary(
            entry => entry.GetProperty("urn").GetString()!,
            entry => Normal(JsonNode.Parse(entry.GetProperty("outputs").GetRawText()))!.ToJsonString()),
        StringComparer.Ordinal);

    /// <summary>What two programs said of the same things in two ways, field by field.</summary>
    public static IReadOnlyList<string> Differences(
        SortedDictionary<string, string> theirs, SortedDictionary<string, string> ours)
    {
        var differences = new List<string>();
        foreach (var name in theirs.Keys.Union(ours.Keys).Order(StringComparer.Ordinal))
        {
            if (!theirs.TryGetValue(name, out var expected)) differences.Add($"{name}: only we say it");
            else if (!ours.TryGetValue(name, out var actual)) differences.Add($"{name}: only they say it");
            else if (expected != actual) differences.AddRange(Fields(expected, actual).Select(one => $"{name} {one}"));
        }

        return differences;
    }

    /// <summary>Everything that was sent, but for what is inside a secret.</summary>
    public static string Plain(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Object when element.TryGetProperty(Marker, out _) => "",
        JsonValueKind.Object => string.Join(' ', element.EnumerateObject().Select(property => Plain(property.Value))),
        JsonValueKind.Array => string.Join(' ', element.EnumerateArray().Select(Plain)),
        _ => element.ToString(),
    };

    private static IEnumerable<string> Fields(string expected, string actual)
    {
        var (theirs, ours) = (JsonNode.Parse(expected)!.AsObject(), JsonNode.Parse(actual)!.AsObject());
        return theirs.Select(field => field.Key).Union(ours.Select(field => field.Key))
            .Select(name => (Name: name, Theirs: theirs[name]?.ToJsonString(), Ours: ours[name]?.ToJsonString()))
            .Where(field => field.Theirs != field.Ours)
            .Select(field => $"{field.Name}: they {field.Theirs}, we {field.Ours}");
    }

    private static string Of(JsonElement entry, string[] compared) => new JsonObject(compared
        .Where(name => entry.TryGetProperty(name, out _))
        .Select(name => KeyValuePair.Create(name, Normal(JsonNode.Parse(entry.GetProperty(name).GetRawText())))))
        .ToJsonString();

    /// <summary>
    /// Names in order; JSON inside a text without its spaces, which only one of the two writes; and what is unknown
    /// without its secret mark, which the official .NET SDK does not send and the one for Node does.
    /// </summary>
    private static JsonNode? Normal(JsonNode? node) => node switch
    {
        JsonObject map when map["value"]?.ToString() == Unknown && map[Marker]?.ToString() == Secret =>
            JsonValue.Create(Unknown),
        JsonObject map => new JsonObject(map.OrderBy(entry => entry.Key, StringComparer.Ordinal)
            .Select(entry => KeyValuePair.Create(entry.Key, Normal(entry.Value)))),
        JsonArray list => new JsonArray([.. list.Select(Normal)]),
        JsonValue value when value.GetValueKind() == JsonValueKind.String
            && value.GetValue<string>() is ['{' or '[', ..] text
            => JsonValue.Create(Normal(JsonNode.Parse(text))!.ToJsonString()),
        _ => node?.DeepClone(),
    };
}
