using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using ControlPlane.Server.Hosting;
using ControlPlane.Server.Identity;
using ControlPlane.Server.Tests.Api;
using ControlPlane.Server.Tests.Placements;
using Microsoft.AspNetCore.Routing;
using Xunit.Abstractions;

namespace ControlPlane.Server.Tests.Identity;

/// <summary>
/// Every role at every endpoint that is mapped, for its own things, another tenant's and another jurisdiction's. The
/// cells are made from the endpoints, so that one that is added is in here by itself.
/// </summary>
public sealed class AuthorisationMatrixTests(TestServer server, ITestOutputHelper output) : IClassFixture<TestServer>
{
    private const string Canary = "canary-of-tenant-one";

    private enum Whose
    {
        Own,
        OtherTenants,
        OtherJurisdictions,
    }

    [Fact]
    public async Task Every_cell_is_answered_as_it_must_be()
    {
        var body = BadBodies.With("workload", $"\"{Canary}\"");
        var (cells, wrong) = (0, new List<string>());
        foreach (var endpoint in server.Endpoints)
        {
            var operation = endpoint.Metadata.GetMetadata<ApiOperation>()!;
            foreach (var method in endpoint.Metadata.GetMetadata<HttpMethodMetadata>()!.HttpMethods)
                foreach (var role in Role.All)
                    foreach (var whose in Enum.GetValues<Whose>())
                    {
                        cells++;
                        // A thing of its own for each cell: what the cell before did to it must not matter.
                        var id = operation.PathId == PathIdForm.Uuid
                            ? await PlaceAsync(operation, body)
                            : NameIn(endpoint);
                        var cell = new Cell(endpoint, method, role, whose);
                        var reply = await AskAsync(cell, id, body);
                        if (Fault(cell, operation, reply) is { } fault)
                            wrong.Add($"{method} {endpoint.RoutePattern.RawText} {role} {whose}: {fault}");
                    }
        }

        output.WriteLine($"{cells} cells, {server.Endpoints.Count()} endpoints");
        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
        Assert.True(cells >= server.Endpoints.Count() * Role.All.Count * 3);
    }

    private static string? Fault(Cell cell, ApiOperation operation, Reply reply)
    {
        var (role, whose) = (cell.Role, cell.Whose);
        // An answer to HEAD has no body to read the slug from.
        var slug = reply.Status >= 400 && reply.Text.Length > 0 ? reply.Problem().Split(' ')[1] : "";
        var needs = operation.Needs!;
        if (needs == Permission.Everybody)
            return reply.Status == 401 || (reply.Status == 403 && slug != "enrol-refused") ? $"closed: {slug}" : null;
        if (!role.Grants.Contains(needs))
        {
            return reply.Status == 403 && (slug.Length == 0 || slug == "role-missing")
                ? null
                : $"{reply.Status} {slug}";
        }

        if (slug is "role-missing" or "scope-missing" or "operation-closed") return slug;
        if (reply.Status >= 500) return $"{reply.Status} {reply.Text}";
        var hidden = whose == Whose.OtherJurisdictions || (whose == Whose.OtherTenants && !role.SeesAllTenants);
        if (whose == Whose.Own || !hidden)
        {
            var isTaken = reply.Status < 400 || slug == "plan-void"; // no digest is known before
            return whose == Whose.Own && samples.ContainsKey(operation.Id) && !isTaken
                ? $"the sample is not taken: {reply.Text}"
                : null;
        }

        if (whose == Whose.OtherJurisdictions && operation.IsOfWholeFleet)
            return reply.Status == 403 && slug is "" or "jurisdiction-forbidden" ? null : $"{reply.Status} {slug}";
        if (Leaks(whose, needs, reply)) return "leaks";
        // What has an id of its own is somebody's, and what acts on a site needs a site within sight.
        var isHidden = operation.PathId == PathIdForm.Uuid
            || (whose == Whose.OtherJurisdictions && operation.Id != "importUsage"
                && (needs == Permission.SitesOperate || needs == Permission.MovesWrite));
        return isHidden && reply.Status != 404 ? $"{reply.Status} for what is not there for it" : null;
    }

