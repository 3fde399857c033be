namespace ControlPlane.Cli.Tests.Placements;

public sealed class DecisionTests
{
    [Fact]
    public async Task A_decision_is_shown_by_its_id_or_its_name()
    {
        using var server = new StubServer().With($"GET /v1/decisions/{Answers.Id}", 200, Answers.Refused);

        var byId = await Asking(server).RunAsync("decisions", "show", Answers.Id);
        var byName = await Asking(server).RunAsync("decisions", "show", $"decisions/{Answers.Id}");

        Assert.Equal((0, ""), (byId.ExitCode, byId.Error));
        Assert.Equal(byId, byName);
        Assert.StartsWith("REFUSED klinik-nord/triage-llm", byId.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_replay_that_gives_the_same_bytes_is_a_yes()
    {
        using var server = new StubServer().With($"GET /v1/decisions/{Answers.Id}/replay", 200, Answers.Replayed);

        var ended = await Asking(server).RunAsync("decisions", "replay", Answers.Id);

        Assert.Equal(new Ended(0, $"""
            SAME      decisions/{Answers.Id}, position 7, engine 1
              recorded  aa
              replayed  aa

            """, ""), ended);
    }

    [Fact]
    public async Task A_replay_that_gives_other_bytes_is_a_no()
    {
        var other = Answers.Replayed
            .Replace("\"same\":true", "\"same\":false", StringComparison.Ordinal)
            .Replace("\"replayedDigest\":\"aa\"", "\"replayedDigest\":\"bb\"", StringComparison.Ordinal);
        using var server = new StubServer().With($"GET /v1/decisions/{Answers.Id}/replay", 200, other);

        var ended = await Asking(server).RunAsync("decisions", "replay", Answers.Id);

        Assert.Equal((1, ""), (ended.ExitCode, ended.Error));
        Assert.StartsWith("DIFFERENT decisions/", ended.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_decision_of_a_copy_replays_without_a_server()
    {
        var copy = string.Concat(SampleLedger.Lines.Select(line => line + "\n"));
        var id = "00000000-0000-4000-8000-000000000001";

        var ended = await new Cplane { Input = copy }.RunAsync("decisions", "replay", id, "--file", "-", "--explain");

        Assert.Equal((0, ""), (ended.ExitCode, ended.Error));
        Assert.StartsWith($"SAME      decisions/{id}, position 7, engine ", ended.Output, StringComparison.Ordinal);
        Assert.Contains("PLACED  klinik-nord/work-1 -> ", ended.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_not_there_is_said_to_be_not_there()
    {
        using var server = new StubServer();

        var ended = await Asking(server).RunAsync("decisions", "show", Answers.Id);

        Assert.Equal(3, ended.ExitCode);
        Assert.EndsWith("[not-found]\n", ended.Error, StringComparison.Ordinal);
    }

    private static Cplane Asking(StubServer server) => new() { Url = server.Url };
}
