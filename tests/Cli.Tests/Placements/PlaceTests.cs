using System.Text.Json;

namespace ControlPlane.Cli.Tests.Placements;

public sealed class PlaceTests
{
    [Fact]
    public async Task A_bound_workload_is_one_line()
    {
        using var server = new StubServer().With("POST /v1/placements", 201, Answers.Bound);

        var ended = await Asking(server).RunAsync("place", "-f", "-");

        var request = Assert.Single(server.Requests);
        Assert.Equal(("POST", "/v1/placements"), (request.Method, request.Target));
        Assert.True(Guid.TryParse(request.IdempotencyKey, out _));
        Assert.Equal(new Ended(0, $"""
            PLACED  klinik-nord/triage-llm -> de-one / de-one-a / de-one-a-k8s  1 unit, h100, USD 2.5/h  [placements/{Answers.Id}]

            """, ""), ended);
    }

    [Fact]
    public async Task An_explained_answer_accounts_for_every_site()
    {
        using var server = new StubServer().With("POST /v1/placements", 201, Answers.BoundAndExplained);

        var ended = await Asking(server).RunAsync("place", "-f", "-", "--explain");

        using var sent = JsonDocument.Parse(Assert.Single(server.Requests).Body);
        Assert.True(sent.RootElement.GetProperty("explain").GetBoolean());
        Assert.Equal((0, ""), (ended.ExitCode, ended.Error));
        Golden.Check("tests/Cli.Tests/golden/place-explained.txt", WithoutTime(ended.Output));
    }

    [Fact]
    public async Task A_refused_workload_says_why_and_what_would_do()
    {
        using var server = new StubServer().With("POST /v1/placements", 200, Answers.Refused);

        var ended = await Asking(server).RunAsync("place", "-f", "-");

        Assert.Equal((1, ""), (ended.ExitCode, ended.Error));
        Golden.Check("tests/Cli.Tests/golden/place-refused.txt", ended.Output);
    }

    [Fact]
    public async Task A_plan_sends_no_key_and_says_that_nothing_was_changed()
    {
        using var server = new StubServer().With("POST /v1/placements:plan", 200, Answers.Planned);

        var ended = await Asking(server).RunAsync("place", "-f", "-", "--plan");

        Assert.Null(Assert.Single(server.Requests).IdempotencyKey);
        Assert.Equal(0, ended.ExitCode);
        Assert.StartsWith("PLANNED klinik-nord/triage-llm -> de-one", ended.Output, StringComparison.Ordinal);
        Assert.EndsWith("  [nothing was changed]\n", ended.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_hold_is_asked_for_by_its_seconds_and_can_be_confirmed_and_released()
    {
        using var server = new StubServer()
            .With("POST /v1/holds", 201, Answers.Held)
            .With($"POST /v1/holds/{Answers.Id}:confirm", 200, Answers.Bound)
            .With($"POST /v1/holds/{Answers.Id}:release", 204, "");

        var held = await Asking(server).RunAsync("place", "-f", "-", "--hold", "600", "-o", "name");
        var confirmed = await Asking(server).RunAsync("holds", "confirm", held.Output.Trim());
        var released = await Asking(server).RunAsync("holds", "release", Answers.Id);

        using var sent = JsonDocument.Parse(server.Requests.First().Body);
        Assert.Equal(600, sent.RootElement.GetProperty("holdSeconds").GetInt32());
        Assert.Equal(new Ended(0, $"holds/{Answers.Id}\n", ""), held);
        Assert.StartsWith("PLACED  ", confirmed.Output, StringComparison.Ordinal);
        Assert.Equal(new Ended(0, $"released holds/{Answers.Id}\n", ""), released);
    }

    [Fact]
    public async Task A_broken_connection_is_tried_again_with_the_same_key()
    {
        using var server = new StubServer()
            .WithBrokenConnection("POST /v1/placements")
            .With("POST /v1/placements", 201, Answers.Bound);

        var ended = await Asking(server).RunAsync("place", "-f", "-");

        Assert.Equal(0, ended.ExitCode);
        Assert.Contains("trying again (1 of 3)", ended.Error, StringComparison.Ordinal);
        Assert.Single(server.Requests.Select(request => request.IdempotencyKey).Distinct());
    }

    [Theory]
    [InlineData("json")]
    [InlineData("yaml")]
    public async Task Data_holds_every_field_of_the_answer(string format)
    {
        using var server = new StubServer().With("POST /v1/placements", 201, Answers.Bound);

        var ended = await Asking(server).RunAsync("place", "-f", "-", "-o", format);

        Assert.Equal((0, ""), (ended.ExitCode, ended.Error));
        Golden.Check($"tests/Cli.Tests/golden/place.{format}", ended.Output);
    }

    [Fact]
    public async Task A_request_file_is_complained_about_by_line_before_anything_is_sent()
    {
        using var server = new StubServer();
        var asking = Asking(server) with { Input = "tenant: a\ntenant: b\n" };

        var ended = await asking.RunAsync("place", "-f", "-");

        Assert.Empty(server.Requests);
        Assert.Equal((3, ""), (ended.ExitCode, ended.Output));
        Assert.StartsWith("(stdin):2:", ended.Error, StringComparison.Ordinal);
    }

    private static Cplane Asking(StubServer server) => new() { Url = server.Url, Input = Answers.Request };

    private static string WithoutTime(string output) =>
        System.Text.RegularExpressions.Regex.Replace(output, "; [0-9]+ ms\n", "; N ms\n");
}
