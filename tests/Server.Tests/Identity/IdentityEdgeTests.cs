using System.Net.Http.Headers;
using ControlPlane.Ledger;
using ControlPlane.Server.Hosting;
using ControlPlane.Server.Identity;
using ControlPlane.Server.Tests.Api;
using ControlPlane.Server.Tests.Placements;

namespace ControlPlane.Server.Tests.Identity;

/// <summary>What callers are told who are not known or may not do what they ask, over a real socket.</summary>
public sealed class IdentityEdgeTests(TestServer server) : IClassFixture<TestServer>
{
    private static readonly string[] everything = [.. Permission.All.Select(permission => permission.Scope)];

    [Fact]
    public async Task T50_without_a_token_nobody_is_known_and_it_says_how_to_be()
    {
        var read = await SendAsync("GET", "/v1/regions", null);
        var write = await SendAsync("POST", "/v1/placements", null);
        var basic = await SendAsync("GET", "/v1/regions", new AuthenticationHeaderValue("Basic", "YTpi"));

        Assert.Equal("401 unauthenticated", read.Problem());
        Assert.Equal("401 unauthenticated", write.Problem());
        Assert.Equal("Bearer realm=\"control-plane\"", read.Headers["WWW-Authenticate"]);
        Assert.Equal("401 token-invalid", basic.Problem());
    }

    [Fact]
    public async Task T51_a_token_out_of_its_time_is_told_by_how_much()
    {
        var ranOut = await AskAsync(Claims(("exp", Now(-60))));
        var early = await AskAsync(Claims(("nbf", Now(120))));

        Assert.Equal("401 token-time Authorization", ranOut.Problem());
        Assert.Matches("ran out (60|61|62|63|64|65) s ago", ranOut.Text);
        Assert.Equal("401 token-time Authorization", early.Problem());
        Assert.Matches("counts in 1(15|16|17|18|19|20) s only", early.Text);
        Assert.Equal("Bearer realm=\"control-plane\", error=\"invalid_token\"", early.Headers["WWW-Authenticate"]);
    }

