using ControlPlane.Server.Hosting;

namespace ControlPlane.Server.Tests.Hosting;

public sealed class TenantRatesTests
{
    [Fact]
    public void Without_a_rate_nobody_waits_and_nothing_is_kept()
    {
        var rates = new TenantRates(null, new SteppedClock());

        Assert.Null(rates.Take("t1", 1_000_000));
        Assert.Equal(0, rates.Count);
    }

    [Fact]
    public void A_tenant_that_took_all_waits_as_long_as_the_rate_says_and_others_do_not()
    {
        var clock = new SteppedClock();
        var rates = new TenantRates(10, clock);

        Assert.Null(rates.Take("t1", 1000));
        Assert.Equal(TimeSpan.FromSeconds(2), rates.Take("t1", 20));
        Assert.Null(rates.Take("t2", 20));
        clock.Step(TimeSpan.FromSeconds(2));
        Assert.Null(rates.Take("t1", 20));
        Assert.Equal(TimeSpan.FromSeconds(0.1), rates.Take("t1", 1));
    }

    [Fact]
    public void However_many_tenants_ask_the_buckets_are_bounded_and_a_full_one_goes_first()
    {
        var clock = new SteppedClock();
        var rates = new TenantRates(1, clock);

        Assert.Null(rates.Take("greedy", 1000));
        for (var index = 0; index < 2 * TenantRates.MostBuckets; index++)
        {
            clock.Step(TimeSpan.FromMilliseconds(10));
            Assert.Null(rates.Take($"t{index}", 1));
        }

        Assert.InRange(rates.Count, 1, TenantRates.MostBuckets);
        Assert.NotNull(rates.Take("greedy", 1000));
    }

    /// <summary>Time that goes on only when it is told to.</summary>
    private sealed class SteppedClock : TimeProvider
    {
        private long ticks;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => ticks;

        public void Step(TimeSpan time) => ticks += time.Ticks;
    }
}
