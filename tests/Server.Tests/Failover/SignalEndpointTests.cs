using System.Text.Json.Nodes;
using ControlPlane.Failover;
using ControlPlane.Server.Identity;
using ControlPlane.Server.Tests.Api;

namespace ControlPlane.Server.Tests.Failover;

/// <summary>What is said about the health of a site, and by whom it counts.</summary>
public sealed class SignalEndpointTests(TestServer server) : IClassFixture<TestServer>
{
    [Fact]
    public async Task The_word_of_a_provider_counts_and_that_of_an_agent_only_for_what_it_can_know()
    {
        using var one = new TestAgent(server, "de-one-a");
        using var other = new TestAgent(server, "fr-one-a");
        await one.JoinAsync();
        await other.JoinAsync();
        using var stop = new CancellationTokenSource();
        var renewing = RenewAsync([one, other], stop.Token);
        await UntilAsync("de-one-a", site => (string)site["health"]! == "healthy");
        await UntilAsync("fr-one-a", site => (string)site["health"]! == "healthy");

        // An agent speaks neither for a provider nor for the driver of another site, and is one witness.
        var lied = await other.ReportAsync(
            Said("de-one-a", SignalSource.Provider), Said("de-one-a", SignalSource.Driver),
            Said("de-one-a", SignalSource.Peer), Said("de-one-a", SignalSource.Peer) with { Healthy = true },
            Said("fr-one-a", SignalSource.Provider));
        await UntilAsync("de-one-a", site => Evidence(site).SequenceEqual(["peer ill fr-one-a: seen"]));
        var afterLies = new List<string>();
        for (var look = 0; look < 5; look++)
        {
            await Task.Delay(300);
            afterLies.AddRange(Evidence(await SiteAsync("de-one-a")));
        }

        var toGermans = (await SiteAsync("de-one-a", GermanToken()))["evidence"]!.AsArray().Single()!.AsObject();
        var wrong = await server.PostAsync("/v1/sites/de-one-a:report-health", """{"health":"so so"}""");
        var said = await server.PostAsync(
            "/v1/sites/de-one-a:report-health", """{"health":"ill","because":"no power in hall 2"}""");
        await UntilAsync("de-one-a", site => (string)site["health"]! == "suspect");
        var evidence = Evidence(await SiteAsync("de-one-a"));
        await server.PostAsync("/v1/sites/de-one-a:report-health", """{"health":"well","because":"power is back"}""");
        await UntilAsync("de-one-a", site => (string)site["health"]! == "healthy");
        // Neither an old word is shown, as if it counted, nor one of a clock that was set back since.
        foreach (var moved in new[] { "- interval '31 seconds'", "+ interval '1 hour'" })
        {
            await server.PostAsync("/v1/sites/de-one-a:report-health", """{"health":"well","because":"again"}""");
            await UntilAsync("de-one-a", site => Evidence(site).Exists(IsProviders));
            await server.Database.ExecuteAsync($"update site_signal set received_at = received_at {moved}");
            await UntilAsync("de-one-a", site => !Evidence(site).Exists(IsProviders));
        }

        await stop.CancelAsync();
        await renewing;

        Assert.True((bool)lied.Json["accepted"]!);
        Assert.DoesNotContain(afterLies, said => !said.StartsWith("peer ", StringComparison.Ordinal));
        // Who may not see France is not told of its sites.
        Assert.Equal(("peer", "ill", null), (
            (string)toGermans["source"]!, (string)toGermans["says"]!, (string?)toGermans["detail"]));
        Assert.Equal(422, wrong.Status);
        Assert.Equal(204, said.Status);
        Assert.Contains(evidence, item => item.StartsWith("provider ill", StringComparison.Ordinal)
            && item.EndsWith("no power in hall 2", StringComparison.Ordinal));
    }

    private static HealthSignal Said(string site, SignalSource source) => new()
    {
        Site = new(site), Source = source, Healthy = false, ConfidencePercent = 100, AgeMilliseconds = 0,
        Detail = "seen",
    };

    private static bool IsProviders(string said) => said.StartsWith("provider ", StringComparison.Ordinal);

    private static List<string> Evidence(JsonNode site) =>
    [
        .. (site["evidence"]?.AsArray() ?? []).Select(item => $"{item!["source"]} {item["says"]} {item["detail"]}"),
    ];

    private static async Task RenewAsync(TestAgent[] agents, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            foreach (var agent in agents) await agent.RenewAsync();
            await Task.Delay(500, CancellationToken.None);
        }
    }

    private string GermanToken() => server.Issuer.Mint(new Dictionary<string, object>
    {
        ["sub"] = "german", ["roles"] = Role.All.Select(role => role.Name).ToArray(),
        ["tenants"] = new[] { Caller.EveryTenant }, ["scope"] = string.Join(
            ' ', Permission.All.Select(each => each.Scope)),
        ["jurisdictions"] = new[] { "DE" }, ["residence"] = LocalIssuer.Anywhere,
    });

    private async Task<JsonNode> SiteAsync(string name, string? token = null) =>
        (await server.SendAnonymousAsync(new HttpRequestMessage(HttpMethod.Get, "/v1/site-conditions")
        {
            Headers = { Authorization = new("Bearer", token ?? server.Token) },
        })).Json["sites"]!.AsArray()
        .FirstOrDefault(site => (string)site!["site"]! == name) ?? new JsonObject { ["health"] = "" };

    private async Task UntilAsync(string site, Func<JsonNode, bool> holds)
    {
        var until = DateTime.UtcNow.AddSeconds(60);
        while (!holds(await SiteAsync(site)))
        {
            Assert.True(DateTime.UtcNow < until, $"not in time: {(await SiteAsync(site)).ToJsonString()}");
            await Task.Delay(100);
        }
    }
}
