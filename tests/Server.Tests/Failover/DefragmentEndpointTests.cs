using System.Text.Json;
using System.Text.Json.Nodes;
using ControlPlane.Failover;
using ControlPlane.Server.Tests.Api;
using ControlPlane.Server.Tests.Placements;

namespace ControlPlane.Server.Tests.Failover;

/// <summary>Whole nodes become free over HTTP, by what the agent of the site is told and says.</summary>
public sealed class DefragmentEndpointTests(TestServer server) : IClassFixture<TestServer>
{
    private const string Report = "/v1/reports/defragmentation?moves=5";

    [Fact]
    public async Task A_plan_is_carried_out_by_its_digest_and_only_while_it_is_still_the_same()
    {
        using var agent = new TestAgent(server, "fr-one-a");
        agent.Session = new AgentSession(Environment.TickCount64, "d");
        await agent.JoinAsync();
        Assert.Equal(200, (await agent.RenewAsync()).Status);
        var first = await PlaceAsync(2);
        var filler = await PlaceAsync(6);
        var second = await PlaceAsync(2);
        await server.Http.DeleteAsync($"/v1/placements/{filler}");

        var plan = await server.GetAsync(Report);
        var digest = (string)plan.Json["digest"]!;
        var wrong = await ApplyAsync(new string('0', 64));
        var filled = await PlaceAsync(6);
        var voided = await ApplyAsync(digest);
        await server.Http.DeleteAsync($"/v1/placements/{filled}");
        var applied = await ApplyAsync(digest);
        var again = await ApplyAsync(digest);
        var moved = Guid.Parse((string)applied.Json["moves"]![0]!["placement"]!);
        await ObeyAsync(agent, moved);
        var after = await server.GetAsync(Report);

        Assert.Equal((1, 8), ((int)plan.Json["moves"]!, FreedBy(plan.Json)));
        Assert.Equal("409 plan-void", wrong.Problem());
        Assert.Equal("409 plan-void", voided.Problem());
        Assert.Equal((200, true), (applied.Status, (bool)applied.Json["applied"]!));
        Assert.Equal("409 plan-void", again.Problem());
        Assert.Contains(moved, new[] { first, second });
        Assert.Equal(
            ((long)plan.Json["acceleratorsOnFreeNodesAfter"]!, 0),
            ((long)after.Json["acceleratorsOnFreeNodesBefore"]!, (int)after.Json["moves"]!));
    }

    private static int FreedBy(JsonNode plan) =>
        (int)((long)plan["acceleratorsOnFreeNodesAfter"]! - (long)plan["acceleratorsOnFreeNodesBefore"]!);

    /// <summary>Runs what is desired and says so, until a placement is on no move any more.</summary>
    private async Task ObeyAsync(TestAgent agent, Guid moved)
    {
        for (var turn = 0; turn < 200; turn++)
        {
            await agent.RenewAsync();
            var desired = (await agent.DesiredAsync()).Text;
            var work = JsonSerializer.Deserialize<DesiredWork>(desired, AgentJson.Options)!; // the server's own form
            Assert.Equal(200, (await agent.ReportAsync(work)).Status);
            var moves = (await server.GetAsync("/v1/moves")).Json["moves"]!.AsArray();
            if (moves.All(move => Guid.Parse((string)move!["placement"]!) != moved)) return;
            await Task.Delay(100);
        }

        Assert.Fail("the move did not come to its end");
    }

    private async Task<Guid> PlaceAsync(int accelerators)
    {
        var placed = await server.PostAsync("/v1/placements", BadBodies.With(
            "accelerators", $$"""{"count":{{accelerators}}}""",
            BadBodies.With("regions", """{"allow":["fr-one"]}""")));
        Assert.Equal(201, placed.Status);
        return Guid.Parse((string)placed.Json["id"]!);
    }

    private Task<Reply> ApplyAsync(string digest) => server.PostAsync(
        "/v1/plans:defragment", $$"""{"moves":5,"because":"room for a gang","approve":"{{digest}}"}""");
}
