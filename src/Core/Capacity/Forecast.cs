namespace ControlPlane.Capacity;

/// <summary>What a series says about the time to come, or that it is too short to say anything.</summary>
public abstract record Forecast
{
    /// <summary>
    /// Steps of the future for which a value is given need this many times as many steps of the past.
    /// </summary>
    public const int HistoryPerHorizon = 2;

    /// <summary>Least values of a series that is gone on from.</summary>
    public const int LeastHistory = 28;

    private const int MostOrigins = 48;

    /// <summary>
    /// Since when the series has been at its level, where it went there from quite another one; what was before is
    /// not gone on from.
    /// </summary>
    public DateTimeOffset? Since { get; init; }

    /// <summary>
    /// Goes on from what came of a series since it last went to quite another level. Every candidate model is tried at
    /// many instants of the past, where what came next is known, and the best of their kinds are blended. The interval
    /// is followed through the past as well, and stated only as far ahead as the past has cases enough to tell it from;
    /// farther ahead only the middle is.
    /// </summary>
    /// <param name="series">The past.</param>
    /// <param name="horizonSteps">Steps to go on for, at least 1.</param>
    public static Forecast Of(UsageSeries series, int horizonSteps)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(horizonSteps, 1);
        var present = LevelShift.Present(series);
        DateTimeOffset? since = present.Values.Count < series.Values.Count ? present.Start : null;
        var needed = Math.Max(LeastHistory, HistoryPerHorizon * horizonSteps);
        var values = present.Values.Span;
        if (values.Length < needed) return new HistoryTooShort(values.Length, needed) { Since = since };
        var tried = (Origins(values.Length, horizonSteps), horizonSteps);
        var models = ForecastModel.Candidates(Seasons(present, values.Length - horizonSteps)).ToArray();
        var blend = ForecastBlend.Of(models.Zip(ForecastModel.MeanErrors(models, values, tried)));
        var ahead = new double[horizonSteps];
        blend.Continue(values, values.Length, ahead);
        var bounds = ForecastBounds.Of(blend, values, horizonSteps);
        // From fewer cases the middle of the errors is chance.
        var medians = ForecastErrors.Of(blend, values, tried).Medians(bounds.StatedSteps);
        var points = new ForecastPoint[horizonSteps];
        for (var step = 0; step < horizonSteps; step++)
        {
            var at = series.End + (series.Step * (step + 1));
            points[step] = new(at, null, ahead[step], null);
            if (step >= bounds.StatedSteps) continue;
            var (low, high) = bounds.At(step);
            var middle = Math.Max(0, ahead[step] + medians[step]);
            points[step] = new(
                at, Math.Clamp(ahead[step] + low, 0, middle), middle, Math.Max(middle, ahead[step] + high));
        }

        return new ForecastMade([.. points], bounds.StatedSteps, blend.Leading) { Since = since };
    }

    /// <summary>Days and weeks, of which the past must hold at least two.</summary>
    private static IEnumerable<int> Seasons(UsageSeries series, int known) =>
        from season in (TimeSpan[])[TimeSpan.FromDays(1), TimeSpan.FromDays(7)]
        let steps = series.StepsOf(season)
        where steps > 1 && known >= 2 * steps
        select steps;

    /// <summary>Lengths of the past from which the known future is forecast, evenly over the later half.</summary>
    private static int[] Origins(int count, int horizonSteps)
    {
        var (first, last) = (Math.Max(2, (count - horizonSteps) / 2), count - horizonSteps);
        var origins = Math.Min(MostOrigins, last - first + 1);
        return [.. Enumerable.Range(0, origins).Select(index =>
            origins == 1 ? last : first + (int)((long)index * (last - first) / (origins - 1)))];
    }
}

/// <summary>A forecast, step by step.</summary>
public sealed record ForecastMade : Forecast
{
    internal ForecastMade(Seq<ForecastPoint> points, int statedSteps, ForecastModel model)
    {
        Points = points;
        StatedSteps = statedSteps;
        SeasonSteps = model.SeasonSteps;
        Persistence = model.Persistence;
        Trend = model.Trend;
    }

    public Seq<ForecastPoint> Points { get; private init; }

    /// <summary>Points from the first on that state an interval.</summary>
    public int StatedSteps { get; }

    /// <summary>Steps of the season that was found; 1 for none.</summary>
    public int SeasonSteps { get; }

    /// <summary>Part of today's deviation that is left after a step.</summary>
    public double Persistence { get; }

    /// <summary>Part of the measured trend that is believed.</summary>
    public double Trend { get; }

    /// <summary>
    /// The same with intervals that end at what there is, since use is never more; what is expected stays, since more
    /// may be asked for than there is.
    /// </summary>
    internal ForecastMade Within(Func<DateTimeOffset, double> installedAt) => this with
    {
        Points = Points.Select(point => point with
        {
            P90 = point.P90 is { } high ? Math.Max(point.P50, Math.Min(high, installedAt(point.At))) : null,
        }).ToSeq(),
    };

    /// <summary>
    /// When the median and when the upper tenth first come to what there is; null where they do not within the
    /// forecast, or within the part of it that states an interval. Use never was more than what there was, so a
    /// series that stays at its limit has run out.
    /// </summary>
    /// <param name="limitAt">What there is at an instant, growth included.</param>
    public Exhaustion ExhaustedBy(Func<DateTimeOffset, double> limitAt)
    {
        DateTimeOffset? likely = null, possible = null;
        foreach (var point in Points)
        {
            var limit = limitAt(point.At);
            if (possible is null && point.P90 > 0 && point.P90 >= limit) possible = point.At;
            if (likely is null && point.P50 > 0 && point.P50 >= limit) likely = point.At;
        }

        return new Exhaustion(likely, possible);
    }
}

/// <summary>The series, or what came since its last jump, is too short for a forecast; no line is drawn.</summary>
public sealed record HistoryTooShort(int HaveSteps, int NeedSteps) : Forecast;

/// <summary>
/// Expected amount at an instant: one time in ten below P10, half the time below P50, nine in ten below P90. P10 and
/// P90 are null where the past is too short to tell them.
/// </summary>
public readonly record struct ForecastPoint(DateTimeOffset At, double? P10, double P50, double? P90);

/// <summary>When what there is runs out: at even odds, and with one chance in ten.</summary>
public readonly record struct Exhaustion(DateTimeOffset? P50, DateTimeOffset? P90);
