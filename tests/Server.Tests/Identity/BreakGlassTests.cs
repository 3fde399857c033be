using System.Net.Http.Headers;
using System.Text;
using ControlPlane.Ledger;
using ControlPlane.Regions;
using ControlPlane.Server.Identity;
using ControlPlane.Server.Tests.Api;

namespace ControlPlane.Server.Tests.Identity;

/// <summary>Emergencies with a second person, and operators who reside elsewhere.</summary>
public sealed class BreakGlassTests(TestServer server) : IClassFixture<TestServer>
{
    private const string Fire = """
        {"permission":"ledger:read","reason":"the auditor is away and a court asks","minutes":5}
        """;

    [Fact]
    public async Task T59_without_a_reason_or_a_second_person_nothing_is_lent_and_it_says_what_is_missing()
    {
        var noReason = await PostAsync("ann", "/v1/break-glass", """{"permission":"ledger:read","minutes":5}""");
        var asked = await PostAsync("ann", "/v1/break-glass", Fire);
        var ask = (string)asked.Json["ask"]!;
        var bySelf = await PostAsync("ann", "/v1/break-glass:approve", $$"""{"ask":"{{ask}}"}""");
        var unapproved = await UseAsync("ann", ask);

        Assert.Equal("403 approval-required /reason", noReason.Problem());
        Assert.Equal("403 approval-required /ask", bySelf.Problem());
        Assert.Contains("the second person is the one who asked", bySelf.Text, StringComparison.Ordinal);
        Assert.Equal("403 approval-required Cplane-Break-Glass", unapproved.Problem());
        Assert.Contains("no second person", unapproved.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_a_second_person_approved_is_lent_to_the_one_who_asked_alone_and_is_in_the_ledger()
    {
        var ask = (string)(await PostAsync("bea", "/v1/break-glass", Fire)).Json["ask"]!;
        var approved = await PostAsync("carl", "/v1/break-glass:approve", $$"""{"ask":"{{ask}}"}""");
        var approval = (string)approved.Json["approval"]!;

        var without = await UseAsync("bea", null);
        var with = await UseAsync("bea", approval);
        var another = await UseAsync("carl", approval);
        var changed = await UseAsync("bea", $"{approval[..^2]}{(approval[^2] == 'A' ? 'B' : 'A')}{approval[^1]}");

        Assert.Equal(("bea", "ledger:read"), ((string)approved.Json["for"]!, (string)approved.Json["permission"]!));
        Assert.Equal((403, 200, 403, 403), (without.Status, with.Status, another.Status, changed.Status));
        Assert.Equal("403 role-missing", without.Problem());
        Assert.Contains("somebody else's", another.Text, StringComparison.Ordinal);
        var recorded = (await server.RecordsAsync()).Select(record => record.Event).OfType<EmergencyRecorded>()
            .Where(item => item.Bearer == "bea").Select(item => (item.Stage, item.By!.Subject));
        Assert.Equal([("asked", "bea"), ("approved", "carl")], recorded);
    }

    [Fact]
    public void T58_an_operator_who_resides_elsewhere_is_kept_out_by_the_law_of_the_region()
    {
        var fleet = SmallFleetWithPersonnel();
        var region = fleet.Regions[0];
        var at = new FleetAt(fleet, new DateTimeOffset(2026, 11, 21, 12, 0, 0, TimeSpan.Zero));

        string? SlugFor(string? home) => OperatorReach.Problem(OperatorFrom(home), region, at)?.Slug;

        Assert.Equal(
            (null, "operator-residency", "operator-residency"),
            (SlugFor("DE"), SlugFor("US"), SlugFor(null)));
        Assert.Contains(
            region.Id.Value, OperatorReach.Problem(OperatorFrom("US"), region, at)!.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/v1/plans", "\"sites\":[\"SITE\"],\"because\":\"cooling\"")]
    [InlineData("/v1/plans:apply", "\"sites\":[\"SITE\"],\"because\":\"cooling\",\"approve\":\"0\"")]
    [InlineData(
        "/v1/usage:import", "\"rows\":[{\"hour\":\"2026-03-01T10:00:00Z\",\"region\":\"REGION\",\"usedMilli\":1}]")]
    public async Task Places_that_a_body_names_are_kept_from_an_operator_who_resides_elsewhere(
        string path, string members)
    {
        await using var shipped = TestServer.OnShippedFiles();
        await shipped.InitializeAsync();
        var body = $"{{{members}}}".Replace("SITE", Site, StringComparison.Ordinal)
            .Replace("REGION", Region, StringComparison.Ordinal);

        async Task<Reply> AskFromAsync(string home)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, path)
            {
                Content = new StringContent(body, Encoding.UTF8, "application/json"),
            };
            var token = shipped.Issuer.Mint(new Dictionary<string, object>
            {
                ["sub"] = "olaf", ["roles"] = new[] { "operator" }, ["residence"] = home,
                ["scope"] = "sites:operate moves:write",
            });
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
            return await shipped.SendAnonymousAsync(request);
        }

        var (inside, outside) = (await AskFromAsync("DE"), await AskFromAsync("US"));

        Assert.Equal("403 operator-residency", outside.Problem().Trim());
        Assert.NotEqual(403, inside.Status);
        Assert.True(inside.Status < 500, inside.Text);
    }

    /// <summary>A region that claims where its people reside.</summary>
    private const string Region = "fi-nebius-mantsala";

    private const string Site = "fi-nebius-mantsala-a";

    private static Caller OperatorFrom(string? home) => new()
    {
        Issuer = "https://id.example",
        Subject = "olaf",
        Roles = [Role.Operator],
        Residence = home is null ? null : new JurisdictionId(home),
    };

    private static Fleet SmallFleetWithPersonnel()
    {
        const string Claim = """
            claims:
              - kind: personnel
                jurisdictions: ["DE"]
                validFrom: 2026-01-01
                evidence: { confidence: low, assumed: true, note: "made up" }
            sites:
            """;
        var files = SmallFleet.Files().Select(file => file with
        {
            Text = file.Text.Contains("\nsites:", StringComparison.Ordinal)
                ? file.Text.Replace("\nsites:", $"\n{Claim.Trim()}", StringComparison.Ordinal)
                : file.Text,
        });
        return RegionFiles.Parse([.. files]).Value;
    }

    private async Task<Reply> PostAsync(string who, string path, string body)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path)
        {
            Content = new StringContent(body, Encoding.UTF8, "application/json"),
        };
        request.Headers.Authorization = TokenOf(who);
        return await server.SendAnonymousAsync(request);
    }

    private async Task<Reply> UseAsync(string who, string? approval)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/ledger/head");
        request.Headers.Authorization = TokenOf(who);
        if (approval is not null) request.Headers.Add(BreakGlass.Header, approval);
        return await server.SendAnonymousAsync(request);
    }

    private AuthenticationHeaderValue TokenOf(string who) =>
        new("Bearer", server.Issuer.Mint(new Dictionary<string, object>
        {
            ["sub"] = who,
            ["roles"] = new[] { "operator" },
            ["scope"] = "break-glass:ask break-glass:approve",
        }));
}
