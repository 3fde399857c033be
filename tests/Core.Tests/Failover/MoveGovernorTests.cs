using ControlPlane.Failover;

namespace ControlPlane.Core.Tests.Failover;

public sealed class MoveGovernorTests
{
    private static readonly DateTimeOffset Start = new(2026, 6, 15, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Starts_to_a_site_keep_to_the_rate_and_other_sites_do_not_wait_for_them()
    {
        var terms = new LossTerms { StartsPerMinute = 60, MostMovingToSite = 10_000, MostMoving = 10_000 };
        var governor = new MoveGovernor(terms);
        var (one, other) = (0, 0);

        for (var tick = 0; tick < 600; tick++)
        {
            governor.Begin();
            var now = Start.AddMilliseconds(tick * 100);
            while (TryStart(governor, [new("a")], now)) one++;
            if (tick == 0) while (TryStart(governor, [new("b")], now)) other++;
        }

        Assert.InRange(one, 55, 62);
        Assert.Equal(1, other);
    }

    [Fact]
    public void What_is_in_flight_counts_for_its_site_and_for_the_fleet()
    {
        var terms = new LossTerms { MostMovingToSite = 2, MostMoving = 3, StartsPerMinute = 60_000 };
        var governor = new MoveGovernor(terms);

        governor.Begin();
        governor.Count([new("a")]);
        governor.Count([new("a")]);
        var toFull = TryStart(governor, [new("a")], Start);
        var toOther = TryStart(governor, [new("b")], Start);
        var beyondAll = TryStart(governor, [new("c")], Start);

        Assert.Equal((false, true, false), (toFull, toOther, beyondAll));
    }

    private static bool TryStart(MoveGovernor governor, Seq<SiteId> targets, DateTimeOffset now)
    {
        if (!governor.MayStart(targets, now)) return false;
        governor.Start(targets, now);
        return true;
    }
}
