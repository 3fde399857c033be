using System.Text.Json.Nodes;
using ControlPlane.Server.Tests.Placements;

namespace ControlPlane.Server.Tests.Api;

/// <summary>What is answered: placements, refusals with their reasons, holds and lists.</summary>
public sealed class OutcomeTests(TestServer server) : IClassFixture<TestServer>
{
    private static string Body(string workload, params string[] members)
    {
        var body = BadBodies.With("workload", $"\"{workload}\"");
        foreach (var member in members)
        {
            var (name, json) = (member[..member.IndexOf('=')], member[(member.IndexOf('=') + 1)..]);
            body = BadBodies.With(name, json, body);
        }

        return body;
    }

    [Fact]
    public async Task A19_SQL_in_a_label_is_data()
    {
        var reply = await server.PostAsync(
            "/v1/placements", Body("sql", """labels={"a":"'; drop table placement; --"}"""));

        var id = (string)reply.Json["id"]!;
        var shown = await server.GetAsync($"/v1/placements/{id}");
        Assert.Equal(
            (201, $"/v1/placements/{id}", "bound"),
            (reply.Status, reply.Headers["Location"], (string)reply.Json["outcome"]!));
        Assert.Equal((200, "\"1\"", "sql"), (shown.Status, shown.Headers["ETag"], (string)shown.Json["workload"]!));
    }

    public static TheoryData<int, string, string[], string, string> Refusals => new()
    {
        { 25, "the EU is required, only the US allowed", ["""residency=["EU"]""", """regions={"allow":["us-one"]}"""],
            "policy-contradiction", "law.request-residency" },
        { 28, "the law allows no region", ["dataClass=\"sealed\""], "no-lawful-region", "law.residency" },
        { 29, "lawful, and more than there is", ["units=13", """accelerators={"count":8}"""],
            "no-capacity", "capacity.units" },
        { 30, "more than the quota", ["dataClass=\"metered\"", """accelerators={"count":5}"""],
            "quota-exceeded", "capacity.quota" },
    };

    [Theory]
    [MemberData(nameof(Refusals))]
    public async Task A_refusal_is_an_answer_with_its_reasons(
        int row, string name, string[] members, string reason, string verdict)
    {
        var reply = await server.PostAsync("/v1/placements", Body($"refused-{row}", members));
        var planned = await server.PostAsync("/v1/placements:plan", Body($"refused-{row}", members), key: "");

        var refusal = reply.Json["refusal"]!;
        Assert.True((200, "refused") == (reply.Status, (string)reply.Json["outcome"]!), $"A{row} {name}: {reply.Text}");
        Assert.Equal(reason, (string)refusal["reason"]!);
        Assert.EndsWith(".", (string)refusal["detail"]!);
        Assert.Contains(verdict, refusal["reasons"]!.AsArray().Select(item => (string)item!["reason"]!));
        Assert.Null(reply.Json["placement"]);
        Assert.Null(reply.Json["explanation"]);
        Assert.Equal(refusal.ToJsonString(), planned.Json["refusal"]!.ToJsonString());
    }

    [Fact]
    public async Task A25_both_clauses_of_a_contradiction_are_named()
    {
        var reply = await server.PostAsync(
            "/v1/placements", Body("both", """residency=["EU"]""", """regions={"allow":["us-one"]}"""));

        Assert.Equal(
            """["request/residency","request/regions"]""", reply.Json["refusal"]!["contradicting"]!.ToJsonString());
    }

    [Fact]
    public async Task A_plan_changes_nothing_and_explains_only_when_asked()
    {
        var head = await server.HeadAsync();

        var plain = await server.PostAsync("/v1/placements:plan", Body("planned"), key: "");
        var explained = await server.PostAsync("/v1/placements:plan", Body("planned", "explain=true"), key: "");

        Assert.Equal((200, "planned"), (plain.Status, (string)plain.Json["outcome"]!));
        Assert.Null(plain.Json["explanation"]);
        Assert.Null(plain.Json["id"]);
        Assert.Equal(6, (int)explained.Json["explanation"]!["candidates"]!);
        Assert.Equal(6, explained.Json["explanation"]!["trials"]!.AsArray().Count);
        Assert.Equal(head, await server.HeadAsync());
    }