    private static bool Leaks(Whose whose, Permission needs, Reply reply) => whose == Whose.OtherTenants
        ? reply.Text.Contains(Canary, StringComparison.Ordinal)
        : !tells.Contains(needs) && reply.Status == 200
            && (reply.Text.Contains(Canary, StringComparison.Ordinal)
                || reply.Text.Contains("-one", StringComparison.Ordinal));

    /// <summary>Policies are told to whoever may read them, as the law is public; they may name regions.</summary>
    private static readonly Permission[] tells = [Permission.PoliciesRead];

    private async Task<Reply> AskAsync(Cell cell, string id, string body)
    {
        var operation = cell.Endpoint.Metadata.GetMetadata<ApiOperation>()!;
        var path = cell.Endpoint.RoutePattern.RawText!
            .Replace("{slug}", "not-found", StringComparison.Ordinal)
            .Replace("{id}", id, StringComparison.Ordinal)
            .Replace("{site}", "de-one-a", StringComparison.Ordinal);
        var streams = operation.Answers.Any(answer => answer.MediaType == "text/event-stream");
        using var request = new HttpRequestMessage(new HttpMethod(cell.Method), streams ? path + "?after=0" : path);
        request.Headers.Authorization = new AuthenticationHeaderValue(
            "Bearer", await TokenForAsync(cell.Role, cell.Whose));
        if (cell.Method is "POST" or "PUT")
        {
            var tenant = cell.Whose == Whose.OtherTenants ? "\"t2\"" : "\"t1\"";
            var own = samples.GetValueOrDefault(operation.Id, body)
                .Replace("\"t1\"", tenant, StringComparison.Ordinal)
                .Replace("NAME", $"n{Guid.NewGuid()}", StringComparison.Ordinal);
            request.Content = new StringContent(own, Encoding.UTF8, "application/json");
            request.Headers.Add("Idempotency-Key", $"{Guid.NewGuid()}");
        }

        // What streams without an end is looked at for as long as it takes to be let in or not.
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        if (streams) return await server.SendToStreamAsync(request, TimeSpan.FromSeconds(1));
        var reply = await server.SendAnonymousAsync(request, limit.Token);
        // The next cell's software agent is to be let in again.
        if (operation.Id == "stopAgents") await server.PostAsync("/v1/agents:resume", Because);
        return reply;
    }

    private static string NameIn(RouteEndpoint endpoint) =>
        endpoint.RoutePattern.RawText!.StartsWith("/v1/nodes/", StringComparison.Ordinal) ? "fr-one-a-h100-0001"
        : endpoint.RoutePattern.RawText!.StartsWith("/v1/sites/", StringComparison.Ordinal) ? "fr-one-a" : "de-one";

    /// <summary>Bodies by operation, so that whoever is let in gets as far as what it asks for.</summary>
    private static readonly Dictionary<string, string> samples = new()
    {
        ["cordonSite"] = Because,
        ["uncordonSite"] = Because,
        ["grantAgent"] = Grant,
        ["endAgent"] = Because,
        ["stopAgents"] = Because,
        ["resumeAgents"] = Because,
        ["drainSite"] = Because,
        ["evacuateSite"] = Because,
        ["reportSiteHealth"] = """{"health":"well","because":"test"}""",
        ["declareSiteDead"] = Because,
        ["planEvacuation"] = """{"sites":["fr-one-a"],"because":"the matrix"}""",
        ["applyPlan"] = """{"sites":["fr-one-a"],"because":"the matrix","approve":"0"}""",
        ["cordonNode"] = Because,
        ["uncordonNode"] = Because,
        ["drainNode"] = Because,
        ["applyDefragmentation"] = """{"because":"the matrix","approve":"0"}""",
        ["makeReservation"] = Reservation,
        ["importUsage"] = """
            {"rows":[{"hour":"2026-03-01T10:00:00Z","region":"fr-one","sku":"h100","usedMilli":1}]}
            """,
        ["assessWhatIf"] = """{"power":[{"site":"fr-one-a","megawatts":1}]}""",
        ["runDrill"] = """{"scenario":"region-lost de-one"}""",
        ["askEmergency"] = """
            {"permission":"moves:write","reason":"fire, and nobody can be reached","minutes":30}
            """,
    };

    private const string Because = """{"because":"the matrix"}""";

