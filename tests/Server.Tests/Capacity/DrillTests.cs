using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using ControlPlane.Server.Tests.Api;
using Dapper;

namespace ControlPlane.Server.Tests.Capacity;

public sealed class DrillTests(TestServer server) : IClassFixture<TestServer>
{
    private const string Germany = """{"scenario":"region-lost de-one","startSeconds":60,"fenceSeconds":20}""";

    [Fact]
    public async Task A_drill_changes_nothing_says_when_everything_is_back_and_is_signed_and_compared()
    {
        await PlaceAsync("quick", 2);
        await PlaceAsync("bound-to-germany", 1, residency: "\"DE\"");

        var first = await PostAsync("v1/drills", Germany);
        await PlaceAsync("late", 1, residency: "\"DE\"");
        var second = await PostAsync("v1/drills", Germany);
        var listed = JsonNode.Parse(await server.Http.GetStringAsync("v1/drills"))!["drills"]!.AsArray();

        var drill = first.Body["drill"]!;
        Assert.Equal(HttpStatusCode.Created, first.Status);
        Assert.Equal((string)drill["stateDigestBefore"]!, (string)drill["stateDigestAfter"]!);
        Assert.True((bool)drill["broken"]!);
        var stranded = drill["moves"]!.AsArray().Single(move => (string)move!["workload"]! == "bound-to-germany")!;
        Assert.Equal(("noLawfulPlace", 0), ((string)stranded["outcome"]!, (int)stranded["order"]!));
        foreach (var move in drill["moves"]!.AsArray().Where(move => (int)move!["order"]! > 0))
        {
            // 20 s of fence, 60 s of start, and 1 s to load 1 GiB at the usual rate.
            Assert.Equal((20, 81), ((int)move!["startsAfterSeconds"]!, (int)move["recoversAfterSeconds"]!));
        }

        Assert.Equal(
            ["acme-drill/late"], second.Body["drill"]!["since"]!["newlyBroken"]!.AsArray().Select(name =>
                (string)name!));
        Assert.True(IsSigned(first.Body) && IsSigned(second.Body));
        first.Body["signed"] = $"{first.Body["signed"]} ";
        Assert.False(IsSigned(first.Body));
        Assert.False((bool)listed.Single(row => (string)row!["scenario"]! == "region-lost de-one")!["isStale"]!);
        Assert.True((bool)listed.Single(row => (string)row!["scenario"]! == "region-lost us-one")!["isStale"]!);
    }

