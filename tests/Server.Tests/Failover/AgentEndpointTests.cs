using System.Diagnostics;
using ControlPlane.Failover;
using ControlPlane.Server.Tests.Api;

namespace ControlPlane.Server.Tests.Failover;

/// <summary>What an agent is told that is late, a stranger, or too loud.</summary>
public sealed class AgentEndpointTests(TestServer server) : IClassFixture<TestServer>
{
    private const string Site = "de-one-a";

    [Fact]
    public async Task A_join_token_works_once_and_for_its_site_only()
    {
        var issued = await server.PostAsync($"/v1/sites/{Site}:issue-join-token", "{}");
        var token = (string)issued.Json["joinToken"]!;
        using var stranger = new TestAgent(server, "fr-one-a");
        using var first = new TestAgent(server, Site);
        using var second = new TestAgent(server, Site);

        var elsewhere = await stranger.EnrolAsync(token);
        var joined = await first.EnrolAsync(token);
        var again = await second.EnrolAsync(token);
        var withKey = await first.EnrolAsync(joinToken: null);
        var withoutKey = await second.EnrolAsync(joinToken: null);

        Assert.Equal("403 enrol-refused", elsewhere.Problem());
        Assert.Equal((200, "403 enrol-refused"), (joined.Status, again.Problem()));
        Assert.Equal((200, "403 enrol-refused"), (withKey.Status, withoutKey.Problem()));
    }

    [Fact]
    public async Task A_join_token_that_ran_out_and_a_proof_of_another_time_or_key_are_refused()
    {
        var issued = await server.PostAsync("/v1/sites/us-one-a:issue-join-token", "{}");
        var token = (string)issued.Json["joinToken"]!;
        using var agent = new TestAgent(server, "us-one-a");

        var late = await agent.EnrolAsync(token, DateTimeOffset.UtcNow.AddMinutes(-20));
        var early = await agent.EnrolAsync(token, DateTimeOffset.UtcNow.AddMinutes(20));
        var forged = await agent.EnrolAsync(token, forged: Convert.ToBase64String(new byte[64]));
        await server.Database.ExecuteAsync("update join_token set expires_at = now() - interval '1 second'");
        var expired = await agent.EnrolAsync(token);

        Assert.Equal(
            Enumerable.Repeat("403 enrol-refused", 4),
            new[] { late, early, forged, expired }.Select(answer => answer.Problem()));
    }

    [Fact]
    public async Task A_site_that_is_not_declared_is_not_found()
    {
        using var agent = new TestAgent(server, "atlantis-a");

        var enrolled = await agent.EnrolAsync("cplane-join-anything");
        var issued = await server.PostAsync("/v1/sites/atlantis-a:issue-join-token", "{}");
        var cordoned = await server.PostAsync("/v1/sites/atlantis-a:cordon", """{"because":"gone"}""");

        Assert.Equal("404 not-found", enrolled.Problem());
        Assert.Equal("404 not-found", issued.Problem());
        Assert.Equal("404 not-found", cordoned.Problem());
    }

    [Fact]
    public async Task A_session_that_a_newer_one_follows_is_told_nothing_and_heard_no_more()
    {
        using var agent = new TestAgent(server, Site);
        await agent.JoinAsync();
        var number = Environment.TickCount64;
        var old = new AgentSession(number, "old");
        var renewedOld = await agent.RenewAsync(old);
        agent.Session = new AgentSession(number + 1, "new");
        var renewedNew = await agent.RenewAsync();

        var stale = await agent.RenewAsync(old);
        var sameNumber = await agent.RenewAsync(new AgentSession(number + 1, "other"));
        var desired = await agent.DesiredAsync($"{number}-old");
        var report = await agent.ReportAsync(old);
        var current = await agent.ReportAsync();
        var malformed = await agent.DesiredAsync("nonsense");

        Assert.Null((string?)renewedOld.Json["refusal"]);
        Assert.Null((string?)renewedNew.Json["refusal"]);
        Assert.Equal(
            ("newerSession", number + 1), ((string?)stale.Json["refusal"], (long)stale.Json["session"]!["number"]!));
        Assert.Equal("newerSession", (string?)sameNumber.Json["refusal"]);
        Assert.Equal("409 session-over", desired.Problem());
        Assert.Equal((false, true), ((bool)report.Json["accepted"]!, (bool)current.Json["accepted"]!));
        Assert.InRange(malformed.Status, 400, 499);
    }

