using System.Text.Json.Nodes;
using ControlPlane.Server.Ledger;

namespace ControlPlane.Server.Tests.Api;

/// <summary>Urgent work that ends other work, as clients see it.</summary>
public sealed class PreemptionTests(TestServer server) : IClassFixture<TestServer>
{
    [Fact]
    public async Task What_ends_is_planned_answered_shown_explained_listed_and_told_and_nothing_ends_without_a_policy()
    {
        for (var index = 0; index < 4; index++)
            Assert.Equal(201, (await server.PostAsync("/v1/placements", Body($"low-{index}", "public", 0))).Status);
        var head = await server.HeadAsync();

        var planned = await server.PostAsync("/v1/placements:plan", Body("urgent", "urgent", 900), key: "");
        var barred = await server.PostAsync("/v1/placements:plan", Body("urgent", "public", 900), key: "");
        Assert.Equal(head, await server.HeadAsync());
        var placed = await server.PostAsync("/v1/placements", Body("urgent", "urgent", 900), key: "once");
        var again = await server.PostAsync("/v1/placements", Body("urgent", "urgent", 900), key: "once");

        var id = (string)placed.Json["id"]!;
        var victim = (string)Assert.Single(placed.Json["preempted"]!.AsArray())!;
        Assert.Equal((200, "planned"), (planned.Status, (string)planned.Json["outcome"]!));
        Assert.Equal(victim, (string)planned.Json["preempted"]![0]!);
        Assert.Equal("no-capacity", (string)barred.Json["refusal"]!["reason"]!);
        Assert.Contains("no policy in force allows it", (string)barred.Json["refusal"]!["preemption"]!);
        Assert.Equal((201, "bound"), (placed.Status, (string)placed.Json["outcome"]!));
        Assert.Equal(victim, (string)again.Json["preempted"]![0]!);
        await ShowsAsync(id, victim);
    }

    [Fact]
    public async Task What_ended_waits_in_the_tables_as_the_ledger_gives_them()
    {
        await using var other = new TestServer();
        await other.InitializeAsync();
        for (var index = 0; index < 4; index++)
            await other.PostAsync("/v1/placements", Body($"low-{index}", "public", 0));
        // All in one batch or in several: what comes and ends within one is shown too.
        var middle = Enumerable.Range(0, 4).Select(index =>
            other.PostAsync("/v1/placements", Body($"middle-{index}", "urgent", 400)));
        await Task.WhenAll(middle);
        await Task.WhenAll(Enumerable.Range(0, 4).Select(index =>
            other.PostAsync("/v1/placements", Body($"urgent-{index}", "urgent", 900))));
        await new ProjectedTables(other.Database.Database).WaitAsync(CancellationToken.None);

        var rebuild = new ProjectionRebuild(
            other.Database.Database, new LedgerStore(other.Database.Database, new()));

        Assert.Empty((await rebuild.VerifyAsync(CancellationToken.None)).Differences);
        Assert.Equal(8, await other.Database.AskAsync<long>("select count(*) from preempted_placement"));
        Assert.Equal(
            8,
            await other.Database.AskAsync<long>("select count(*) from decision where placement_state = 'preempted'"));
        var waiting = await new ControlPlane.Server.Capacity.WaitingStore(
            other.Database.Database, new LedgerStore(other.Database.Database, new()))
            .ReadAsync(DateTimeOffset.UtcNow.AddHours(-1), CancellationToken.None);
        Assert.Equal(8, waiting.Count);
    }

    private async Task ShowsAsync(string id, string victim)
    {
        var shown = (await server.GetAsync($"/v1/placements/{victim}")).Json;
        var running = (await server.GetAsync("/v1/placements")).Json["placements"]!.AsArray();
        var ended = (await server.GetAsync("/v1/placements?state=preempted")).Json["placements"]!.AsArray();
        var explained = (await server.GetAsync($"/v1/decisions/{id}?explain=true")).Json;
        var chosen = explained["explanation"]!["trials"]!.AsArray()
            .Single(trial => (string)trial!["outcome"]! == "chosen")!;
        using var follow = new HttpRequestMessage(HttpMethod.Get, "/v1/events?after=0");
        follow.Headers.Authorization = new("Bearer", server.Token);
        var told = await server.SendToStreamAsync(follow, TimeSpan.FromSeconds(2));

        Assert.Equal(("preempted", id), ((string)shown["state"]!, (string)shown["preemptedBy"]!));
        Assert.Equal("de-one-a", (string)shown["site"]!);
        Assert.DoesNotContain(running, item => (string)item!["id"]! == victim);
        Assert.Equal([victim], ended.Select(item => (string)item!["id"]!));
        Assert.Contains(chosen["verdicts"]!.AsArray(), verdict => (string)verdict!["reason"]! == "preference.preempts"
            && ((string)verdict["because"]!).Contains(victim, StringComparison.Ordinal));
        Assert.Contains("event: placements-preempted", told.Text);
        Assert.Contains(victim, told.Text);
    }

    private static string Body(string workload, string dataClass, int priority) => new JsonObject
    {
        ["tenant"] = "t1", ["workload"] = workload, ["kind"] = "service", ["dataClass"] = dataClass, ["units"] = 1,
        ["accelerators"] = new JsonObject { ["count"] = 8 }, ["cpuMilli"] = 1000, ["memoryMib"] = 1024,
        ["priority"] = priority, ["regions"] = new JsonObject { ["allow"] = new JsonArray("de-one") },
    }.ToJsonString();
}
