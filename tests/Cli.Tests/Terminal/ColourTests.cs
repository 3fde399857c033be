namespace ControlPlane.Cli.Tests.Terminal;

/// <summary>Colour is for people at a terminal; a terminal is made with <c>script</c>.</summary>
public sealed class ColourTests
{
    // A terminal is also told how its keys behave; colour and weight end in m.
    private const string Colour = "\u001b\\[[0-9;]*m";

    [Fact]
    public async Task A_terminal_gets_colour()
    {
        var ended = await OnTerminalAsync("");

        Assert.Matches(Colour, ended.Output);
    }

    [Theory]
    [InlineData("NO_COLOR=1 ")]
    [InlineData("TERM=dumb ")]
    public async Task A_terminal_that_declines_gets_none(string setting)
    {
        var ended = await OnTerminalAsync(setting);

        Assert.Contains("REGION", ended.Output, StringComparison.Ordinal);
        Assert.DoesNotMatch(Colour, ended.Output);
    }

    [Fact]
    public async Task A_pipe_gets_none()
    {
        using var server = Regions();
        var asking = new Cplane
        {
            Url = server.Url,
            Environment = new Dictionary<string, string> { ["TERM"] = "xterm-256color" },
        };

        var ended = await asking.RunAsync("regions", "list");

        Assert.Equal(0, ended.ExitCode);
        Assert.DoesNotMatch(Colour, ended.Output);
    }

    private static async Task<Ended> OnTerminalAsync(string setting)
    {
        using var server = Regions();
        var line = $"env TERM=xterm-256color {setting}dotnet '{Cplane.Library}' regions list";
        return await new Cplane { Url = server.Url }.ShellAsync($"script -qec \"{line}\" /dev/null");
    }

    private static StubServer Regions() => new StubServer().With("GET /v1/regions", 200, Answers.LastRegions);
}
