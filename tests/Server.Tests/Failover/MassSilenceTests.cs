using ControlPlane.Server.Tests.Api;

namespace ControlPlane.Server.Tests.Failover;

/// <summary>Every site falls silent at once, as when it is the server that is cut off.</summary>
public sealed class MassSilenceTests(TestServer server) : IClassFixture<TestServer>
{
    [Fact]
    public async Task Whoever_follows_is_told_that_no_site_is_taken_for_lost_and_why()
    {
        foreach (var site in new[] { "de-one-a", "fr-one-a", "us-one-a" })
        {
            using var agent = new TestAgent(server, site);
            await agent.JoinAsync();
            await agent.RenewAsync();
        }

        var request = new HttpRequestMessage(HttpMethod.Get, "/v1/events")
        {
            Headers = { Authorization = new("Bearer", server.Token) },
        };
        var told = (await server.SendToStreamAsync(
            request, TimeSpan.FromSeconds(60), until: "3 of 3 sites are silent at once")).Text;

        Assert.Contains("event: judging-paused\n", told, StringComparison.Ordinal);
        Assert.Contains("3 of 3 sites are silent at once", told, StringComparison.Ordinal);
        Assert.DoesNotContain("event: site-lost", told, StringComparison.Ordinal);
    }
}
