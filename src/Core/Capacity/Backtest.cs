namespace ControlPlane.Capacity;

/// <summary>
/// How forecasts of a series would have done: made again and again from its past alone, and compared with what came,
/// beside the last value and the last season repeated.
/// </summary>
/// <param name="Forecasts">Forecasts that were made.</param>
/// <param name="Error">Mean absolute error of the median.</param>
/// <param name="LastValueError">The same of the last value repeated.</param>
/// <param name="SeasonalNaiveError">The same of the last week repeated, or the last day while there is no week.</param>
public sealed record Backtest(int Forecasts, double Error, double LastValueError, double SeasonalNaiveError)
{
    /// <summary>Share of values that an interval states to hold.</summary>
    public const double StatedCoverage = 0.8;

    /// <summary>How far the share that is met may be from the one that is stated.</summary>
    public const double CoverageTolerance = 0.05;

    /// <summary>
    /// Share of values between P10 and P90, of those for which an interval was stated; null when none was. 0.8 is what
    /// the interval states.
    /// </summary>
    public required double? Coverage { get; init; }

    /// <summary>Share of values for which an interval was stated; the past was too short for the others.</summary>
    public required double Stated { get; init; }

    /// <summary>Windows of the test that do not overlap; with few, chance alone moves the share that is met.</summary>
    public required double Windows { get; init; }

    /// <summary>Whether the interval held what it states, or was too narrow or too wide.</summary>
    public IntervalVerdict Interval => Coverage is not { } met ? IntervalVerdict.NotStated
        : met < StatedCoverage - CoverageTolerance ? IntervalVerdict.TooNarrow
        : met > StatedCoverage + CoverageTolerance ? IntervalVerdict.TooWide
        : IntervalVerdict.AsStated;

    /// <summary>Runs over the later half of a series; null when it is too short for a single
    /// forecast.</summary>
    /// <param name="series">The past.</param>
    /// <param name="horizonSteps">Steps of each forecast.</param>
    /// <param name="mostForecasts">Forecasts at most, evenly spaced.</param>
    public static Backtest? Run(UsageSeries series, int horizonSteps, int mostForecasts)
    {
        var values = series.Values.Span;
        var first = Math.Max(Forecast.LeastHistory, Forecast.HistoryPerHorizon * horizonSteps);
        first = Math.Max(first, values.Length / 2);
        var room = values.Length - horizonSteps - first;
        if (room < 0) return null;
        var count = Math.Min(mostForecasts, room + 1);
        var (sums, made, stated, inside) = (new double[3], 0, 0, 0);
        for (var index = 0; index < count; index++)
        {
            var origin = first + (count == 1 ? room : (int)((long)index * room / (count - 1)));
            var past = series.First(origin);
            // After a jump there is nothing to go on from for a while, and nothing is said that could be compared.
            if (Forecast.Of(past, horizonSteps) is not ForecastMade forecast) continue;
            made++;
            var actual = values.Slice(origin, horizonSteps);
            for (var step = 0; step < horizonSteps; step++)
            {
                var point = forecast.Points[step];
                sums[0] += Math.Abs(actual[step] - point.P50);
                if (step < forecast.StatedSteps) stated++;
                if (actual[step] >= point.P10 && actual[step] <= point.P90) inside++;
            }

            sums[1] += ErrorOf(ForecastModel.LastValue, past, actual);
            sums[2] += ErrorOf(ForecastModel.SeasonalNaive(SeasonOf(past)), past, actual);
        }

        if (made == 0) return null;
        var steps = (double)made * horizonSteps;
        return new Backtest(made, sums[0] / steps, sums[1] / steps, sums[2] / steps)
        {
            Coverage = stated == 0 ? null : (double)inside / stated,
            Stated = stated / steps,
            Windows = (double)(values.Length - first) / horizonSteps,
        };
    }

    private static int SeasonOf(UsageSeries past)
    {
        var week = past.StepsOf(TimeSpan.FromDays(7));
        if (week > 0 && past.Values.Count >= week) return week;
        return Math.Max(1, past.StepsOf(TimeSpan.FromDays(1)));
    }

    private static double ErrorOf(ForecastModel model, UsageSeries past, ReadOnlySpan<double> actual)
    {
        var ahead = new double[actual.Length];
        model.Continue(past.Values.Span, past.Values.Count, ahead);
        var sum = 0.0;
        for (var step = 0; step < ahead.Length; step++) sum += Math.Abs(actual[step] - ahead[step]);
        return sum;
    }
}

/// <summary>Whether intervals held, out of sample, what they state.</summary>
public enum IntervalVerdict
{
    AsStated,
    TooNarrow,
    TooWide,

    /// <summary>The past was too short for any interval.</summary>
    NotStated,
}
