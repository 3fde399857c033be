namespace ControlPlane.Cli.Tests.Terminal;

/// <summary>Every exit code that the help names, each from the built program.</summary>
public sealed class ExitCodeTests
{
    private static readonly string[] Place = ["place", "-f", "-"];

    [Fact]
    public async Task Zero_when_it_was_bound()
    {
        using var server = new StubServer().With("POST /v1/placements", 201, Answers.Bound);

        var ended = await Asking(server).RunAsync(Place);

        Assert.Equal((0, ""), (ended.ExitCode, ended.Error));
    }

    [Fact]
    public async Task One_when_it_was_refused()
    {
        using var server = new StubServer().With("POST /v1/placements", 200, Answers.Refused);

        var ended = await Asking(server).RunAsync(Place);

        Assert.Equal((1, ""), (ended.ExitCode, ended.Error));
        Assert.StartsWith("REFUSED klinik-nord/triage-llm no-lawful-region", ended.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Two_when_the_command_line_is_wrong()
    {
        var ended = await new Cplane().RunAsync("place", "--plna");

        Assert.Equal((2, ""), (ended.ExitCode, ended.Output));
    }

    [Fact]
    public async Task Three_when_the_request_is_not_acceptable_and_its_line_is_named()
    {
        var problem = StubServer.Problem(
            "country-unknown",
            422,
            "A country is not known",
            "UK",
            ("/residency/0", "country-unknown", "UK is not known"));
        using var server = new StubServer().With("POST /v1/placements", 422, problem);

        var ended = await Asking(server).RunAsync(Place);

        Assert.Equal(
            new Ended(3, "", "(stdin):5:13 residency[0] UK is not known [country-unknown]\n"), ended);
    }

    [Theory]
    [InlineData(401)]
    [InlineData(403)]
    public async Task Four_when_the_caller_may_not(int status)
    {
        var problem = StubServer.Problem("not-authorised", status, "Not authorised", "show who you are");
        using var server = new StubServer().With("GET /v1/regions", status, problem);

        var ended = await Asking(server).RunAsync("regions", "list");

        Assert.Equal(
            new Ended(4, "", "error: Not authorised: show who you are [not-authorised]\n"), ended);
    }

    [Theory]
    [InlineData(409)]
    [InlineData(412)]
    public async Task Five_when_it_is_in_conflict_with_the_state_of_things(int status)
    {
        var problem = StubServer.Problem("version-conflict", status, "Conflict", "the placement has moved");
        using var server = new StubServer().With($"DELETE /v1/placements/{Answers.Id}", status, problem);

        var ended = await Asking(server).RunAsync("placements", "release", Answers.Id);

        Assert.Equal(
            new Ended(5, "", "error: Conflict: the placement has moved [version-conflict]\n"), ended);
    }

    [Fact]
    public async Task Six_when_nothing_answers_with_a_sentence_that_says_what_to_do()
    {
        var ended = await new Cplane().RunAsync("regions", "list");

        Assert.Equal(new Ended(6, "", """
            error: cannot reach http://127.0.0.1:9: connection refused [unreachable]
              start the server with ./run, or name another with --url or CPLANE_URL

            """), ended);
    }

    [Fact]
    public async Task Six_when_the_server_stays_busy_and_every_try_had_the_same_key()
    {
        var busy = StubServer.Problem("busy", 503, "Busy", "too many requests wait");
        using var server = new StubServer().With("POST /v1/placements", 503, busy, ("Retry-After", "0"));

        var ended = await Asking(server).RunAsync([.. Place, "--idempotency-key", "k1"]);

        Assert.Equal(new Ended(6, "", """
            busy; trying again (1 of 3)
            busy; trying again (2 of 3)
            busy; trying again (3 of 3)
            it is not known whether this was decided; run it again with --idempotency-key k1
            error: Busy: too many requests wait [busy]
              the server's logs have it as trace 4bf92f

            """), ended);
        Assert.Equal(["k1", "k1", "k1", "k1"], server.Requests.Select(request => request.IdempotencyKey));
    }

    [Fact]
    public async Task Six_when_what_answers_is_another_kind_of_server()
    {
        using var server = new StubServer().With("GET /v1/regions", 200, "<html>hello</html>");

        var ended = await Asking(server).RunAsync("regions", "list");

        Assert.Equal(
            new Ended(6, "", $"error: what answers at {server.Url} is not a control plane [unexpected-answer]\n"),
            ended);
    }

    [Fact]
    public async Task Seventy_when_the_program_is_wrong_and_no_place_in_it_is_shown_unasked()
    {
        // A file that opens and cannot be read is not thought of.
        var ended = await new Cplane().RunAsync("ledger", "verify", "--file", "/proc/self/mem");

        Assert.Equal((70, ""), (ended.ExitCode, ended.Output));
        Assert.StartsWith("error: this is a bug in cplane: ", ended.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", ended.Error, StringComparison.Ordinal);
    }

    private static Cplane Asking(StubServer server) => new() { Url = server.Url, Input = Answers.Request };
}
