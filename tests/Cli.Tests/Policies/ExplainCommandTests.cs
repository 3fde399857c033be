namespace ControlPlane.Cli.Tests.Policies;

public sealed class ExplainCommandTests
{
    [Fact]
    public async Task A_rule_is_explained_with_its_reason_source_and_dates()
    {
        using var folder = new TemporaryFolder();
        var tree = PolicyTree.Write(folder);

        var ended = await new Cplane { Directory = tree }.RunAsync("explain", "health/stays-in-the-eu");

        Assert.Equal((0, ""), (ended.ExitCode, ended.Error));
        Golden.Check("tests/Cli.Tests/golden/explain-rule.txt", ended.Output);
    }

    [Fact]
    public async Task A_reason_and_a_field_need_no_tree()
    {
        using var folder = new TemporaryFolder();
        Task<Ended> Explain(string word) => new Cplane { Directory = folder.Path }.RunAsync("explain", word);

        var reason = await Explain("capacity.quota");
        var field = await Explain("region.sites.power.pue");
        var nothing = await Explain("law.residncy");

        Assert.Equal(new Ended(0, """
            REASON  capacity.quota
              means          The tenant uses as much as a policy lets it use at once.

            """, ""), reason);
        Assert.Equal(new Ended(0, """
            FIELD  region.sites.power.pue
              holds          number from 1 to 3
              must be there  yes
              means          Power usage effectiveness: facility power over IT power, at least 1.

            """, ""), field);
        Assert.Equal(
            new Ended(3, "", "error: nothing is called 'law.residncy'; did you mean 'law.residency'? [not-found]\n"),
                nothing);
    }
}
