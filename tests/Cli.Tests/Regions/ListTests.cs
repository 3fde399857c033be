namespace ControlPlane.Cli.Tests.Regions;

public sealed class ListTests
{
    [Theory]
    [InlineData("table")]
    [InlineData("wide")]
    [InlineData("json")]
    [InlineData("yaml")]
    [InlineData("csv")]
    [InlineData("name")]
    public async Task A_list_of_two_pages_is_whole_and_in_order_in_every_format(string format)
    {
        using var server = new StubServer()
            .With("GET /v1/regions", 200, Answers.FirstRegions)
            .With("GET /v1/regions", 200, Answers.LastRegions);

        var ended = await new Cplane { Url = server.Url }.RunAsync("regions", "list", "-o", format);

        Assert.Equal((0, ""), (ended.ExitCode, ended.Error));
        Assert.EndsWith("page_token=p2", server.Requests.Last().Target, StringComparison.Ordinal);
        Golden.Check($"tests/Cli.Tests/golden/regions.{format}.txt", ended.Output);
    }

    [Fact]
    public async Task An_empty_list_says_so_to_people_and_prints_nothing_for_programs()
    {
        using var server = new StubServer().With("GET /v1/regions", 200, """{"regions":[],"nextPageToken":""}""");

        var ended = await new Cplane { Url = server.Url }.RunAsync("regions", "list");

        Assert.Equal(new Ended(0, "", "no regions\n"), ended);
    }

    [Fact]
    public async Task What_a_stranger_wrote_cannot_steer_the_terminal()
    {
        const string evil = """
            {"regions":[{"id":"x","name":"\u001b[2Jgone\u202e","jurisdiction":"DE","operator":"a","sites":[]}]}
            """;
        using var server = new StubServer().With("GET /v1/regions", 200, evil);

        var ended = await new Cplane { Url = server.Url }.RunAsync("regions", "list");

        Assert.Equal(0, ended.ExitCode);
        Assert.DoesNotContain('\u001b', ended.Output);
        Assert.DoesNotContain('\u202e', ended.Output);
    }
}
