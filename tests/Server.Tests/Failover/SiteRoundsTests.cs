using ControlPlane.Failover;
using ControlPlane.Server.Failover;
using ControlPlane.SiteAgent.Tests;

namespace ControlPlane.Server.Tests.Failover;

public sealed class SiteRoundsTests
{
    [Fact]
    public void Why_no_site_was_lost_is_not_said_for_ever_by_a_server_that_takes_no_rounds_any_more()
    {
        var (clock, terms) = (new ManualClock(), new LossTerms());
        var rounds = new SiteRounds(terms, clock) { Blind = "3 of 3 sites are silent at once: it may be us" };

        var atOnce = rounds.Blind;
        clock.Advance(terms.SuspectAfter);

        Assert.Equal(
            ("3 of 3 sites are silent at once: it may be us", null), (atOnce, rounds.Blind));
    }
}
