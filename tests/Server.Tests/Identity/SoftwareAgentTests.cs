using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using ControlPlane.Ledger;
using ControlPlane.Server.Identity;
using ControlPlane.Server.Tests.Api;
using ControlPlane.Server.Tests.Placements;

namespace ControlPlane.Server.Tests.Identity;

/// <summary>Programs that act for somebody: within their grant, their budget, and only while they may.</summary>
public sealed class SoftwareAgentTests(TestServer server) : IClassFixture<TestServer>
{
    private const string Because = """{"because":"the test says so"}""";

    [Fact]
    public async Task What_is_wider_than_whoever_gives_it_is_refused_and_every_such_thing_is_named()
    {
        var ann = TokenOf("ann", ["tenant-user"], ["t1"],
            new Rights("placements:write placements:read agents:grant", ["DE"]));

        var wide = await SendAsync(ann, "/v1/agents", """
            {"agent":"a","scopes":["placements:write","placements:plan","moves:write","agents:grant","all"],
             "tenants":["t1","t2","*"],"jurisdictions":["FR","XX"],"minutes":9999,"budget":{"accelerators":-1}}
            """);
        var agent = await GrantAsync(ann, Grant());
        var passedOn = await SendAsync((string)agent["token"]!, "/v1/agents", Grant());
        var unasked = await SendAsync((string)agent["token"]!, "/v1/placements:plan", Place("w", "\"DE\""));
        var abroad = await SendAsync((string)agent["token"]!, "/v1/placements", Place("w", "\"FR\""));
        var foreign = await SendAsync(
            (string)agent["token"]!, "/v1/placements",
            Place("w", "\"DE\"").Replace("\"t1\"", "\"t2\"", StringComparison.Ordinal));

        Assert.Equal(
            "403 grant-too-wide /scopes/1,/scopes/2,/scopes/3,/tenants/1,/tenants/2,/jurisdictions/0,/scopes/4,"
            + "/jurisdictions/1,/minutes,/budget/accelerators,/budget/moves,/budget/sites,/budget/regions,"
            + "/budget/windowMinutes",
            wide.Problem());
        Assert.Equal(["DE"], agent["grant"]!["jurisdictions"]!.AsArray().Select(each => (string)each!));
        Assert.Equal("403 role-missing", passedOn.Problem());
        Assert.Equal("403 scope-missing", unasked.Problem());
        Assert.Equal("403 jurisdiction-forbidden /residency", abroad.Problem());
        Assert.Equal("403 tenant-forbidden /tenant", foreign.Problem());
    }

    [Fact]
    public async Task Sixteen_clients_of_one_agent_hold_no_more_than_its_budget_and_get_back_what_they_gave_back()
    {
        var ann = TokenOf("bea", ["tenant-user"], ["t1"]);
        var agent = await GrantAsync(ann, Grant(accelerators: 5));
        var token = (string)agent["token"]!;

        var replies = await Task.WhenAll(Enumerable.Range(0, 16).Select(client => Task.Run(async () =>
        {
            var mine = new List<Reply>();
            for (var turn = 0; turn < 3; turn++)
                mine.Add(await SendAsync(token, "/v1/placements", Place($"w-{client}-{turn}")));
            return mine;
        })));
        var all = replies.SelectMany(each => each).ToList();
        var placed = all.Where(reply => reply.Status == 201).ToList();
        var used = await UsedAsync(ann, agent);
        var id = (string)placed[0].Json["id"]!;
        var again = await SendAsync(token, "/v1/placements", Place("again"));
        await DeleteAsync(token, $"/v1/placements/{id}");
        var back = await UsedAsync(ann, agent);
        var refunded = await SendAsync(token, "/v1/placements", Place("refunded"));

        Assert.Equal((5, 43), (placed.Count, all.Count(reply => reply.Status == 403)));
        Assert.Equal("403 agent-budget", all.First(reply => reply.Status == 403).Problem());
        Assert.Equal((5m, 4m), ((decimal)used["accelerators"]!, (decimal)back["accelerators"]!));
        Assert.Equal((403, 201), (again.Status, refunded.Status));
        var records = await server.RecordsAsync();
        var byAgent = records.Select(record => record.Event).OfType<PlacementDecided>()
            .Where(decided => decided.By is { Subject: "rebalancer", OnBehalfOf: "bea" }).ToList();
        Assert.Equal(6, byAgent.Count);
        Assert.All(byAgent, decided => Assert.Equal((string)agent["grant"]!["id"]!, decided.By!.Token));
    }

