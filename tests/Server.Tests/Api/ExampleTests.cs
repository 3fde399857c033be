using System.Text.Json.Nodes;
using ControlPlane.Core.Tests;
using ControlPlane.Files;

namespace ControlPlane.Server.Tests.Api;

/// <summary>The examples of the documents, asked of a server with the shipped regions and policies.</summary>
public sealed class ExampleTests
{
    private static readonly string folder = Path.Combine(Checkout.Root, "docs", "examples");

    /// <summary>Every example, its path, and what must come of it: the outcome, and what holds of the places.</summary>
    private static readonly Dictionary<string, (string Path, string Outcome, Predicate<JsonNode> Holds)> expected =
        new()
    {
        ["hold"] = ("/v1/holds", "201 held", IsOneInGermany),
        ["place-batch"] = ("/v1/placements", "201 bound", placed => Units(placed) == 16),
        ["place-cpu"] = ("/v1/placements", "201 bound", IsOneInGermany),
        ["place-fraction"] = ("/v1/placements", "201 bound", placed => Shares(placed) is [250]),
        ["place-gang"] = ("/v1/placements", "201 bound", placed => Units(placed) == 4 && Sites(placed) == 1),
        ["place-health-de"] = ("/v1/placements", "201 bound", IsOneInGermany),
        ["place-refused"] = ("/v1/placements", "200 refused", _ => true),
        ["place-service-spread"] = ("/v1/placements", "201 bound", placed => Units(placed) == 4 && Sites(placed) >= 2),
    };

    [Fact]
    public async Task Every_example_has_the_outcome_that_it_is_meant_to_show()
    {
        await using var server = TestServer.OnShippedFiles();
        await server.InitializeAsync();
        var files = Directory.EnumerateFiles(folder, "*.json").Select(Path.GetFileNameWithoutExtension).Order();
        Assert.Equal(expected.Keys.Order(), files);

        foreach (var (name, (path, outcome, holds)) in expected)
        {
            var reply = await server.PostAsync(path, await File.ReadAllTextAsync(Path.Combine(folder, $"{name}.json")));

            Assert.Equal($"{name} {outcome}", $"{name} {reply.Status} {reply.Json["outcome"]}");
            if (reply.Json["placement"] is { } placed) Assert.True(holds(placed), $"{name}: {placed.ToJsonString()}");
            else Assert.Equal("policy-contradiction", (string)reply.Json["refusal"]!["reason"]!);
        }
    }

    [Fact]
    public void Every_example_says_the_same_in_YAML_and_in_JSON()
    {
        foreach (var name in expected.Keys)
        {
            var yaml = SourceDocument.Read(Source($"{name}.yaml"));
            var json = JsonNode.Parse(Source($"{name}.json").Text)!.AsObject();
            // The command line takes the length of a hold as an option.
            json.Remove("holdSeconds");

            Assert.Empty(yaml.Problems);
            Assert.True(JsonNode.DeepEquals(JsonNode.Parse(yaml.Value.Json), json), name);
        }
    }

    private static SourceFile Source(string file) => new(file, File.ReadAllText(Path.Combine(folder, file)));

    private static IEnumerable<JsonNode> Places(JsonNode placed) => placed["places"]!.AsArray().Select(place => place!);

    private static int Units(JsonNode placed) => Places(placed).Sum(place => (int)place["units"]!);

    private static bool IsOneInGermany(JsonNode placed) => Units(placed) == 1 && Jurisdictions(placed) is ["DE"];

    private static int Sites(JsonNode placed) =>
        Places(placed).Select(place => (string)place["site"]!).Distinct().Count();

    private static List<string> Jurisdictions(JsonNode placed) =>
        [.. Places(placed).Select(place => (string)place["jurisdiction"]!).Distinct()];

    private static List<int> Shares(JsonNode placed) =>
        [.. Places(placed).SelectMany(place => place["nodes"]!.AsArray()).Select(node => (int)node!["shareMilli"]!)];
}
