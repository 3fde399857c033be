using ControlPlane.Server.Tests.Api;
using ControlPlane.Server.Tests.Placements;

namespace ControlPlane.Server.Tests.Failover;

/// <summary>Plans that are approved by their digests, and the stream of what happens.</summary>
public sealed class PlanEndpointTests(TestServer server) : IClassFixture<TestServer>
{
    private const string Sites = """
        "sites":["de-one-a"]
        """;

    [Fact]
    public async Task A_plan_is_applied_only_by_the_digest_that_it_has_now()
    {
        var placed = await PlaceAsync();
        var plan = await server.PostAsync("/v1/plans", $"{{{Sites}}}");
        var digest = (string)plan.Json["digest"]!;
        var head = await server.HeadAsync();

        var wrong = await ApplyAsync(new string('0', 64));
        var missing = await server.PostAsync("/v1/plans:apply", $$"""{{{Sites}},"because":"test"}""");
        var unchanged = await server.HeadAsync();
        var other = await PlaceAsync();
        var voided = await ApplyAsync(digest);
        var next = (string)(await server.PostAsync("/v1/plans", $"{{{Sites}}}")).Json["digest"]!;
        var applied = await ApplyAsync(next);
        var moves = await server.GetAsync("/v1/moves");

        Assert.Equal((201, 201), (placed.Status, other.Status));
        Assert.Equal("409 plan-void", wrong.Problem());
        Assert.Contains(digest, wrong.Text, StringComparison.Ordinal);
        Assert.Equal("422 field-required /approve", missing.Problem());
        Assert.Equal(head, unchanged);
        Assert.NotEqual(digest, next);
        Assert.Equal("409 plan-void", voided.Problem());
        Assert.Equal((200, true), (applied.Status, (bool)applied.Json["applied"]!));
        var moving = moves.Json["moves"]!.AsArray().Select(move => (string)move!["placement"]!);
        Assert.Superset(
            new HashSet<string> { (string)placed.Json["id"]!, (string)other.Json["id"]! }, moving.ToHashSet());
    }

    [Fact]
    public async Task One_site_is_emptied_by_a_path_of_its_own_and_the_plan_names_whose_work_moves()
    {
        const string Site = "/v1/sites/fr-one-a:evacuate";
        var placed = await server.PostAsync(
            "/v1/placements", BadBodies.With("regions", """{"allow":["fr-one"]}"""));
        var seen = await server.GetAsync($"/v1/placements/{placed.Json["id"]}");

        var plan = await server.PostAsync(Site, "{}");
        var digest = (string)plan.Json["digest"]!;
        var without = await server.PostAsync(Site, $$"""{"approve":"{{digest}}"}""");
        var wrong = await server.PostAsync(Site, """{"approve":"0","because":"cooling"}""");
        var applied = await server.PostAsync(Site, $$"""{"approve":"{{digest}}","because":"cooling"}""");
        var opened = await server.PostAsync("/v1/sites/fr-one-a:uncordon", "{}");

        Assert.Equal((1, 0), ((int)opened.Json["placements"]!, (int)opened.Json["moving"]!));
        Assert.Equal((200, false), (plan.Status, (bool)plan.Json["applied"]!));
        var stays = plan.Json["stays"]!.AsArray()
            .Single(item => (string)item!["placement"]! == (string)seen.Json["id"]!)!;
        Assert.Equal(
            ((string)seen.Json["tenant"]!, (string)seen.Json["workload"]!),
            ((string)stays["tenant"]!, (string)stays["workload"]!));
        Assert.Equal("422 field-required /because", without.Problem());
        Assert.Equal("409 plan-void", wrong.Problem());
        Assert.Equal((200, true), (applied.Status, (bool)applied.Json["applied"]!));
    }

