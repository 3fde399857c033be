namespace ControlPlane.Cli.Tests.Files;

public sealed class CheckTests
{
    private static readonly string[] AsOf = ["--as-of", "2026-11-01"];

    [Fact]
    public async Task The_shipped_files_have_nothing_wrong()
    {
        var ended = await new Cplane { Directory = Checkout.Root }.RunAsync(["check", .. AsOf]);

        Assert.Equal((0, ""), (ended.ExitCode, ended.Output));
        Assert.Matches("^checked [0-9]+ files: nothing wrong\n$", ended.Error);
    }

    [Fact]
    public async Task A_bad_tree_shows_every_problem_at_its_line()
    {
        using var folder = Tree(("regions/de-one.yaml", "schemaVersion: 1\n", "schemaVersion: 1\ncolour: blue\n"),
            ("regions/fr-one.yaml", "operator: acme", "operator: acmee"));

        var ended = await new Cplane { Directory = folder.Path }.RunAsync(["check", .. AsOf]);

        Assert.Equal(3, ended.ExitCode);
        Assert.StartsWith(
            "regions/de-one.yaml:2:1 colour is not a known field; ", ended.Output, StringComparison.Ordinal);
        Assert.StartsWith("checked 8 files: ", ended.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_name_that_is_declared_nowhere_gets_the_nearest_one_suggested()
    {
        using var folder = Tree(("regions/fr-one.yaml", "operator: acme", "operator: acmee"));

        var ended = await new Cplane { Directory = folder.Path }.RunAsync(["check", .. AsOf]);

        Assert.Equal(3, ended.ExitCode);
        Assert.StartsWith("regions/fr-one.yaml:5:11 operator is \"acmee\"", ended.Output, StringComparison.Ordinal);
        Assert.Contains("did you mean 'acme'?", ended.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("json")]
    [InlineData("yaml")]
    [InlineData("csv")]
    public async Task Problems_are_data_when_asked_for(string format)
    {
        using var folder = Tree(("regions/fr-one.yaml", "operator: acme", "operator: acmee"));

        var ended = await new Cplane { Directory = folder.Path }.RunAsync(["check", "-o", format, .. AsOf]);

        Assert.Equal(3, ended.ExitCode);
        Golden.Check($"tests/Cli.Tests/golden/check.{format}", ended.Output);
    }

    [Fact]
    public async Task A_folder_without_files_to_check_is_no_success()
    {
        using var folder = new TemporaryFolder();

        var ended = await new Cplane { Directory = folder.Path }.RunAsync("check");

        Assert.Equal((3, ""), (ended.ExitCode, ended.Output));
        Assert.StartsWith("error: ", ended.Error, StringComparison.Ordinal);
    }

    private static TemporaryFolder Tree(params (string Path, string From, string To)[] changes)
    {
        var folder = new TemporaryFolder();
        foreach (var file in SmallFleet.Files())
        {
            var text = changes
                .Where(change => change.Path == file.Path)
                .Aggregate(file.Text, (old, change) => old.Replace(change.From, change.To, StringComparison.Ordinal));
            folder.Write(file.Path, text);
        }

        return folder;
    }
}
