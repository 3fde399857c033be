using ControlPlane.Files;

namespace ControlPlane.Cli.Tests.Policies;

public sealed class UpcomingCommandTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public UpcomingCommandTests()
    {
        var later = PolicyTree.Policy
            .Replace("id: health", "id: health-at-home", StringComparison.Ordinal)
            .Replace("validFrom: 2026-01-01", "validFrom: 2027-03-01", StringComparison.Ordinal)
            .Replace("allow: [EU]", "allow: [\"DE\"]", StringComparison.Ordinal);
        SourceFile[] policies =
        [
            new("policies/eu/health.yaml", PolicyTree.Policy), new("policies/eu/health-at-home.yaml", later),
        ];
        var ledger = new SmallLedger(SmallFleet.Files(), policies);
        ledger.Place(SmallLedger.Work("triage", "health", 2, "fr-one") with { AllowRegions = [new("fr-one")] });
        ledger.Place(SmallLedger.Work("imaging", "health", 1, "de-one") with { AllowRegions = [new("de-one")] });
        folder.Write("ledger.jsonl", ledger.Text);
    }

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Names_the_day_the_rule_and_only_what_it_will_forbid()
    {
        var ended = await UpcomingAsync("2027-03-01");

        Assert.Equal(1, ended.ExitCode);
        Assert.StartsWith(
            "1 placement of 2 will become unlawful until 2027-03-01", ended.Error, StringComparison.Ordinal);
        Assert.Contains("2027-03-01", ended.Output, StringComparison.Ordinal);
        Assert.Contains("triage", ended.Output, StringComparison.Ordinal);
        Assert.Contains("health-at-home/stays-in-the-eu", ended.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("imaging", ended.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_day_before_nothing_is_coming()
    {
        var ended = await UpcomingAsync("2027-02-28");

        Assert.Equal(0, ended.ExitCode);
        Assert.DoesNotContain("triage", ended.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_day_that_is_none_is_wrong_use()
    {
        var ended = await UpcomingAsync("soon");

        Assert.Equal(2, ended.ExitCode);
        Assert.Contains("soon", ended.Error, StringComparison.Ordinal);
    }

    private Task<Ended> UpcomingAsync(string until) => new Cplane { Directory = folder.Path }
        .RunAsync("policy", "upcoming", "--until", until, "--as-of", "2026-11-21", "--ledger", "ledger.jsonl");
}
