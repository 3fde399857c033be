using ControlPlane.Server.Hosting;
using ControlPlane.Server.Tests.Api;

namespace ControlPlane.Server.Tests.Hosting;

public sealed class TenantCrowdsTests
{
    [Fact]
    public void Only_so_much_of_one_is_under_way_and_others_are_not_concerned()
    {
        var crowds = new TenantCrowds(mostOfTenant: 2);
        var (one, other) = (new CrowdName('t', "one", ""), new CrowdName('t', "other", ""));

        var entered = Enumerable.Range(0, 3).Select(_ => crowds.TryEnter(one, 2)).ToArray();
        var another = crowds.TryEnter(other, 2);
        crowds.Leave(one);
        var again = crowds.TryEnter(one, 2);
        foreach (var name in (CrowdName[])[one, one, other]) crowds.Leave(name);

        Assert.Equal([true, true, false], entered);
        Assert.Equal((true, true, 0), (another, again, crowds.Count));
    }

    [Fact]
    public async Task One_request_more_than_a_tenant_may_have_under_way_is_told_so_and_another_tenants_is_answered()
    {
        await using var server = new TestServer { TenantConcurrency = 2 };
        await server.InitializeAsync();
        using var stop = new CancellationTokenSource();
        string TokenOf(string tenant) => server.Issuer.Mint(new Dictionary<string, object>
        {
            ["sub"] = "ann", ["roles"] = new[] { "auditor" }, ["tenants"] = new[] { tenant },
            ["scope"] = "sites:read placements:read",
        });
        HttpRequestMessage Ask(string tenant, string path)
        {
            var request = new HttpRequestMessage(HttpMethod.Get, new Uri(server.Http.BaseAddress!, path));
            request.Headers.Authorization = new("Bearer", TokenOf(tenant));
            return request;
        }

        using var streaming = new HttpClient();
        var streams = new List<HttpResponseMessage>();
        for (var index = 0; index < 2; index++)
        {
            streams.Add(await streaming.SendAsync(
                Ask("one", "/v1/events"), HttpCompletionOption.ResponseHeadersRead, stop.Token));
        }

        var third = await server.SendAnonymousAsync(Ask("one", "/v1/placements"));
        var others = await server.SendAnonymousAsync(Ask("other", "/v1/placements"));
        foreach (var stream in streams) stream.Dispose();
        var after = third;
        for (var turn = 0; turn < 100 && after.Status == 429; turn++)
        {
            await Task.Delay(50);
            after = await server.SendAnonymousAsync(Ask("one", "/v1/placements"));
        }

        Assert.Equal("429 too-much-at-once", third.Problem());
        Assert.True(third.Headers.ContainsKey("Retry-After"));
        Assert.Equal((200, 200), (others.Status, after.Status));
    }
}
