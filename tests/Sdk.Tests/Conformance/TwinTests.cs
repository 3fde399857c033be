using System.Text.Json;
using System.Text.Json.Nodes;
using ControlPlane.Sdk.Tests.Doubles;

namespace ControlPlane.Sdk.Tests.Conformance;

public sealed class TwinTests
{
    private const string Marker = "4dabf18193072939515e22adb298388d";
    private const string Secret = "1b47061264138c4ac30d75fd1eb44270";
    private const string Unknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

    private static readonly Dictionary<string, string> Config = new()
    {
        ["sample:region"] = "eu-central-1",
        ["sample:password"] = "swordfish",
    };

    /// <summary>
    /// What the engine does with a resource; the rest of a message is how each SDK writes its letters.
    /// </summary>
    private static readonly string[] Compared =
    [
        "type", "name", "custom", "remote", "parent", "inputs", "dependencies", "propertyDependencies", "provider",
        "version",
        "ignoreChanges", "additionalSecretOutputs", "deleteBeforeReplace", "importId", "replaceOnChanges",
        "acceptSecrets",
        "acceptResources", "supportsResultReporting",
    ];

    /// <summary>Outputs that providers would compute, so that both programs have the same to go on with.</summary>
    private const string Computed = """
        {
          "aws:eks/cluster:Cluster": {"endpoint": "https://eks.example", "name": "main-1", "status": "ACTIVE"},
          "aws:iam/role:Role": {"arn": "arn:aws:iam::1:role/nodes", "name": "nodes-1"},
          "aws:kms/key:Key": {"arn": "arn:aws:kms:1:key/disk"},
          "aws:ec2/launchTemplate:LaunchTemplate": {"latestVersion": 7},
          "azure:core/resourceGroup:ResourceGroup": {"name": "group-1"},
          "azure:network/virtualNetwork:VirtualNetwork": {"name": "network-1"},
          "kubernetes:core/v1:ServiceAccount": {"metadata": {"name": "account-1", "namespace": "a"}}
        }
        """;

    [OfficialFact]
    public Task A_preview_says_the_same_as_the_official_SDK_says() => CompareAsync(isDryRun: true);

    [OfficialFact]
    public Task An_update_says_the_same_as_the_official_SDK_says() => CompareAsync(isDryRun: false);

    private static async Task CompareAsync(bool isDryRun)
    {
        var computed = Path.GetTempFileName();
        await File.WriteAllTextAsync(computed, Computed);
        string[] flags = isDryRun ? ["--dry-run"] : ["--outputs", computed];
        await using var ours = await OfficialMonitor.StartAsync(flags);
        await using var theirs = await OfficialMonitor.StartAsync(flags);

        var run = await SampleRun.AgainstAsync((ours.Address, ours.Address), "clouds", isDryRun, Config);
        var twin = await theirs.RunTwinAsync(isDryRun, Config);

        File.Delete(computed);
        Assert.Equal((0, "", 0), (run.Code, run.StandardError, twin));
        var mine = Resources(ours);
        Assert.Equal(36, mine.Count);
        Assert.Equal(Resources(theirs), mine);
        Assert.Equal(Outputs(theirs), Outputs(ours));
    }

    private static SortedDictionary<string, string> Resources(OfficialMonitor monitor) => new(
        monitor.Read("RegisterResource").ToDictionary(
            entry => $"{entry.GetProperty("type").GetString()} {entry.GetProperty("name").GetString()}",
            entry => new JsonObject(Compared.Select(name =>
                KeyValuePair.Create(name, Normal(JsonNode.Parse(entry.GetProperty(name).GetRawText())))))
                .ToJsonString()),
        StringComparer.Ordinal);

    private static SortedDictionary<string, string> Outputs(OfficialMonitor monitor) => new(
        monitor.Read("RegisterResourceOutputs").ToDictionary(
            entry => entry.GetProperty("urn").GetString()!,
            entry => Normal(JsonNode.Parse(entry.GetProperty("outputs").GetRawText()))!.ToJsonString()),
        StringComparer.Ordinal);

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
