using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using ControlPlane.Core.Tests;
using ControlPlane.Files;
using ControlPlane.Regions;
using ControlPlane.Server.Hosting;
using ControlPlane.Server.Placements;
using ControlPlane.Server.Tests.Placements;
using ControlPlane.Workloads;

namespace ControlPlane.Server.Tests.Api;

/// <summary>
/// The document of the API is complete, committed, and says what the reader of requests does.
/// </summary>
public sealed class OpenApiTests(TestServer server) : IClassFixture<TestServer>
{
    private static readonly DateTimeOffset now = new(2026, 11, 21, 12, 0, 0, TimeSpan.Zero);

    private async Task<JsonObject> DocumentAsync() => (await server.GetAsync(ApiDocument.Path)).Json;

    [Fact]
    public async Task The_committed_document_is_what_the_server_serves()
    {
        var served = await server.GetAsync(ApiDocument.Path);

        Assert.Equal((200, "application/json"), (served.Status, served.MediaType));
        Assert.StartsWith("3.1", (string)served.Json["openapi"]!, StringComparison.Ordinal);
        Golden.Check("docs/api/openapi.json", served.Text.ReplaceLineEndings("\n") + "\n");
    }

    [Fact]
    public async Task Every_operation_is_named_once_and_tells_every_answer_with_an_example()
    {
        var document = await DocumentAsync();
        var operations = OperationsOf(document).ToList();

        Assert.Equal(
            operations.Count, operations.Select(item => (string)item.Operation["operationId"]!).Distinct().Count());
        foreach (var (path, operation) in operations)
        {
            Assert.False(string.IsNullOrEmpty((string?)operation["summary"]), path);
            foreach (var (status, answer) in operation["responses"]!.AsObject())
            {
                Assert.False(string.IsNullOrEmpty((string?)answer!["description"]), $"{path} {status}");
                if (int.Parse(status, CultureInfo.InvariantCulture) < 400) continue;
                var content = answer["content"]!["application/problem+json"]!;
                var slugs = content["examples"]!.AsObject().Select(example => example.Key).ToList();
                Assert.All(slugs, slug => Assert.Equal(status, $"{ProblemTable.Find(slug)!.Status}"));
                Assert.Equal("#/components/schemas/ProblemDocument", (string)content["schema"]!["$ref"]!);
            }

            if (operation["requestBody"] is not { } body) continue;
            Assert.NotEmpty(body["content"]!["application/json"]!["examples"]!.AsObject());
            Assert.NotNull(body["content"]!["application/json"]!["schema"]!["$ref"]);
        }

        Assert.DoesNotContain(Dangling(document), _ => true);
    }