    [Fact]
    public async Task A_what_if_changes_nothing_and_says_what_would_change()
    {
        await PlaceAsync("stays", 1, residency: "\"FR\"");

        var answer = await PostAsync("v1/whatif", """
            { "nodes": [{ "pool": "fr-one-a-h100", "nodes": 8 }], "removeSites": ["us-one-a"],
              "workloads": [{ "tenant": "t", "workload": "w", "kind": "batch", "dataClass": "public", "units": 8,
                "regions": { "allow": ["fr-one"] }, "accelerators": { "count": 8 }, "cpuMilli": 1, "memoryMib": 1 }] }
            """);
        var wrong = await PostAsync("v1/whatif", """{ "nodes": [{ "pool": "fr-one-a-h10", "nodes": 8 }] }""");
        var gone = await PostAsync("v1/whatif", $$"""{ "endPlacements": ["{{Guid.Empty}}"] }""");
        var noId = await PostAsync("v1/whatif", """
            { "endPlacements": ["nonsense"], "power": [{ "site": "fr-one-a", "megawatts": 0 }, { "site": "fr-one-a" }] }
            """);

        Assert.True(answer.Status == HttpStatusCode.OK, $"{answer.Body}");
        Assert.Equal((string)answer.Body["stateDigestBefore"]!, (string)answer.Body["stateDigestAfter"]!);
        Assert.Equal(96, (int)answer.Body["before"]!["total"]!["allocatable"]!);
        Assert.Equal(96, (int)answer.Body["after"]!["total"]!["allocatable"]!);
        Assert.Equal(["no-capacity"], answer.Body["refusals"]!.AsArray().Select(item => (string)item!["reason"]!));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, wrong.Status);
        Assert.Contains("fr-one-a-h100", $"{wrong.Body}", StringComparison.Ordinal);
        Assert.Equal(
            (HttpStatusCode.UnprocessableEntity, HttpStatusCode.UnprocessableEntity), (gone.Status, noId.Status));
        Assert.Equal(
            ["/endPlacements/0", "/power/0/megawatts", "/power/1/megawatts"],
            PointersOf(noId));
    }

    [Fact]
    public async Task What_changes_to_play_through_name_wrongly_is_told_with_its_place()
    {
        var unknown = await PostAsync("v1/whatif", """
            { "nodes": [{ "pool": "fr-one-a-h100", "nodes": 1 }, { "pool": "fr-one-a-h100", "nodes": 2 }],
              "power": [{ "site": "fr-one-a", "megawatts": 1 }, { "site": "fr-two-a", "megawatts": 1 }],
              "removeSites": ["us-one-a", "us-two-a"], "removePolicies": ["none"] }
            """);
        var tooMany = await PostAsync("v1/whatif", $$"""
            { "nodes": [{{string.Join(',', Enumerable.Range(0, 11).Select(number =>
                $$"""{ "pool": "p{{number}}", "nodes": 100000 }"""))}}] }
            """);

        Assert.Equal(
            ["/nodes/1/pool", "/power/1/site", "/removePolicies/0", "/removeSites/1"], PointersOf(unknown));
        Assert.Contains(
            "must be 1000000 nodes at most in all, are 1100000", $"{tooMany.Body}", StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_free_where_the_agent_is_silent_is_stranded()
    {
        await using (var connection = await server.Database.Database.OpenReadAsync(CancellationToken.None))
        {
            await connection.ExecuteAsync("""
                insert into site_lease (site, renewed_at) values ('us-one-a', now() - interval '10 minutes')
                """);
        }

        var strict = JsonNode.Parse(await server.Http.GetStringAsync("v1/reports/capacity?by=site"))!["rows"]!.AsArray()
            .Single(row => (string)row!["name"]! == "us-one-a")!["accelerators"]!;
        var patient = JsonNode.Parse(await server.Http.GetStringAsync(
            "v1/reports/capacity?by=site&stale_seconds=86400"))!["total"]!;

        Assert.Equal(((decimal)strict["free"]!, 0m), ((decimal)strict["strandedByAgent"]!, (decimal)strict["usable"]!));
        Assert.Equal(0m, (decimal)patient["strandedByAgent"]!);
    }

    private static bool IsSigned(JsonNode record)
    {
        using var key = ECDsa.Create();
        key.ImportSubjectPublicKeyInfo(Convert.FromBase64String((string)record["publicKey"]!), out _);
        return key.VerifyData(
            Encoding.UTF8.GetBytes((string)record["signed"]!), Convert.FromBase64String((string)record["signature"]!),
            HashAlgorithmName.SHA256);
    }

    private async Task PlaceAsync(string name, int units, string residency = "\"EU\"")
    {
        var (status, body) = await PostAsync("v1/placements", $$"""
            {"tenant":"acme-drill","workload":"{{name}}","kind":"batch","dataClass":"public","units":{{units}},
             "residency":[{{residency}}],"accelerators":{"count":1},"cpuMilli":1000,"memoryMib":1024}
            """);
        Assert.True(status == HttpStatusCode.Created, $"{body}");
    }

    private static IEnumerable<string> PointersOf((HttpStatusCode Status, JsonNode Body) answer) =>
        answer.Body["errors"]!.AsArray().Select(item => (string)item!["pointer"]!).Order(StringComparer.Ordinal);

    private async Task<(HttpStatusCode Status, JsonNode Body)> PostAsync(string path, string json)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path)
        {
            Content = new StringContent(json, Encoding.UTF8, "application/json"),
        };
        request.Headers.Add("Idempotency-Key", Guid.NewGuid().ToString());
        using var answer = await server.Http.SendAsync(request);
        return (answer.StatusCode, JsonNode.Parse(await answer.Content.ReadAsStringAsync())!);
    }
}
