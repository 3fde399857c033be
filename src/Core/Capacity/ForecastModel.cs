namespace ControlPlane.Capacity;

/// <summary>
/// One way to go on from a series: a profile of past seasons, from which today's deviation decays, and a trend that is
/// believed in part. Repeating the last value and repeating the last season are two of these ways.
/// </summary>
/// <param name="SeasonSteps">Steps of a season; 1 has one mean for all steps.</param>
/// <param name="Memory">Weight of each season relative to the one after it, 0 (only the last) up to below 1.</param>
/// <param name="Persistence">Part of today's deviation from the profile that is left after a step, 0 to 1.</param>
/// <param name="Trend">Part of the measured trend that is believed, 0 to 1.</param>
internal readonly record struct ForecastModel(int SeasonSteps, double Memory, double Persistence, double Trend)
{
    /// <summary>The last value for ever.</summary>
    public static ForecastModel LastValue { get; } = new(1, 0, 1, 0);

    /// <summary>The last season again and again.</summary>
    public static ForecastModel SeasonalNaive(int seasonSteps) => new(seasonSteps, 0, 0, 0);

    /// <summary>The ways that are tried, the plainest first, so that a tie takes the plainer.</summary>
    public static IEnumerable<ForecastModel> Candidates(IEnumerable<int> seasons)
    {
        double[] persistences = [1, 0.998, 0.99, 0.97, 0.9, 0];
        foreach (var trend in (double[])[0, 0.25, 0.5, 1])
        {
            yield return LastValue with { Trend = trend };
            foreach (var season in seasons)
            {
                foreach (var memory in (double[])[0, 0.5, 0.8])
                {
                    foreach (var persistence in persistences) yield return new(season, memory, persistence, trend);
                }
            }
        }
    }

    /// <summary>Goes on from the first <paramref name="known"/> values for so many steps.</summary>
    public void Continue(ReadOnlySpan<double> values, int known, Span<double> ahead) =>
        Continue(values, known, (Profile(values[..known]), Trend == 0 ? 0 : Slope(values[..known])), ahead);

    /// <summary>Mean absolute errors of models over origins of the past, in the order of the models.</summary>
    public static double[] MeanErrors(
        IReadOnlyList<ForecastModel> models, ReadOnlySpan<double> values, (int[] Origins, int HorizonSteps) tried)
    {
        var (sums, ahead) = (new double[models.Count], new double[tried.HorizonSteps]);
        foreach (var origin in tried.Origins)
        {
            var past = values[..origin];
            // What models share is worked out once.
            var (profiles, slopes) = (new Dictionary<(int, double), double[]>(), new Dictionary<int, double>());
            for (var index = 0; index < models.Count; index++)
            {
                var model = models[index];
                var kind = (model.SeasonSteps, model.Memory);
                if (!profiles.TryGetValue(kind, out var profile)) profiles.Add(kind, profile = model.Profile(past));
                if (!slopes.TryGetValue(model.SeasonSteps, out var slope))
                    slopes.Add(model.SeasonSteps, slope = model.Slope(past));
                model.Continue(values, origin, (profile, slope), ahead);
                for (var step = 0; step < ahead.Length; step++)
                    sums[index] += Math.Abs(values[origin + step] - ahead[step]);
            }
        }

        for (var index = 0; index < sums.Length; index++) sums[index] /= (double)tried.Origins.Length * ahead.Length;
        return sums;
    }

    private void Continue(
        ReadOnlySpan<double> values, int known, (double[] Profile, double Slope) from, Span<double> ahead)
    {
        var (profile, slope) = (from.Profile, Trend * from.Slope);
        var phase = (known - 1) % SeasonSteps;
        var deviation = values[known - 1] - profile[phase];
        for (var step = 0; step < ahead.Length; step++)
        {
            deviation *= Persistence;
            if (++phase == SeasonSteps) phase = 0;
            ahead[step] = Math.Max(0, profile[phase] + deviation + (slope * (step + 1)));
        }
    }

    /// <summary>Weighted mean of each phase of the season, the latest season weighing most.</summary>
    private double[] Profile(ReadOnlySpan<double> values)
    {
        // With no memory only the last season counts; a mean of one step's season is then the last value.
        var (sums, weights) = (new double[SeasonSteps], new double[SeasonSteps]);
        var (weight, index) = (1.0, values.Length - 1);
        while (index >= 0 && weight > 1e-6)
        {
            var phase = index % SeasonSteps;
            for (var end = Math.Max(-1, index - SeasonSteps); index > end; index--)
            {
                sums[phase] += weight * values[index];
                weights[phase] += weight;
                if (--phase < 0) phase = SeasonSteps - 1;
            }

            weight *= Memory;
        }

        for (var phase = 0; phase < SeasonSteps; phase++)
            sums[phase] = weights[phase] == 0 ? values[^1] : sums[phase] / weights[phase];
        return sums;
    }

    /// <summary>Change per step between the means of the last two equal windows, each of whole seasons.</summary>
    private double Slope(ReadOnlySpan<double> values)
    {
        var window = Math.Max(1, values.Length / 4 / SeasonSteps) * SeasonSteps;
        if (values.Length < 2 * window) return 0;
        return (Mean(values[^window..]) - Mean(values[^(2 * window)..^window])) / window;
    }

    private static double Mean(ReadOnlySpan<double> values)
    {
        var sum = 0.0;
        foreach (var value in values) sum += value;
        return sum / values.Length;
    }
}