    [Fact]
    public async Task Every_path_the_server_knows_is_in_the_document()
    {
        var paths = (await DocumentAsync())["paths"]!.AsObject().Select(path => path.Key).ToList();

        Assert.Equal(
            server.Endpoints.Select(endpoint => endpoint.RoutePattern.RawText!)
                .Where(path => path != ApiDocument.Path).Distinct().Order(StringComparer.Ordinal),
            paths.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Every_example_is_accepted_by_the_reader()
    {
        var fleet = RegionFiles.Parse(TreeReader.Read(Checkout.Root, "regions").Value.Files).Value;
        var read = 0;
        foreach (var (path, operation) in OperationsOf(await DocumentAsync()))
        {
            // What asks for no place is read by other readers, whose tests send their examples.
            if (operation["requestBody"] is not { } body) continue;
            if (!path.Contains("/v1/placements", StringComparison.Ordinal)
                && !path.Contains("/v1/holds", StringComparison.Ordinal)) continue;
            foreach (var (name, example) in body["content"]!["application/json"]!["examples"]!.AsObject())
            {
                var bytes = Encoding.UTF8.GetBytes(example!["value"]!.ToJsonString());
                var reading = path.Contains("holds", StringComparison.Ordinal) ? RequestReader.Hold(bytes, fleet, now)
                    : path.Contains(":batch", StringComparison.Ordinal) ? RequestReader.Batch(bytes, fleet, now)
                    : RequestReader.Placement(bytes, fleet, now);
                Assert.True(reading.All.Count == 0, $"{path} {name}: {string.Join("; ", reading.All)}");
                read++;
            }
        }

        Assert.True(read >= 8, $"{read}");
    }

    /// <summary>The reader puts every member it reads into the request, so a full one has read them all.</summary>
    [Fact]
    public async Task The_full_example_has_every_member_of_the_schema_and_sets_every_property_of_a_request()
    {
        var schemas = (await DocumentAsync())["components"]!["schemas"]!.AsObject();
        var body = JsonNode.Parse(RequestExamples.Full.Json)!.AsObject();
        var fleet = RegionFiles.Parse(TreeReader.Read(Checkout.Root, "regions").Value.Files).Value;

        var asked = Assert.Single(
            RequestReader.Placement(Encoding.UTF8.GetBytes(RequestExamples.Full.Json), fleet, now).Asked);

        Assert.Equal(Members(schemas, "PlacementBody"), Names(body));
        Assert.Equal(Members(schemas, "HoldBody"), Names(body).Append("holdSeconds").Order(StringComparer.Ordinal));
        Assert.Equal(
            Members(schemas, "AcceleratorsBody"),
            Names(body["accelerators"]!).Append("shareMilli").Order(StringComparer.Ordinal));
        Assert.Equal(Members(schemas, "TeraflopsBody"), Names(body["accelerators"]!["minTeraflops"]!));
        Assert.Equal(Members(schemas, "RegionsBody"), Names(body["regions"]!));
        Assert.Equal(Members(schemas, "SpreadBody"), Names(body["spread"]!));
        Assert.Equal(Members(schemas, "ArtefactBody"), Names(body["artefact"]!));
        Assert.Equal(["requests"], Members(schemas, "BatchBody"));
        Assert.Empty(Unset(asked.Request, typeof(PlacementRequest)));
        Assert.Equal([nameof(UnitNeed.AcceleratorShareMilli)], Unset(asked.Request.Unit, typeof(UnitNeed)));
        Assert.True(asked.Explain);
    }

    /// <summary>Member, and the schema it stands in.</summary>
    [Theory]
    [InlineData("PlacementBody", "units")]
    [InlineData("PlacementBody", "cpuMilli")]
    [InlineData("PlacementBody", "memoryMib")]
    [InlineData("PlacementBody", "priority")]
    [InlineData("AcceleratorsBody", "count")]
    [InlineData("AcceleratorsBody", "shareMilli")]
    [InlineData("AcceleratorsBody", "minMemoryGib")]
    [InlineData("AcceleratorsBody", "minBandwidthGigabytesPerSecond")]
    [InlineData("TeraflopsBody", "bf16")]
    [InlineData("TeraflopsBody", "fp8")]
    [InlineData("TeraflopsBody", "fp4")]
    public async Task The_bounds_of_the_schema_are_those_of_the_reader(string schema, string member)
    {
        var shown = (await DocumentAsync())["components"]!["schemas"]![schema]!["properties"]![member]!;
        var (least, most) = (shown["minimum"]!.GetValue<decimal>(), shown["maximum"]!.GetValue<decimal>());

        Assert.Empty(Problems(schema, member, least));
        Assert.Empty(Problems(schema, member, most));
        Assert.Equal(["out-of-range"], Problems(schema, member, least - (least < 1 && least > 0 ? 0.001m : 1)));
        Assert.Equal(["out-of-range"], Problems(schema, member, most + 1));
    }

    [Fact]
    public async Task Choices_patterns_and_limits_of_the_schema_are_those_of_the_reader()
    {
        var schemas = (await DocumentAsync())["components"]!["schemas"]!;
        var placement = schemas["PlacementBody"]!["properties"]!;

        Assert.Equal(WireNames.WorkloadKinds.Select(kind => kind.Key), Texts(placement["kind"]!["enum"]!));
        Assert.Equal(WireNames.Fabrics.Select(kind => kind.Key), Texts(placement["fabric"]!["enum"]!));
        Assert.Equal(
            WireNames.SpreadDomains.Select(kind => kind.Key),
            Texts(schemas["SpreadBody"]!["properties"]!["over"]!["enum"]!));
        foreach (var text in new[] { "tenant", "workload", "dataClass" })
            Assert.Equal(NameFormatAttribute.DefaultPattern, (string)placement[text]!["pattern"]!);
        Assert.Equal(RequestLimits.MostLabels, (int)placement["labels"]!["maxProperties"]!);
        Assert.Equal(RequestLimits.MostListEntries, (int)placement["residency"]!["maxItems"]!);
        Assert.Equal(1, (int)placement["residency"]!["minItems"]!);
        var requests = schemas["BatchBody"]!["properties"]!["requests"]!;
        Assert.Equal((1, RequestLimits.MostRequestsInBatch), ((int)requests["minItems"]!, (int)requests["maxItems"]!));
        var hold = schemas["HoldBody"]!["properties"]!["holdSeconds"]!;
        Assert.Equal((1, RequestLimits.MostHoldSeconds), ((int)hold["minimum"]!, (int)hold["maximum"]!));
        var bodies = schemas.AsObject().Where(item => item.Key.EndsWith("Body", StringComparison.Ordinal));
        foreach (var (name, schema) in bodies)
            Assert.False((bool)schema!["additionalProperties"]!, name);
        Assert.Equal(
            ["cpuMilli", "dataClass", "kind", "memoryMib", "tenant", "workload"],
            Texts(schemas["PlacementBody"]!["required"]!).Order(StringComparer.Ordinal));
    }

    private static IEnumerable<string> Problems(string schema, string member, decimal value)
    {
        var number = value.ToString(CultureInfo.InvariantCulture);
        var body = schema switch
        {
            "PlacementBody" => BadBodies.With(member, number),
            "AcceleratorsBody" when member is "count" or "shareMilli" =>
                BadBodies.With("accelerators", $$"""{"{{member}}":{{number}}}"""),
            "AcceleratorsBody" => BadBodies.With("accelerators", $$"""{"count":1,"{{member}}":{{number}}}"""),
            _ => BadBodies.With("accelerators", $$$"""{"count":1,"minTeraflops":{"{{{member}}}":{{{number}}}}}"""),
        };
        return RequestReader.Placement(Encoding.UTF8.GetBytes(body), SmallFleet.Fleet, now)
            .All.Select(problem => problem.Slug);
    }

    private static IEnumerable<(string Path, JsonNode Operation)> OperationsOf(JsonObject document) =>
        from path in document["paths"]!.AsObject()
        from operation in path.Value!.AsObject()
        select ($"{operation.Key} {path.Key}", operation.Value);

    private static IEnumerable<string> Dangling(JsonObject document) =>
        from reference in document.ToJsonString().Split("\"$ref\":\"").Skip(1).Select(part => part[..part.IndexOf('"')])
        where reference[2..].Split('/').Aggregate((JsonNode?)document, (node, part) => node?[part]) is null
        select reference;

    private static IEnumerable<string> Members(JsonObject schemas, string name) => Names(schemas[name]!["properties"]!);

    private static IEnumerable<string> Names(JsonNode node) =>
        node.AsObject().Select(member => member.Key).Order(StringComparer.Ordinal);

    private static IEnumerable<string> Texts(JsonNode list) => list.AsArray().Select(item => (string)item!);

    /// <summary>Properties that still have the value of their type's default, or no entries.</summary>
    private static IEnumerable<string> Unset(object value, Type type) =>
        from property in type.GetProperties()
        where property.CanWrite
        let held = property.GetValue(value)
        where held is null or 0 or 0L
            || (held is System.Collections.IEnumerable entries and not string && !entries.Cast<object>().Any())
        select property.Name;
}
