namespace ControlPlane.Server.Tests.Api;

/// <summary>Workloads that need each other, asked for over HTTP.</summary>
public sealed class DependencyApiTests(TestServer server) : IClassFixture<TestServer>
{
    [Fact]
    public async Task A_workload_is_placed_at_the_site_of_the_one_it_needs_and_wrong_ones_are_named_with_their_place()
    {
        var store = await PlaceAsync(Body("store", """, "residency": ["FR"]"""));
        var front = await PlaceAsync(Body("front", Needs("store", "site")));
        var explained = await server.PostAsync(
            "/v1/placements:plan", Body("other", Needs("store", "site") + ", \"explain\": true"));
        var outside = await server.PostAsync(
            "/v1/placements:plan",
            Body("away", Needs("store", "region") + """, "residency": ["US"]"""));

        Assert.Equal("fr-one-a", SiteOf(store));
        Assert.Equal("fr-one-a", SiteOf(front));
        Assert.Contains("'store', which it needs near, runs at no node of de-one-a", explained.Text);
        Assert.Equal("dependency-unmet", (string?)outside.Json["refusal"]!["reason"]);
        Assert.StartsWith(
            "422 dependency-unknown /dependsOn/0/workload",
            (await PlaceAsync(Body("x", Needs("gone", "site")))).Problem());
        Assert.StartsWith(
            "422 dependency-unknown /dependsOn/0/workload",
            (await PlaceAsync(Body("x", Needs("store", "site")).Replace("\"t1\"", "\"t2\""))).Problem());
        Assert.StartsWith(
            "422 dependency-cycle /dependsOn/0/workload",
            (await PlaceAsync(Body("store", Needs("front", "site")))).Problem());
    }

    [Fact]
    public async Task In_a_batch_the_place_of_what_is_wrong_is_that_within_the_batch()
    {
        var body = $$"""{"requests": [{{Body("first", "")}}, {{Body("second", Needs("first", "site"))}}, """
            + $$"""{{Body("third", Needs("nobody", "site"))}}]}""";

        var answer = await server.PostAsync("/v1/placements:batch", body);

        Assert.StartsWith("422 dependency-unknown /requests/2/dependsOn/0/workload", answer.Problem());
    }

    private static string? SiteOf(Reply answer) => (string?)answer.Json["placement"]!["places"]![0]!["site"];

    private Task<Reply> PlaceAsync(string body) => server.PostAsync("/v1/placements", body);

    private static string Needs(string workload, string within) =>
        $$""", "dependsOn": [{"workload": "{{workload}}", "within": "{{within}}"}]""";

    private static string Body(string workload, string more) =>
        $$"""{"tenant":"t1","workload":"{{workload}}","kind":"service","dataClass":"public","units":1"""
        + $$""","cpuMilli":1000,"memoryMib":1024{{more}}}""";
}
