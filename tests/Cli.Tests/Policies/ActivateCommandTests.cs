using System.Text.Json;

namespace ControlPlane.Cli.Tests.Policies;

public sealed class ActivateCommandTests
{
    private const string InForce = """
        {"digest":"abc","inForce":true,"changed":true,"version":4,"newlyUnlawful":[],"newlyLawful":1,"loseFailover":0}
        """;

    private const string WouldStrand = """
        {"digest":"abc","inForce":false,"changed":false,"version":3,"newlyLawful":0,"loseFailover":2,"newlyUnlawful":
        [{"id":"01934000-0000-7000-8000-000000000003","tenant":"t","workload":"w","rule":"health/stays","outlook":"stranded",
        "deadline":"2026-12-21"}]}
        """;

    [Fact]
    public async Task Sends_the_files_of_the_law_without_their_cases()
    {
        using var folder = new TemporaryFolder();
        using var server = new StubServer().With("POST /v1/policies:activate", 200, InForce);
        PolicyTree.Write(folder);

        var ended = await RunAsync(folder, server, "tree", "--accept-unlawful", "2");

        Assert.Equal(
            new Ended(0, "ACTIVATED  abc  version 4\n  1 newly lawful, 0 without a failover site any more\n", ""),
            ended);
        var sent = JsonDocument.Parse(Assert.Single(server.Requests).Body).RootElement;
        Assert.Equal(2, sent.GetProperty("acceptUnlawful").GetInt32());
        var file = Assert.Single(sent.GetProperty("files").EnumerateArray());
        Assert.Equal(
            ("policies/eu/health.yaml", PolicyTree.Policy),
            (file.GetProperty("path").GetString(), file.GetProperty("text").GetString()));
    }

    [Fact]
    public async Task Says_what_would_become_unlawful_and_ends_with_one()
    {
        using var folder = new TemporaryFolder();
        using var server = new StubServer().With("POST /v1/policies:activate", 200, WouldStrand);
        PolicyTree.Write(folder);

        var ended = await RunAsync(folder, server, "tree", "--validate-only");

        Assert.Equal(new Ended(1, """
            JUDGED     abc  version 3
              unlawful  t/w  health/stays  stranded  may stay until 2026-12-21
              0 newly lawful, 2 without a failover site any more

            """, ""), ended);
    }

    [Fact]
    public async Task Is_denied_with_the_list_and_the_deadlines_while_more_would_become_unlawful_than_is_accepted()
    {
        using var folder = new TemporaryFolder();
        using var server = new StubServer().With("POST /v1/policies:activate", 409, """
            {"type":"/problems/placements-unlawful","title":"What runs would become unlawful","status":409,
             "detail":"1 placement(s) would become unlawful, 1 of them with no lawful place; accepted are 0","errors":[
             {"pointer":"","slug":"placements-unlawful","detail":"1 placement(s) would become unlawful; accepted are 0"},
             {"pointer":"","slug":"placements-unlawful","detail":"t/w (7): health/stays: it stands in US; it might stay until 2026-12-21"}]}
            """);
        PolicyTree.Write(folder);

        var ended = await RunAsync(folder, server, "tree");

        Assert.Equal((4, ""), (ended.ExitCode, ended.Output));
        Assert.Contains("might stay until 2026-12-21 [placements-unlawful]", ended.Error, StringComparison.Ordinal);
    }

    private static Task<Ended> RunAsync(TemporaryFolder folder, StubServer server, params string[] arguments) =>
        new Cplane { Directory = folder.Path, Url = server.Url }.RunAsync(["policy", "activate", .. arguments]);
}