    // The server ends a session when it takes the site for lost; nothing of it counts after that.
    [Fact]
    public async Task A_session_that_was_ended_is_renewed_never_again()
    {
        using var agent = new TestAgent(server, "fr-one-a");
        await agent.JoinAsync();
        await agent.RenewAsync();
        var dead = await server.PostAsync("/v1/sites/fr-one-a:declare-dead", """{"because":"burnt down"}""");

        var renewed = await agent.RenewAsync();
        var desired = await agent.DesiredAsync();
        var report = await agent.ReportAsync();
        var next = await agent.RenewAsync(new AgentSession(2, "two"));
        await server.PostAsync("/v1/sites/fr-one-a:uncordon", "{}");

        Assert.Equal(200, dead.Status);
        Assert.Equal("sessionOver", (string?)renewed.Json["refusal"]);
        Assert.Equal("409 session-over", desired.Problem());
        Assert.False((bool)report.Json["accepted"]!);
        Assert.Null((string?)next.Json["refusal"]);
    }

    [Fact]
    public async Task A_report_that_is_too_big_is_refused_with_the_limit_and_the_agent_goes_on()
    {
        using var agent = new TestAgent(server, Site);
        await agent.JoinAsync();
        agent.Session = new AgentSession(Environment.TickCount64, "big");
        await agent.RenewAsync();

        var big = await agent.ReportAsync(padding: new string('x', 33 * 1024 * 1024));
        var fine = await agent.ReportAsync(padding: new string('x', 1024));

        Assert.StartsWith("413 body-too-large", big.Problem());
        Assert.True((bool)fine.Json["accepted"]!);
    }

    [Fact]
    public async Task Only_a_credential_that_names_a_site_serves_one()
    {
        var renewed = await server.PostAsync("/v1/agent/renew", "{}");
        using var agent = new TestAgent(server, Site);
        await agent.JoinAsync();

        var read = await server.SendAnonymousAsync(agent.Request(HttpMethod.Get, "/v1/placements"));

        Assert.Equal(403, renewed.Status);
        Assert.Equal(403, read.Status);
    }

    // Many agents of one site that send a byte now and then hold up nobody of another.
    [Fact]
    public async Task A_slow_site_keeps_no_other_waiting()
    {
        using var slow = new TestAgent(server, "us-one-a");
        using var quick = new TestAgent(server, Site);
        await slow.JoinAsync();
        await quick.JoinAsync();
        quick.Session = new AgentSession(Environment.TickCount64, "quick");
        await quick.RenewAsync();
        await slow.RenewAsync();
        var alone = await MedianAsync(quick);
        using var hang = new CancellationTokenSource();

        var held = Enumerable.Range(0, 64).Select(each => each % 2 == 0
            ? server.SendAnonymousAsync(slow.Request(HttpMethod.Get, "/v1/agent/desired?session=1-one&after=9"),
                hang.Token)
            : server.SendAnonymousAsync(Dribble(slow), hang.Token)).ToList();
        await Task.Delay(300);
        var beside = await MedianAsync(quick);
        var waiting = held.Count(task => !task.IsCompleted);
        await hang.CancelAsync();
        await Task.WhenAll(held.Select(task => task.ContinueWith(_ => { }, TaskScheduler.Default)));

        Assert.True(waiting > 32, $"only {waiting} slow calls were under way: the run is invalid");
        Assert.True(
            beside < alone * 5 + TimeSpan.FromMilliseconds(250), $"{alone} alone, {beside} beside a slow site");
    }

    private static HttpRequestMessage Dribble(TestAgent agent)
    {
        var request = agent.Request(HttpMethod.Post, "/v1/agent/report");
        request.Content = new SlowContent();
        return request;
    }

    private static async Task<TimeSpan> MedianAsync(TestAgent agent)
    {
        var times = new List<TimeSpan>();
        for (var call = 0; call < 21; call++)
        {
            var watch = Stopwatch.StartNew();
            Assert.Equal(200, (await agent.RenewAsync()).Status);
            times.Add(watch.Elapsed);
        }

        times.Sort();
        return times[times.Count / 2];
    }

    /// <summary>A body of which a byte comes now and then.</summary>
    private sealed class SlowContent : HttpContent
    {
        public SlowContent() => Headers.Add("Content-Type", "application/json");

        protected override async Task SerializeToStreamAsync(Stream stream, System.Net.TransportContext? context)
        {
            for (var sent = 0; sent < 10_000; sent++)
            {
                await stream.WriteAsync(" "u8.ToArray());
                await stream.FlushAsync();
                await Task.Delay(200);
            }
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 10_000;
            return true;
        }
    }
}