    [Fact]
    public async Task A_decision_is_shown_with_and_without_its_explanation_and_replays_to_the_same()
    {
        var placed = await server.PostAsync("/v1/placements", Body("shown", "explain=true"));
        var id = (string)placed.Json["id"]!;

        var plain = await server.GetAsync($"/v1/decisions/{id}");
        var explained = await server.GetAsync($"/v1/decisions/{id}?explain=true");
        var replayed = await server.GetAsync($"/v1/decisions/{id}/replay");

        Assert.Null(plain.Json["explanation"]);
        Assert.Equal(placed.Text, explained.Text);
        Assert.True((bool)replayed.Json["same"]!);
        Assert.Equal((string)replayed.Json["recordedDigest"]!, (string)replayed.Json["replayedDigest"]!);
        Assert.Equal(
            placed.Json["explanation"]!.ToJsonString(), replayed.Json["answer"]!["explanation"]!.ToJsonString());
    }

    [Fact]
    public async Task A_hold_is_shown_confirmed_once_and_is_then_a_placement()
    {
        var held = await server.PostAsync("/v1/holds", Body("held", "holdSeconds=600"));
        var id = (string)held.Json["id"]!;
        var shown = await server.GetAsync($"/v1/holds/{id}");

        var confirmed = await server.PostAsync($"/v1/holds/{id}:confirm", "", key: "");
        var again = await server.PostAsync($"/v1/holds/{id}:confirm", "", key: "");
        var released = await server.PostAsync($"/v1/holds/{id}:release", "", key: "");
        var gone = await server.GetAsync($"/v1/holds/{id}");

        Assert.Equal(
            (201, $"/v1/holds/{id}", "held"),
            (held.Status, held.Headers["Location"], (string)held.Json["outcome"]!));
        Assert.Equal((200, "held"), (shown.Status, (string)shown.Json["state"]!));
        Assert.Equal(
            (200, "bound", 1),
            (confirmed.Status, (string)confirmed.Json["outcome"]!, (int)confirmed.Json["epoch"]!));
        Assert.Equal(
            held.Json["placement"]!["places"]!.ToJsonString(), confirmed.Json["placement"]!["places"]!.ToJsonString());
        Assert.Equal(confirmed.Text, again.Text);
        Assert.Equal("404 not-found", released.Problem());
        Assert.Equal("404 not-found", gone.Problem());
    }