    [Fact]
    public async Task A_name_that_is_mistyped_is_answered_with_what_was_meant()
    {
        var site = await server.PostAsync("/v1/sites/de-onea:cordon", """{"because":"test"}""");
        var plan = await server.PostAsync("/v1/plans", """{"sites":["de-onea"]}""");
        var pool = await server.PostAsync("/v1/nodes/de-one-a-h10-0001:cordon", """{"because":"test"}""");
        var node = await server.PostAsync("/v1/nodes/de-one-a-h100-0009:cordon", """{"because":"test"}""");
        var none = await server.PostAsync("/v1/plans", """{"nodes":["something"]}""");

        Assert.Equal(
            Enumerable.Repeat(404, 5), new[] { site, plan, pool, node, none }.Select(answer => answer.Status));
        Assert.Contains("did you mean 'de-one-a'?", site.Text.Replace("\\u0027", "'"), StringComparison.Ordinal);
        Assert.Contains("did you mean 'de-one-a'?", plan.Text.Replace("\\u0027", "'"), StringComparison.Ordinal);
        Assert.Contains("'de-one-a-h100'", pool.Text.Replace("\\u0027", "'"), StringComparison.Ordinal);
        Assert.Contains("0000 to 0003", node.Text, StringComparison.Ordinal);
        Assert.Contains("POOL-0003", none.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Events_go_on_behind_the_last_one_that_was_seen_whatever_happened_meanwhile()
    {
        var before = await HeadAsync();
        await OperateAsync("cordon", "first");
        var seen = await EventsAsync(before);
        var last = Ids(seen)[^1];
        await OperateAsync("uncordon", "second");
        await OperateAsync("cordon", "third");
        await OperateAsync("uncordon", "fourth");

        var rest = await EventsAsync(last);
        var again = await EventsAsync(before);
        var byQuery = await server.SendToStreamAsync(
            Request($"/v1/events?after={before}"), TimeSpan.FromSeconds(2));

        Assert.Contains("first", seen, StringComparison.Ordinal);
        Assert.DoesNotContain("first", rest, StringComparison.Ordinal);
        Assert.Contains("third", rest, StringComparison.Ordinal);
        Assert.True(Ids(rest).Count >= 3 && Ids(rest).TrueForAll(id => id > last), rest);
        // Nothing is left out and nothing told twice, in which pieces it is ever fetched.
        Assert.Equal(Ids(again), [.. Ids(seen), .. Ids(rest)]);
        Assert.Equal(Ids(again), Ids(byQuery.Text));
    }

    // A reader that does not read holds up neither writers nor other readers.
    [Fact]
    public async Task A_reader_of_events_that_does_not_read_holds_up_nobody()
    {
        var before = await HeadAsync();
        using var http = new HttpClient { BaseAddress = server.Http.BaseAddress };
        var stuck = new List<HttpResponseMessage>();
        for (var reader = 0; reader < 20; reader++)
        {
            stuck.Add(await http.SendAsync(
                Request($"{http.BaseAddress}v1/events?after=0"), HttpCompletionOption.ResponseHeadersRead));
        }

        for (var change = 0; change < 40; change++)
            await OperateAsync(change % 2 == 0 ? "cordon" : "uncordon", new string('x', 400));
        var placed = await PlaceAsync();
        var seen = await EventsAsync(before);

        Assert.Equal(201, placed.Status);
        Assert.Equal(40, Ids(seen).Count(id => id > before));
        foreach (var answer in stuck) answer.Dispose();
    }

    private Task<Reply> PlaceAsync() => server.PostAsync(
        "/v1/placements", BadBodies.With("regions", """{"allow":["de-one","fr-one"]}"""));

    private Task<Reply> ApplyAsync(string digest) => server.PostAsync(
        "/v1/plans:apply", $$"""{{{Sites}},"because":"test","approve":"{{digest}}"}""");

    private async Task OperateAsync(string verb, string because) => Assert.Equal(200, (await server.PostAsync(
        $"/v1/sites/us-one-a:{verb}", $$"""{"because":"{{because}}"}""")).Status);

    private async Task<long> HeadAsync() => long.Parse((await server.HeadAsync()).Split(' ')[0]);

    private async Task<string> EventsAsync(long after)
    {
        var request = Request("/v1/events");
        request.Headers.Add("Last-Event-ID", $"{after}");
        return (await server.SendToStreamAsync(request, TimeSpan.FromSeconds(2))).Text;
    }

    private HttpRequestMessage Request(string path) => new(HttpMethod.Get, new Uri(path, UriKind.RelativeOrAbsolute))
    {
        Headers = { Authorization = new("Bearer", server.Token) },
    };

    private static List<long> Ids(string events) =>
    [
        .. events.Split('\n').Where(line => line.StartsWith("id: ", StringComparison.Ordinal))
            .Select(line => long.Parse(line["id: ".Length..])),
    ];
}
