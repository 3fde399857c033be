using System.Text.Json;
using System.Text.Json.Nodes;
using ControlPlane.Failover;
using ControlPlane.Server.Tests.Api;
using ControlPlane.Server.Tests.Placements;

namespace ControlPlane.Server.Tests.Failover;

/// <summary>A node is taken out of use over HTTP, by what the agent of its site is told and says.</summary>
public sealed class DecommissionEndpointTests(TestServer server) : IClassFixture<TestServer>
{
    private const string Pool = "fr-one-a-h100";

    [Fact]
    public async Task A_node_is_emptied_by_an_approved_plan_marked_as_out_and_put_in_use_again()
    {
        using var agent = new TestAgent(server, "fr-one-a");
        agent.Session = new AgentSession(Environment.TickCount64, "d");
        await agent.JoinAsync();
        Assert.Equal(200, (await agent.RenewAsync()).Status);
        var placed = await PlaceAsync();
        var node = (string)placed["nodes"]![0]!["node"]!;

        var plan = await server.PostAsync("/v1/plans", $$"""{"nodes":["{{node}}"]}""");
        var unchanged = await server.GetAsync("/v1/node-conditions");
        var wrong = await ApplyAsync(node, new string('0', 64));
        var applied = await ApplyAsync(node, (string)plan.Json["digest"]!);
        await ObeyAsync(agent, node);
        var refused = await server.PostAsync($"/v1/nodes/{node}:drain", """{"because":"again"}""");
        var open = await server.PostAsync($"/v1/nodes/{node}:uncordon", "{}");
        var after = await server.GetAsync("/v1/node-conditions");

        Assert.Equal([node], plan.Json["moves"]![0]!["fromNodes"]!.AsArray().Select(name => (string)name!));
        Assert.Equal("fr-one-a", (string)plan.Json["moves"]![0]!["to"]![0]!);
        Assert.Empty(unchanged.Json["nodes"]!.AsArray());
        Assert.Equal("409 plan-void", wrong.Problem());
        Assert.Equal((200, true), (applied.Status, (bool)applied.Json["applied"]!));
        Assert.Equal((200, "out"), (refused.Status, (string)refused.Json["duty"]!));
        Assert.Equal((200, "in-use"), (open.Status, (string)open.Json["duty"]!));
        Assert.Empty(after.Json["nodes"]!.AsArray());
    }

    [Fact]
    public async Task A_node_that_is_none_is_not_found_and_sites_and_nodes_are_not_planned_for_at_once()
    {
        var cordoned = await server.PostAsync($"/v1/nodes/{Pool}-0009:cordon", """{"because":"gone"}""");
        var named = await server.PostAsync($"/v1/nodes/{Pool}:cordon", """{"because":"gone"}""");
        var planned = await server.PostAsync("/v1/plans", $$"""{"nodes":["{{Pool}}-0009"]}""");
        var both = await server.PostAsync("/v1/plans", $$"""{"nodes":["{{Pool}}-0001"],"sites":["fr-one-a"]}""");
        var neither = await server.PostAsync("/v1/plans", "{}");

        Assert.Equal("404 not-found", cordoned.Problem());
        Assert.Equal("404 not-found", named.Problem());
        Assert.Equal("404 not-found", planned.Problem());
        Assert.Equal("422 field-conflict /nodes", both.Problem());
        Assert.Equal("422 field-required /sites", neither.Problem());
    }

    /// <summary>Runs what is desired and says so, until a node is out of use.</summary>
    private async Task ObeyAsync(TestAgent agent, string node)
    {
        for (var turn = 0; turn < 200; turn++)
        {
            await agent.RenewAsync();
            var desired = (await agent.DesiredAsync()).Text;
            var work = JsonSerializer.Deserialize<DesiredWork>(desired, AgentJson.Options)!; // the server's own form
            Assert.Equal(200, (await agent.ReportAsync(work)).Status);
            var nodes = (await server.GetAsync("/v1/node-conditions")).Json["nodes"]!.AsArray();
            if (nodes.Any(item => ((string)item!["node"]!, (string)item["duty"]!) == (node, "out"))) return;
            await Task.Delay(100);
        }

        Assert.Fail("the node was not emptied");
    }

    private async Task<JsonNode> PlaceAsync()
    {
        var placed = await server.PostAsync("/v1/placements", BadBodies.With(
            "accelerators", """{"count":2}""", BadBodies.With("regions", """{"allow":["fr-one"]}""")));
        Assert.Equal(201, placed.Status);
        return placed.Json["placement"]!["places"]![0]!;
    }

    private Task<Reply> ApplyAsync(string node, string digest) => server.PostAsync(
        "/v1/plans:apply", $$"""{"nodes":["{{node}}"],"because":"a fan is broken","approve":"{{digest}}"}""");
}