    [Fact]
    public async Task Places_and_moves_are_bounded_too()
    {
        var olaf = TokenOf("olaf", ["operator", "tenant-user"], ["*"]);
        var narrow = await GrantAsync(olaf, Grant(sites: 1, tenant: "*"));
        var token = (string)narrow["token"]!;

        var first = await SendAsync(token, "/v1/placements", Place("first"));
        var site = (string)first.Json["placement"]!["places"]![0]!["site"]!;
        var elsewhere = await SendAsync(token, "/v1/placements", Place("second", "\"US\""));
        var same = await SendAsync(token, "/v1/placements", Place("third", $"\"{site[..2].ToUpperInvariant()}\""));
        var planned = await SendAsync(token, "/v1/plans", $$"""{"sites":["{{site}}"],"because":"cooling"}""");
        var approved = $$"""
            {"sites":["{{site}}"],"because":"cooling","approve":"{{(string)planned.Json["digest"]!}}"}
            """;
        var applied = await SendAsync(token, "/v1/plans:apply", approved);

        Assert.Equal((201, 403, 201), (first.Status, elsewhere.Status, same.Status));
        Assert.Contains("2 sites of 1", elsewhere.Text, StringComparison.Ordinal);
        Assert.Equal(200, planned.Status);
        Assert.Equal("403 agent-budget", applied.Problem());
        Assert.Contains("would move", applied.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_switch_refuses_every_call_at_once_is_recorded_and_is_lifted_by_an_operator_alone()
    {
        await using var own = new TestServer();
        await own.InitializeAsync();
        var ann = TokenOf("ann", ["tenant-user"], ["t1"], new Rights { Issuer = own.Issuer });
        var olaf = TokenOf("olaf", ["operator"], ["*"], new Rights { Issuer = own.Issuer });
        var agent = await GrantAsync(ann, Grant(), own);
        var token = (string)agent["token"]!;
        var provided = own.Issuer.Mint(new Dictionary<string, object>
        {
            ["sub"] = "ann", ["act"] = new Dictionary<string, object> { ["sub"] = "script" },
            ["roles"] = new[] { "tenant-user" }, ["scope"] = Everything, ["tenants"] = new[] { "t1" },
        });

        var before = await GetAsync(token, "/v1/placements", own);
        var byTenant = await SendAsync(ann, "/v1/agents:stop", Because, own);
        var noReason = await SendAsync(olaf, "/v1/agents:stop", """{"because":" "}""", own);
        var stopped = await SendAsync(olaf, "/v1/agents:stop", """{"because":"it went mad"}""", own);
        string[] refused =
        [
            (await GetAsync(token, "/v1/placements", own)).Problem(),
            (await GetAsync(provided, "/v1/placements", own)).Problem(),
            (await SendAsync(token, "/v1/placements", Place("w"), own)).Problem(),
        ];
        var listed = await GetAsync(ann, "/v1/agents", own);
        var person = await GetAsync(ann, "/v1/placements", own);
        await SendAsync(olaf, "/v1/agents:resume", """{"because":"mended"}""", own);
        var after = await GetAsync(token, "/v1/placements", own);
        var ended = await SendAsync(ann, $"/v1/agents/{(string)agent["grant"]!["id"]!}:end", Because, own);
        var over = await GetAsync(token, "/v1/placements", own);

        Assert.Equal((200, 403, 422, 200), (before.Status, byTenant.Status, noReason.Status, stopped.Status));
        Assert.All(refused, problem => Assert.Equal("403 agents-stopped", problem));
        Assert.Equal("it went mad", (string)listed.Json["stopped"]!["because"]!);
        Assert.Equal("stopped", (string)listed.Json["agents"]![0]!["state"]!);
        Assert.Equal((200, 200, "ended"), (person.Status, after.Status, (string)ended.Json["state"]!));
        Assert.Equal("403 agent-grant", over.Problem());
        var halts = (await own.RecordsAsync()).Select(record => record.Event).OfType<AgentsHalted>()
            .Select(halt => (halt.IsHalted, halt.Because, halt.By!.Subject));
        Assert.Equal([(true, "it went mad", "olaf"), (false, "mended", "olaf")], halts);
    }

    [Fact]
    public async Task What_a_server_had_in_memory_comes_back_from_a_snapshot()
    {
        var ann = TokenOf("cleo", ["tenant-user"], ["t1"]);
        var agent = await GrantAsync(ann, Grant());
        await SendAsync((string)agent["token"]!, "/v1/placements", Place("kept"));
        var state = new LedgerState(new ControlPlane.Regions.FleetReader());
        foreach (var record in await server.RecordsAsync()) state.Fold(record);

        var read = LedgerSnapshot.Read(new ControlPlane.Regions.FleetReader(), LedgerSnapshot.Write(state));

        var id = new GrantId(Guid.Parse((string)agent["grant"]!["id"]!));
        Assert.Equal(state.Grants.Find(id), read.Grants.Find(id));
        Assert.Equal(1000, read.Grants.Find(id)!.AcceleratorMilli);
        Assert.Equal(LedgerSnapshot.DigestOf(state), LedgerSnapshot.DigestOf(read));
    }

    private static string Everything => string.Join(' ', Permission.All.Select(permission => permission.Scope));

    private static string Grant(int accelerators = 8, int sites = 3, string tenant = "t1")
    {
        var moves = tenant == Caller.EveryTenant ? ",\"moves:write\"" : "";
        return $$"""
            {"agent":"rebalancer","scopes":["placements:read","placements:write"{{moves}}],"tenants":["{{tenant}}"],
             "minutes":60,"budget":{"accelerators":{{accelerators}},"moves":0,"sites":{{sites}},"regions":3,
             "windowMinutes":60} }
            """;
    }

    private static string Place(string workload, string residency = "\"EU\"") => BadBodies.With(
        "workload", $"\"{workload}\"").Insert(1, $"\"residency\":[{residency}],");

    private async Task<JsonObject> GrantAsync(string token, string body, TestServer? at = null)
    {
        var granted = await SendAsync(token, "/v1/agents", body, at);
        Assert.True(granted.Status == 201, granted.Text);
        return granted.Json;
    }

    private async Task<JsonNode> UsedAsync(string token, JsonObject agent) =>
        (await GetAsync(token, $"/v1/agents/{(string)agent["grant"]!["id"]!}")).Json["used"]!;

    private Task<Reply> SendAsync(string token, string path, string body, TestServer? at = null)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, path)
        {
            Content = new StringContent(body, Encoding.UTF8, "application/json"),
        };
        request.Headers.Add("Idempotency-Key", $"{Guid.NewGuid()}");
        return SendAsync(token, request, at);
    }

