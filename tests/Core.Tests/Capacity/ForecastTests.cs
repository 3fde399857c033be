using ControlPlane.Capacity;
using ControlPlane.Core.Tests.Worlds;
using ControlPlane.Traces;
using Xunit.Abstractions;

namespace ControlPlane.Core.Tests.Capacity;

public sealed class ForecastTests(ITestOutputHelper output)
{
    private static readonly DateTimeOffset Start = new(2026, 1, 5, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Too_short_a_history_says_so()
    {
        var series = Hourly(Enumerable.Repeat(5.0, 40));

        Assert.Equal(new HistoryTooShort(40, 48), Forecast.Of(series, 24));
    }

    [Fact]
    public void What_never_changed_is_expected_to_stay()
    {
        var made = (ForecastMade)Forecast.Of(Hourly(Enumerable.Repeat(7.0, 450)), 24);

        Assert.Equal(24, made.StatedSteps);
        Assert.All(made.Points, point => Assert.Equal((7.0, 7.0, 7.0), (point.P10, point.P50, point.P90)));
        Assert.Equal(new Exhaustion(null, null), made.ExhaustedBy(_ => 7.01));
        // Use is never more than what there is: what stays at its limit has run out.
        Assert.Equal(new Exhaustion(made.Points[0].At, made.Points[0].At), made.ExhaustedBy(_ => 7));
        var idle = (ForecastMade)Forecast.Of(Hourly(Enumerable.Repeat(0.0, 450)), 24);
        Assert.Equal(new Exhaustion(null, null), idle.ExhaustedBy(_ => 0));
    }

    [Fact]
    public void A_week_that_repeats_is_found()
    {
        var week = Enumerable.Range(0, 168)
            .Select(hour => 100.0 + (50 * Math.Sin(hour * Math.Tau / 24)) + (hour / 24 > 4 ? -40 : 0))
            .ToList();

        var made = (ForecastMade)Forecast.Of(
            Hourly(Enumerable.Range(0, 168 * 5).Select(hour => week[hour % 168])), 168);

        Assert.Equal(168, made.SeasonSteps);
        Assert.All(
            made.Points.Select((point, step) => (point, step)),
            item => Assert.Equal(week[item.step], item.point.P50, 6));
    }

    [Fact]
    public void Steady_growth_is_exhausted_when_the_line_crosses_the_limit()
    {
        var series = new UsageSeries(
            Start, TimeSpan.FromDays(1), Enumerable.Range(0, 200).Select(day => 10.0 * day).ToSeq());

        var made = (ForecastMade)Forecast.Of(series, 60);

        Assert.Equal(Start.AddDays(226), made.ExhaustedBy(_ => 2_259).P50);
        // A growth phase that comes in time puts it off.
        Assert.Null(made.ExhaustedBy(at => at < Start.AddDays(220) ? 2_259 : 9_000).P50);
    }

    [Fact]
    public void What_was_before_a_jump_is_not_gone_on_from()
    {
        var dice = new Dice(5);
        UsageSeries Jumped(int days) => Daily([
            .. Enumerable.Repeat(0.0, 100), .. Enumerable.Range(0, days).Select(_ => 80 + Noise(dice))]);
        var jump = Start.AddDays(100);

        var brief = Forecast.Of(Jumped(20), 7);
        var made = (ForecastMade)Forecast.Of(Jumped(60), 30);

        Assert.Equal(new HistoryTooShort(20, 28) { Since = jump }, brief);
        Assert.Equal(jump, made.Since);
        // Nobody knows from zeros how far 80 may go; noise of ten to either side is all that was seen since.
        Assert.Equal(2, made.StatedSteps);
        Assert.All(made.Points.Take(2), point => Assert.InRange(point.P90!.Value - point.P10!.Value, 5, 60));
        Assert.Null(made.ExhaustedBy(_ => 120).P90);
    }

    [Fact]
    public void A_ramp_a_burst_and_a_weekend_are_no_jump_and_a_drop_is()
    {
        var ramp = Enumerable.Range(0, 120).Select(day => day * 3.0);
        var burst = Enumerable.Range(0, 120).Select(day => day is > 60 and < 66 ? 500.0 : 20);
        var weeks = Enumerable.Range(0, 120).Select(day => day % 7 > 4 ? 1.0 : 90);
        var drop = Enumerable.Range(0, 120).Select(day => day < 40 ? 90.0 : 20);

        var since = new[] { ramp, burst, weeks, drop }.Select(days => Forecast.Of(Daily(days), 14).Since);

        Assert.Equal([null, null, null, Start.AddDays(40)], since);
    }

    [Fact]
    public void Days_are_made_of_whatever_hours_there_are()
    {
        UsageRow Row(int day, int hour, long milli) => new(
            new("de-one"), new SkuId("h100"), Start.AddDays(day).AddHours(hour), milli);

        // One row a day, as exports often have, is a series and not a row of gaps.
        var days = UsageRows.Days([Row(1, 0, 4_000), Row(0, 23, 1_000), Row(0, 4, 3_000), Row(3, 12, 8_000)]);

        Assert.Equal(
            [new RegionUsage(new("de-one"), new SkuId("h100"), Daily([2.0, 4, 4, 8]))], days);
    }

    [Fact]
    public void An_hour_of_a_jump_is_found_to_the_day()
    {
        var series = Hourly(Enumerable.Range(0, 24 * 40).Select(hour => hour < (24 * 15) + 9 ? 3.0 : 30));

        Assert.Equal(Start.AddDays(15), Forecast.Of(series, 24).Since);
    }

    [Fact]
    public void The_order_of_the_tenths_is_kept_and_nothing_is_below_zero()
    {
        Seeds.ForEach(60, dice =>
        {
            var level = (double)dice.Int(0, 50);
            var series = Hourly(
                Enumerable.Range(0, dice.Int(60, 400)).Select(_ => Math.Max(0, level += dice.Int(-5, 5))).ToList());

            var made = (ForecastMade)Forecast.Of(series, dice.Int(1, 30));

            Assert.All(
                made.Points.Take(made.StatedSteps),
                point => Assert.True(0 <= point.P10 && point.P10 <= point.P50 && point.P50 <= point.P90));
            Assert.All(
                made.Points.Skip(made.StatedSteps), point => Assert.True(point is { P10: null, P50: >= 0, P90: null }));
        });
    }

    [Fact]
    public void An_interval_is_stated_only_as_far_ahead_as_the_past_has_cases_for()
    {
        var dice = new Dice(11);
        var series = Hourly(Enumerable.Range(0, 28 * 20).Select(_ => 100 + Noise(dice)).ToList());

        var made = (ForecastMade)Forecast.Of(series, 168);
        var brief = (ForecastMade)Forecast.Of(series.First(40), 10);

        // Four fifths of 560 hours hold fourteen windows of 32 hours.
        Assert.Equal((32, 168), (made.StatedSteps, made.Points.Count));
        Assert.Equal((0, 10), (brief.StatedSteps, brief.Points.Count));
        Assert.Null(made.ExhaustedBy(at => at < made.Points[100].At ? 1_000 : 1).P90);
        Assert.Equal(made.Points[100].At, made.ExhaustedBy(at => at < made.Points[100].At ? 1_000 : 1).P50);
    }

    [Fact]
    public void What_comes_later_moves_no_interval_that_was_stated_before()
    {
        Seeds.ForEach(20, dice =>
        {
            var values = Enumerable.Range(0, 600).Select(_ => (double)dice.Int(50, 150)).ToList();
            var other = values.Select((value, index) => index < 500 ? value : dice.Int(0, 500)).ToList();

            Assert.Equal(
                ((ForecastMade)Forecast.Of(Hourly(values).First(500), 24)).Points,
                ((ForecastMade)Forecast.Of(Hourly(other).First(500), 24)).Points);
        });
    }

    [Fact]
    public void Noise_around_a_day_is_covered_as_stated_and_beats_repeating()
    {
        var dice = new Dice(7);
        var series = Hourly(
            Enumerable.Range(0, 24 * 60).Select(hour => 200 + (80 * Math.Sin(hour * Math.Tau / 24)) + Noise(dice)));

        var backtest = Backtest.Run(series, 24, 30)!;

        output.WriteLine($"{backtest}");
        Assert.Equal((IntervalVerdict.AsStated, 1.0), (backtest.Interval, backtest.Stated));
        Assert.True(backtest.Error < backtest.SeasonalNaiveError && backtest.Error < backtest.LastValueError);
    }

    [Fact]
    public void The_public_traces_are_forecast_beside_the_last_value_and_the_last_season()
    {
        if (DataFolder.Root is null)
        {
            output.WriteLine($"NOT RUN: {DataFolder.Absence}");
            return;
        }

        output.WriteLine("series                 steps ahead   error   last value   last season   stated   inside");
        var beaten = new List<string>();
        foreach (var (name, series) in TraceSeries.All())
        {
            foreach (var ahead in (int[])[24, 72, 168])
            {
                var backtest = Backtest.Run(series, ahead, 45)!;
                output.WriteLine(
                    $"{name,-22} {series.Values.Count,5} {ahead,5} {backtest.Error,7:0.00} "
                        + $"{backtest.LastValueError,12:0.00} {backtest.SeasonalNaiveError,13:0.00} "
                        + $"{backtest.Stated,8:0.00} {backtest.Coverage,8:0.000} "
                        + $"{backtest.Interval} over {backtest.Windows:0.0} windows");
                if (backtest.Error >= backtest.LastValueError) beaten.Add($"{name} {ahead}: last value");
                if (backtest.Error >= backtest.SeasonalNaiveError) beaten.Add($"{name} {ahead}: last season");
                // A day ahead it is stated unless use jumped lately; farther ahead as far as the past has cases for.
                if (ahead == 24) Assert.InRange(backtest.Stated, 0.9, 1);
                Assert.InRange(backtest.Stated, 0.15, 1);
                Assert.True(backtest.Interval == IntervalVerdict.AsStated, $"{name} {ahead}: {backtest}");
            }
        }

        Assert.Equal(["cores LS 168: last value"], beaten);
    }

    // The sum of a few throws is close enough to what chance in the large looks like.
    private static double Noise(Dice dice) => Enumerable.Range(0, 6).Sum(_ => dice.Int(-50, 50)) / 10.0;

    private static UsageSeries Daily(IEnumerable<double> values) => new(Start, TimeSpan.FromDays(1), values.ToSeq());

    private static UsageSeries Hourly(IEnumerable<double> values) => new(Start, TimeSpan.FromHours(1), values.ToSeq());
}
