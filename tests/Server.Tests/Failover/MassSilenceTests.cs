using ControlPlane.Server.Failover;
using ControlPlane.Server.Ledger;
using ControlPlane.Server.Tests.Api;
using Microsoft.Extensions.Logging.Abstractions;

namespace ControlPlane.Server.Tests.Failover;

/// <summary>Every site falls silent at once, as when it is the server that is cut off.</summary>
public sealed class MassSilenceTests(TestServer server) : IClassFixture<TestServer>
{
    [Fact]
    public async Task Whoever_follows_any_server_is_told_that_no_site_is_taken_for_lost_and_why()
    {
        foreach (var site in new[] { "de-one-a", "fr-one-a", "us-one-a" })
        {
            using var agent = new TestAgent(server, site);
            await agent.JoinAsync();
            await agent.RenewAsync();
        }

        await server.Database.ExecuteAsync("""
            insert into writer_lease (holder, address, expires_at)
            values (gen_random_uuid(), 'http://writer.example', now() + interval '1 hour')
            """);
        await using var lease = new WriterLease(server.Database.Database, NullLogger<WriterLease>.Instance);
        lease.Begin(new("http://other.example"));
        await using var other = new SiteReconciler(server.Loop, lease, NullLogger<SiteReconciler>.Instance);
        other.Begin();

        var request = new HttpRequestMessage(HttpMethod.Get, "/v1/events")
        {
            Headers = { Authorization = new("Bearer", server.Token) },
        };
        var told = (await server.SendToStreamAsync(
            request, TimeSpan.FromSeconds(60), until: "3 of 3 sites are silent at once")).Text;

        Assert.Contains("event: judging-paused\n", told, StringComparison.Ordinal);
        Assert.Contains("3 of 3 sites are silent at once", told, StringComparison.Ordinal);
        Assert.DoesNotContain("event: site-lost", told, StringComparison.Ordinal);
        // One that does not judge hears it as well.
        for (var tries = 0; other.Judged?.Alert is null && tries < 300; tries++)
            await Task.Delay(TimeSpan.FromMilliseconds(100));
        Assert.Equal(
            (new Uri("http://writer.example"), "3 of 3 sites are silent at once: it may be us"),
            (lease.Writer, other.Judged?.Alert));
    }
}