    private Task<Reply> GetAsync(string token, string path, TestServer? at = null) =>
        SendAsync(token, new HttpRequestMessage(HttpMethod.Get, path), at);

    private Task<Reply> DeleteAsync(string token, string path) =>
        SendAsync(token, new HttpRequestMessage(HttpMethod.Delete, path), null);

    private async Task<Reply> SendAsync(string token, HttpRequestMessage request, TestServer? at)
    {
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        using (request)
        {
            var to = at ?? server;
            request.RequestUri = new Uri(to.Http.BaseAddress!, request.RequestUri!);
            return await to.SendAnonymousAsync(request);
        }
    }

    private string TokenOf(string who, string[] roles, string[] tenants, Rights? rights = null)
    {
        var claims = new Dictionary<string, object>
        {
            ["sub"] = who,
            ["roles"] = roles,
            ["tenants"] = tenants,
            ["scope"] = rights?.Scope ?? Everything,
            ["residence"] = LocalIssuer.Anywhere,
        };
        if (rights?.Jurisdictions is { } confined) claims["jurisdictions"] = confined;
        return (rights?.Issuer ?? server.Issuer).Mint(claims);
    }

    /// <summary>What a token says beside who, what and for whom.</summary>
    private sealed record Rights(string? Scope = null, string[]? Jurisdictions = null)
    {
        public LocalIssuer? Issuer { get; init; }
    }
}