    [Fact]
    public async Task T52_to_T55_whatever_is_wrong_with_a_token_the_answer_is_the_same()
    {
        var good = server.Issuer.Mint(Claims());
        string[] bad =
        [
            server.Issuer.Mint(Claims(("iss", "https://other.example"))),
            server.Issuer.Mint(Claims(("aud", "billing"))),
            $"{TestIssuer.Encode("""{"alg":"none","typ":"at+jwt"}""")}.{good.Split('.')[1]}.",
            $"{TestIssuer.Encode("""{"alg":"HS256","typ":"at+jwt","kid":"x"}""")}.{good.Split('.')[1]}.AAAA",
            $"{good.Split('.')[0]}.{good.Split('.')[1]}.{good.Split('.')[2][..^4]}AAAA",
            $"{TestIssuer.Encode("""{"alg":"ES256","typ":"JWT","kid":"x"}""")}.{good.Split('.')[1]}.AAAA",
            "no-token",
        ];

        var answers = new List<Reply>();
        foreach (var token in bad) answers.Add(await AskAsync(token));

        Assert.All(answers, answer => Assert.Equal("401 token-invalid Authorization", answer.Problem()));
        Assert.Single(answers.Select(answer => (string)answer.Json["detail"]!).Distinct());
        Assert.Equal(200, (await AskAsync(good)).Status);
    }

    [Fact]
    public async Task T56_a_token_over_the_limit_is_refused_with_the_limit()
    {
        var large = await AskAsync(new string('a', 9 * 1024));

        Assert.Equal("401 token-too-large Authorization", large.Problem());
        Assert.Contains("the limit is 8192", large.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task T57_a_missing_scope_is_named_and_so_is_a_missing_role()
    {
        var scope = await AskAsync(Claims(("scope", "placements:read fleet:reads")));
        var part = await AskAsync(Claims(("scope", "leet:rea")));
        var none = await AskAsync(Claims(("scope", "")));
        var role = await AskAsync(Claims(("roles", new[] { "site-agent" })));

        Assert.All([scope, part, none], answer => Assert.Equal("403 scope-missing", answer.Problem()));
        Assert.Contains("the scope 'fleet:read'", scope.Text, StringComparison.Ordinal);
        Assert.Equal("403 role-missing", role.Problem());
        Assert.Contains("auditor", role.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_place_for_another_tenant_or_outside_the_jurisdictions_of_the_token_is_not_asked_for()
    {
        var before = await PlacementsAsync();

        var other = await SendAsync("POST", "/v1/placements", Bearer(Claims(("tenants", new[] { "someone-else" }))));
        var outside = await SendAsync("POST", "/v1/placements", Bearer(Claims(("jurisdictions", new[] { "FR" }))));

        Assert.Equal("403 tenant-forbidden /tenant", other.Problem());
        Assert.Equal("403 jurisdiction-forbidden /residency", outside.Problem());
        Assert.Equal(before, await PlacementsAsync());
    }

    [Fact]
    public void Every_operation_says_what_it_needs()
    {
        var silent = server.Endpoints
            .Where(endpoint => endpoint.Metadata.OfType<ApiOperation>().FirstOrDefault()?.Needs is null)
            .Select(Gate.Undeclared);

        Assert.Empty(silent);
    }

    [Fact]
    public async Task Who_changed_something_and_who_was_denied_is_in_the_ledger()
    {
        var claims = Claims(("sub", "dora"), ("act", new Dictionary<string, object> { ["sub"] = "her-agent" }));
        var placed = await SendAsync("POST", "/v1/placements", Bearer(claims));
        claims["roles"] = new[] { "auditor" };
        for (var times = 0; times < 3; times++) await SendAsync("POST", "/v1/placements", Bearer(claims));
        await SendAsync("POST", "/v1/placements", null);

        var records = await UntilAsync(() => server.RecordsAsync(), all => all.Any(record =>
            record.Event is AccessDenied { Slug: "unauthenticated" }));

        var decided = records.Single(record => record.Event is PlacementDecided decided
            && $"{decided.Id}" == (string?)placed.Json["id"]);
        Assert.Equal(new Actor("her-agent", OwnIssuer.Local, "dora", "127.0.0.1"), decided.Event.By);
        var denied = records.Where(record => record.Event is AccessDenied && record.Event.By?.OnBehalfOf == "dora");
        Assert.Equal(3, denied.Sum(record => ((AccessDenied)record.Event).Times));
        Assert.All(denied, record => Assert.Equal(
            ("createPlacement", "role-missing", 64),
            (((AccessDenied)record.Event).Operation, ((AccessDenied)record.Event).Slug,
                ((AccessDenied)record.Event).PolicyDigest.Length)));
        Assert.Contains(records, record =>
            record.Event is AccessDenied { Operation: "createPlacement" } && record.Event.By?.From == "127.0.0.1"
            && record.Event.By.Subject.Length == 0);
    }

    private static async Task<T> UntilAsync<T>(Func<Task<T>> ask, Func<T, bool> enough)
    {
        for (var tries = 0; ; tries++)
        {
            var got = await ask();
            if (enough(got) || tries == 100) return got;
            await Task.Delay(100);
        }
    }

    private async Task<string> PlacementsAsync() => (await server.GetAsync("/v1/placements")).Text;

    private Task<Reply> AskAsync(Dictionary<string, object> claims) => AskAsync(server.Issuer.Mint(claims));

    private Task<Reply> AskAsync(string token) =>
        SendAsync("GET", "/v1/regions", new AuthenticationHeaderValue("Bearer", token));

    private AuthenticationHeaderValue Bearer(Dictionary<string, object> claims) =>
        new("Bearer", server.Issuer.Mint(claims));

    private async Task<Reply> SendAsync(string method, string path, AuthenticationHeaderValue? authorization)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        if (method == "POST")
        {
            request.Content = new StringContent(BadBodies.Good, System.Text.Encoding.UTF8, "application/json");
            request.Headers.Add("Idempotency-Key", $"{Guid.NewGuid()}");
        }

        if (authorization is not null) request.Headers.Authorization = authorization;
        return await server.SendAnonymousAsync(request);
    }

    private static long Now(int seconds) => DateTimeOffset.UtcNow.AddSeconds(seconds).ToUnixTimeSeconds();

    private static Dictionary<string, object> Claims(params (string Name, object Value)[] changes)
    {
        var claims = new Dictionary<string, object>
        {
            ["sub"] = "alice",
            ["roles"] = new[] { "tenant-user" },
            ["scope"] = string.Join(' ', everything),
            ["tenants"] = new[] { "t1" },
        };
        foreach (var (name, value) in changes) claims[name] = value;
        return claims;
    }
}