    [Fact]
    public async Task A_hold_that_ran_out_cannot_be_confirmed()
    {
        var held = await server.PostAsync("/v1/holds", Body("short", "holdSeconds=1"));
        await Task.Delay(TimeSpan.FromSeconds(2.5));

        var late = await server.PostAsync($"/v1/holds/{held.Json["id"]}:confirm", "", key: "");

        Assert.Equal("404 not-found", late.Problem());
        Assert.Contains("run out", late.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_batch_answers_each_request_in_order_and_a_refusal_stops_nothing()
    {
        var batch = $$"""{"requests":[{{Body("b0")}},{{Body("b1", "dataClass=\"sealed\"")}},{{Body("b2")}}]}""";

        var first = await server.PostAsync("/v1/placements:batch", batch, "batch-key");
        var again = await server.PostAsync("/v1/placements:batch", batch, "batch-key");
        var one = await server.PostAsync("/v1/placements", Body("b2"), "batch-key/2");

        Assert.Equal(
            ["b0 bound", "b1 refused", "b2 bound"],
            first.Json["results"]!.AsArray().Select(item => $"{item!["workload"]} {item["outcome"]}"));
        Assert.Equal(first.Text, again.Text);
        Assert.True(one.Status == 201, one.Text);
        Assert.Equal((string)first.Json["results"]![2]!["id"]!, (string)one.Json["id"]!);
    }

    [Fact]
    public async Task Lists_are_filtered_and_paged_and_a_token_belongs_to_its_list()
    {
        for (var index = 0; index < 5; index++)
            await server.PostAsync(
                "/v1/placements", Body($"p{index}", "tenant=\"pager\"", """regions={"allow":["de-one"]}"""));
        await server.PostAsync("/v1/placements", Body(
            "spread", "tenant=\"pager\"", "units=2", """spread={"over":"site","minDomains":2,"maxSkew":1}""",
            """regions={"allow":["de-one","fr-one"]}"""));

        var all = await AllAsync("/v1/placements?tenant=pager&page_size=2");
        var french = await AllAsync("/v1/placements?tenant=pager&site=fr-one-a");
        var german = await AllAsync("/v1/placements?tenant=pager&region=de-one");
        var held = await AllAsync("/v1/placements?tenant=pager&state=held");
        var first = await server.GetAsync("/v1/placements?tenant=pager&page_size=2");
        var elsewhere = await server.GetAsync($"/v1/placements?tenant=other&page_token={first.Json["nextPageToken"]}");

        Assert.Equal(["p0", "p1", "p2", "p3", "p4", "spread"], all);
        Assert.Equal(["spread"], french);
        Assert.Equal(["p0", "p1", "p2", "p3", "p4", "spread"], german);
        Assert.Empty(held);
        Assert.Equal("400 page-token ?page_token", elsewhere.Problem());
    }

    [Theory]
    [InlineData("regions", "regions", "de-one fr-one us-one")]
    [InlineData("sites", "sites", "de-one-a fr-one-a us-one-a")]
    [InlineData("node-pools", "nodePools",
        "de-one-a-cpu de-one-a-h100 fr-one-a-cpu fr-one-a-h100 us-one-a-cpu us-one-a-h100")]
    [InlineData("skus", "skus", "h100")]
    public async Task What_is_declared_is_listed_page_by_page_and_shown_by_id(string path, string name, string ids)
    {
        var listed = new List<string>();
        var next = "";
        do
        {
            var page = await server.GetAsync($"/v1/{path}?page_size=1{next}");
            listed.Add((string)Assert.Single(page.Json[name]!.AsArray())!["id"]!);
            next = page.Json["nextPageToken"] is { } token ? $"&page_token={token}" : "";
        }
        while (next.Length > 0);

        Assert.Equal(ids.Split(' '), listed);
        foreach (var id in listed) Assert.Equal(id, (string)(await server.GetAsync($"/v1/{path}/{id}")).Json["id"]!);
    }

    [Fact]
    public async Task The_ledger_is_listed_from_any_position_to_its_head()
    {
        var listed = new List<long>();
        var next = "";
        do
        {
            var page = await server.GetAsync($"/v1/ledger?after=1&page_size=2{next}");
            listed.AddRange(page.Json["records"]!.AsArray().Select(record => (long)record!["position"]!));
            next = page.Json["nextPageToken"] is { } token ? $"&page_token={token}" : "";
        }
        while (next.Length > 0);

        var head = long.Parse((await server.HeadAsync()).Split(' ')[0]);
        Assert.Equal(Enumerable.Range(2, (int)head - 1).Select(position => (long)position), listed);
    }

    private async Task<List<string>> AllAsync(string path)
    {
        var names = new List<string>();
        var next = "";
        do
        {
            var page = await server.GetAsync($"{path}{next}");
            names.AddRange(page.Json["placements"]!.AsArray().Select(item => (string)item!["workload"]!));
            next = page.Json["nextPageToken"] is JsonNode token ? $"&page_token={token}" : "";
        }
        while (next.Length > 0);

        return names;
    }
}