    private const string Reservation = """
        {"tenant":"t1","name":"NAME","region":"de-one","sku":"h100","accelerators":1,
         "from":"2030-01-01T20:00:00Z","until":"2030-01-02T04:00:00Z"}
        """;

    private const string Grant = """
        {"agent":"agent-x","scopes":["placements:read"],"tenants":["t1"],"minutes":60,
         "budget":{"accelerators":1,"moves":0,"sites":1,"regions":1,"windowMinutes":60}}
        """;

    private readonly Dictionary<Whose, string> agents = [];

    /// <summary>A software agent has its role by a grant, of somebody with every role.</summary>
    private async Task<string> TokenForAsync(Role role, Whose whose)
    {
        if (role != Role.Agent) return TokenFor(whose, role);
        if (agents.TryGetValue(whose, out var token)) return token;
        var scopes = Role.Agent.Grants.Where(Permission.All.Contains).Select(each => $"\"{each.Scope}\"");
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/agents")
        {
            Content = new StringContent(
                Grant.Replace("\"placements:read\"", string.Join(',', scopes), StringComparison.Ordinal)
                    .Replace(":1,", ":100000,", StringComparison.Ordinal)
                    .Replace(":0,", ":100000,", StringComparison.Ordinal)
                    .Replace("\"t1\"", whose == Whose.OtherTenants ? "\"t2\"" : "\"t1\"", StringComparison.Ordinal),
                Encoding.UTF8, "application/json"),
        };
        request.Headers.Authorization = new AuthenticationHeaderValue(
            "Bearer", TokenFor(whose, [.. Role.All.Where(each => each != Role.Agent)]));
        var granted = await server.SendAnonymousAsync(request);
        Assert.True(granted.Status == 201, granted.Text);
        return agents[whose] = (string)granted.Json["token"]!;
    }

    private string TokenFor(Whose whose, params Role[] roles) => server.Issuer.Mint(new Dictionary<string, object>
    {
        ["sub"] = string.Create(CultureInfo.InvariantCulture, $"{roles[0]}-{whose}"),
        ["roles"] = roles.Select(role => role.Name).ToArray(),
        ["scope"] = string.Join(' ', Permission.All.Select(permission => permission.Scope)),
        ["tenants"] = new[] { whose == Whose.OtherTenants ? "t2" : "t1" },
        ["residence"] = LocalIssuer.Anywhere,
        ["site"] = "de-one-a",
        ["jurisdictions"] = whose == Whose.OtherJurisdictions ? ["JP"] : new[] { "EU", "US" },
    });

    private async Task<string> PlaceAsync(ApiOperation operation, string body)
    {
        if (operation.Id == "endReservation")
        {
            var named = Reservation.Replace("NAME", $"n{Guid.NewGuid()}", StringComparison.Ordinal);
            var made = await server.PostAsync("/v1/reservations", named);
            Assert.True(made.Status == 201, made.Text);
            return (string)made.Json["id"]!;
        }

        if (operation.Id is "getAgent" or "endAgent")
        {
            var granted = await server.PostAsync("/v1/agents", Grant.Insert(1, "\"jurisdictions\":[\"DE\"],"));
            Assert.True(granted.Status == 201, granted.Text);
            var grant = (string)granted.Json["grant"]!["id"]!;
            // Those that are not ended in a cell end here, as only so many may be in force.
            grants.Add(grant);
            if (grants.Count <= 20) return grant;
            await server.PostAsync($"/v1/agents/{grants[0]}:end", Because);
            grants.RemoveAt(0);
            return grant;
        }

        var holds = operation.Tag == "Holds";
        var asked = holds ? body.Insert(1, "\"holdSeconds\":600,") : body;
        var placed = await server.PostAsync(holds ? "/v1/holds" : "/v1/placements", asked);
        Assert.True(placed.Status is 200 or 201, placed.Text);
        var id = (string)placed.Json["id"]!;
        used.Add(id);
        // Room is small: what an earlier cell left is given back.
        if (used.Count > 2)
        {
            await server.SendAsync(new HttpRequestMessage(HttpMethod.Delete, $"/v1/placements/{used[0]}"));
            used.RemoveAt(0);
        }

        return id;
    }

    private readonly List<string> used = [];
    private readonly List<string> grants = [];

    private sealed record Cell(RouteEndpoint Endpoint, string Method, Role Role, Whose Whose);
}
