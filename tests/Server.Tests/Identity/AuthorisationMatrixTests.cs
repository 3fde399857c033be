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
                        var id = operation.PathId == PathIdForm.Uuid ? await PlaceAsync(operation, body) : "de-one";
                        var reply = await AskAsync(new Cell(endpoint, method, role, whose), id, body);
                        if (Fault(operation, role, whose, reply) is { } fault)
                            wrong.Add($"{method} {endpoint.RoutePattern.RawText} {role} {whose}: {fault}");
                    }
        }

        output.WriteLine($"{cells} cells, {server.Endpoints.Count()} endpoints");
        Assert.Empty(wrong);
        Assert.True(cells >= server.Endpoints.Count() * Role.All.Count * 3);
    }

    private static string? Fault(ApiOperation operation, Role role, Whose whose, Reply reply)
    {
        // An answer to HEAD has no body to read the slug from.
        var slug = reply.Status >= 400 && reply.Text.Length > 0 ? reply.Problem().Split(' ')[1] : "";
        var needs = operation.Needs!;
        if (needs == Permission.Everybody) return reply.Status is 401 or 403 ? $"closed: {slug}" : null;
        if (!role.Grants.Contains(needs))
        {
            return reply.Status == 403 && (slug.Length == 0 || slug == "role-missing")
                ? null
                : $"{reply.Status} {slug}";
        }

        if (slug is "role-missing" or "scope-missing" or "operation-closed") return slug;
        if (reply.Status >= 500) return $"{reply.Status} {reply.Text}";
        var hidden = whose == Whose.OtherJurisdictions || (whose == Whose.OtherTenants && !role.SeesAllTenants);
        if (whose == Whose.Own || !hidden) return null;
        if (whose == Whose.OtherTenants && reply.Text.Contains(Canary, StringComparison.Ordinal)) return "leaks";
        var isPlacement = needs.Scope.StartsWith("placements:", StringComparison.Ordinal);
        return operation.PathId == PathIdForm.Uuid && isPlacement && reply.Status != 404
            ? $"{reply.Status} for what is not there for it"
            : null;
    }

    private async Task<Reply> AskAsync(Cell cell, string id, string body)
    {
        var path = cell.Endpoint.RoutePattern.RawText!
            .Replace("{slug}", "not-found", StringComparison.Ordinal)
            .Replace("{id}", id, StringComparison.Ordinal)
            .Replace("{site}", "de-one-a", StringComparison.Ordinal);
        using var request = new HttpRequestMessage(new HttpMethod(cell.Method), path);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", TokenFor(cell.Role, cell.Whose));
        if (cell.Method is "POST" or "PUT")
        {
            var tenant = cell.Whose == Whose.OtherTenants ? "\"t2\"" : "\"t1\"";
            var own = body.Replace("\"t1\"", tenant, StringComparison.Ordinal);
            request.Content = new StringContent(own, Encoding.UTF8, "application/json");
            request.Headers.Add("Idempotency-Key", $"{Guid.NewGuid()}");
        }

        // What streams without an end is looked at for as long as it takes to be let in or not.
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        return await server.SendAnonymousAsync(request, limit.Token);
    }

    private string TokenFor(Role role, Whose whose) => server.Issuer.Mint(new Dictionary<string, object>
    {
        ["sub"] = string.Create(CultureInfo.InvariantCulture, $"{role}-{whose}"),
        ["roles"] = new[] { role.Name },
        ["scope"] = string.Join(' ', Permission.All.Select(permission => permission.Scope)),
        ["tenants"] = new[] { whose == Whose.OtherTenants ? "t2" : "t1" },
        ["residence"] = LocalIssuer.Anywhere,
        ["site"] = "de-one-a",
        ["jurisdictions"] = whose == Whose.OtherJurisdictions ? ["JP"] : new[] { "DE", "EU", "FR" },
    });

    private async Task<string> PlaceAsync(ApiOperation operation, string body)
    {
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

    private sealed record Cell(RouteEndpoint Endpoint, string Method, Role Role, Whose Whose);
}
