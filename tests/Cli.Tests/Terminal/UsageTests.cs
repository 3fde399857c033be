namespace ControlPlane.Cli.Tests.Terminal;

public sealed class UsageTests
{
    [Theory]
    [InlineData("plac", "unknown command 'plac'; did you mean 'place'?")]
    [InlineData("placements lst", "unknown command 'lst'; did you mean 'list'?")]
    [InlineData("desicions show x", "unknown command 'desicions'; did you mean 'decisions'?")]
    [InlineData("place -f x --explian", "unknown option '--explian'; did you mean '--explain'?")]
    [InlineData("place -f x --fromat json", "unknown option '--fromat'; did you mean '--format'?")]
    [InlineData("regions list --uri=http://x", "unknown option '--uri'; did you mean '--url'?")]
    [InlineData(
        "regions list -o jsno",
        "unknown format 'jsno'; must be one of table, wide, json, yaml, csv, name, markdown, junit, sarif, "
            + "html; did you mean 'json'?")]
    [InlineData("regions", "'regions' needs a command: list, show")]
    [InlineData("place", "option '--file' is required")]
    [InlineData("place -f", "required argument missing for option: '-f'")]
    [InlineData("place -f x --hold soon", "cannot parse argument 'soon' for option '--hold' as expected type")]
    [InlineData("place -f x --plan --hold 60", "--plan and --hold exclude each other")]
    [InlineData("place -f x --hold 0", "--hold is 0; must be 1 to 86400 seconds")]
    [InlineData("place -f x --plan --idempotency-key k", "--plan changes nothing and takes no --idempotency-key")]
    [InlineData("regions list extra", "unexpected argument 'extra'")]
    [InlineData("regions list @file", "unexpected argument '@file'")]
    [InlineData("check --as-of tomorrow", "'tomorrow' is no date such as 2026-01-31")]
    [InlineData("ledger verify --file x --head abc", "--head needs 64 hexadecimal digits")]
    [InlineData("regions list --url ftp://x", "--url is not a URL such as http://127.0.0.1:8420")]
    public async Task A_mistyped_command_line_says_what_was_probably_meant(string line, string sentence)
    {
        var ended = await new Cplane().RunAsync(line.Split(' '));

        Assert.Equal(2, ended.ExitCode);
        Assert.Equal("", ended.Output);
        Assert.StartsWith($"error: {sentence}", ended.Error, StringComparison.Ordinal);
        Assert.Contains(" [usage]\n", ended.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task No_command_at_all_names_the_commands()
    {
        var ended = await new Cplane().RunAsync();

        Assert.Equal(new Ended(2, "", """
            error: 'cplane' needs a command: place, placements, holds, regions, sites, pools, skus, nodes, moves, evacuate, explain-no-move, decisions, report, survive, defrag, drill, data, whatif, forecast, usage, reserve, cell, ledger, audit, agents, doctor, check, policy, explain, stack, inventory, completion, version [usage]
              see 'cplane --help'

            """), ended);
    }

    [Theory]
    [InlineData("regions list --token abc")]
    [InlineData("regions list --token=abc")]
    [InlineData("place -f x --api-key=abc")]
    [InlineData("place -f x --password abc")]
    [InlineData("place -f x --idempotency-key Bearer\u00a0abc")]
    [InlineData("regions list --url http://x/?jwt=eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.c2lnbmF0dXJl")]
    public async Task A_secret_on_the_command_line_is_refused_and_not_repeated(string line)
    {
        var ended = await new Cplane().RunAsync(line.Split(' '));

        Assert.Equal(new Ended(2, "", """
            error: a token or password does not belong on the command line [secret-in-argv]
              set CPLANE_TOKEN, or CPLANE_TOKEN_FILE to the path of a file that holds it

            """), ended);
    }

    [Fact]
    public async Task A_bug_shows_where_only_when_asked()
    {
        var quiet = await new Cplane().RunAsync("ledger", "verify", "--file", "/proc/self/mem");
        var loud = await new Cplane().RunAsync("ledger", "verify", "--file", "/nonexistent", "--debug");

        Assert.DoesNotContain("   at ", quiet.Error, StringComparison.Ordinal);
        Assert.Contains("   at ", loud.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_token_that_is_none_is_not_repeated()
    {
        var environment = new Dictionary<string, string> { ["CPLANE_TOKEN"] = "secret\nsecret" };
        var asking = new Cplane { Environment = environment };

        var ended = await asking.RunAsync("regions", "list");

        Assert.Equal(
            new Ended(2, "", "error: a token is one word of visible ASCII characters [usage]\n"), ended);
    }

    [Theory]
    [InlineData("place", "-f", "")]
    [InlineData("check", "")]
    public async Task An_empty_name_is_wrong_use(params string[] arguments)
    {
        var ended = await new Cplane().RunAsync(arguments);

        Assert.Equal((2, ""), (ended.ExitCode, ended.Output));
    }

    [Fact]
    public async Task Version_names_program_and_engine()
    {
        var ended = await new Cplane().RunAsync("version");

        Assert.Equal(new Ended(0, "cplane 0.1.0\ndecision engine 1\n", ""), ended);
    }
}
