using System.Globalization;
using System.Text.Json.Nodes;
using ControlPlane.Server.Tests.Api;
using ControlPlane.Server.Tests.Placements;

namespace ControlPlane.Server.Tests.Failover;

/// <summary>Policies that will deny what runs make it leave before they do.</summary>
public sealed class RemedyEndpointTests(TestServer server) : IClassFixture<TestServer>
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task What_a_policy_denies_from_a_day_on_leaves_before_it_and_what_can_go_nowhere_says_so()
    {
        using var german = new TestAgent(server, "de-one-a");
        using var american = new TestAgent(server, "us-one-a");
        foreach (var agent in new[] { german, american })
        {
            await agent.JoinAsync();
            Assert.Equal(200, (await agent.RenewAsync()).Status);
        }

        Assert.Equal(200, (await server.PostAsync("/v1/sites/de-one-a:cordon", """{"because":"test"}""")).Status);
        var goes = await PlaceAsync("""{"allow":["de-one","us-one"]}""");
        var stays = await PlaceAsync("""{"allow":["us-one"]}""");
        Assert.Equal(200, (await server.PostAsync("/v1/sites/de-one-a:uncordon", "{}")).Status);
        var before = await StayAsync(goes);

        var activated = await server.PostAsync("/v1/policies:activate", Policies(DateTime.UtcNow.AddDays(3)));
        var moving = await UntilAsync(goes, "moving", german, american);
        var staying = await StayAsync(stays);
        var moves = (await server.GetAsync("/v1/moves")).Json["moves"]!.AsArray();

        Assert.Equal((200, 0), (activated.Status, activated.Json["newlyUnlawful"]!.AsArray().Count));
        Assert.Equal("nothing-forces-it", (string)before["reason"]!);
        Assert.Equal("moving", (string)moving["reason"]!);
        Assert.Equal(
            ("no-lawful-region",
                "the law denies it where it is, or will before long, but the law allows no other place"),
            ((string)staying["reason"]!, (string)staying["because"]!));
        var move = Assert.Single(moves)!;
        Assert.Equal(
            (goes, "remedy", "us-one-a", "de-one-a"),
            ((string)move["placement"]!, (string)move["kind"]!, (string)move["from"]![0]!, (string)move["to"]![0]!));
    }

    private async Task<string> PlaceAsync(string regions)
    {
        var placed = await server.PostAsync("/v1/placements", BadBodies.With("regions", regions));
        Assert.Equal(201, placed.Status);
        return (string)placed.Json["id"]!;
    }

    private async Task<JsonNode> StayAsync(string placement) =>
        (await server.GetAsync($"/v1/placements/{placement}/move")).Json;

    private async Task<JsonNode> UntilAsync(string placement, string reason, params TestAgent[] agents)
    {
        var until = DateTime.UtcNow + Patience;
        while (true)
        {
            foreach (var agent in agents) await agent.RenewAsync();
            var stay = await StayAsync(placement);
            if ((string)stay["reason"]! == reason || DateTime.UtcNow > until) return stay;
            await Task.Delay(300);
        }
    }

    private static string Policies(DateTime validFrom)
    {
        var dataClass = (string)JsonNode.Parse(BadBodies.With("priority", "1"))!["dataClass"]!;
        var text = string.Create(CultureInfo.InvariantCulture, $$"""
            schemaVersion: 1
            id: stays
            because: The tests need it.
            source: { law: Rules of the tests }
            owner: tests
            validFrom: {{validFrom:yyyy-MM-dd}}
            enforcement: mandatory
            match:
              dataClasses: [{{dataClass}}]
            rules:
              - { rule: in-the-eu, kind: residency, allow: [EU] }

            """);
        return new JsonObject
        {
            ["files"] = new JsonArray(
            [
                .. SmallPolicies.Files().Select(file => new JsonObject { ["path"] = file.Path, ["text"] = file.Text }),
                new JsonObject { ["path"] = "policies/stays.yaml", ["text"] = text },
            ]),
            ["acceptUnlawful"] = 0,
            ["validateOnly"] = false,
        }.ToJsonString();
    }
}
