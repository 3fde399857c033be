using ControlPlane.Failover;
using ControlPlane.Server.Failover;

namespace ControlPlane.Server.Tests.Failover;

public sealed class AgentWordTests
{
    private static readonly SiteId own = new("de-one-a");

    [Fact]
    public void An_agent_is_one_witness_for_each_site_and_its_word_grows_old()
    {
        var first = Said("fr-one-a") with { AgeMilliseconds = -1_000_000, Detail = new string('x', 5_000) };
        var last = Said("us-one-a") with { AgeMilliseconds = long.MaxValue };
        var driver = Said(own.Value) with { Source = SignalSource.Driver };

        var kept = AgentWord.Of(
            own,
            [
                driver, first, .. Enumerable.Repeat(Said("fr-one-a"), 50), last, Said(own.Value),
                Said("us-one-a") with { Source = SignalSource.Driver },
                Said("us-one-a") with { Source = SignalSource.Provider },
            ]);

        Assert.Equal(
            [
                driver, first with { AgeMilliseconds = 0, Detail = new string('x', AgentWord.MostDetailCharacters) },
                last with { AgeMilliseconds = 24 * 60 * 60 * 1_000 },
            ],
            kept);
    }

    [Fact]
    public void No_more_of_a_report_is_kept_than_is_stated()
    {
        var said = Enumerable.Range(0, AgentWord.MostSignals + 5).Select(number => Said($"fr-{number}")).ToSeq();

        var kept = AgentWord.Of(own, said);

        Assert.Equal(said.Take(AgentWord.MostSignals), kept);
    }

    private static HealthSignal Said(string site) => new()
    {
        Site = new(site), Source = SignalSource.Peer, Healthy = true, ConfidencePercent = 90, AgeMilliseconds = 100,
    };
}
