namespace ControlPlane.Capacity;

/// <summary>
/// Errors that a blend made in the past, by where it stood and how far ahead it looked, in parts of the level that the
/// series had then: what doubles has errors twice as large.
/// </summary>
internal sealed class ForecastErrors
{
    /// <summary>
    /// Steps are taken together with those up to a quarter farther, since chance alone parts them.
    /// </summary>
    private const double Neighbourhood = 0.25;

    private const int LevelSteps = 48;

    /// <summary>Part of the mean of all values that a level never goes below, or what was empty once has no
    /// bounds.</summary>
    private const double LeastLevel = 0.2;

    private readonly int[] origins;
    private readonly double[][] rows;

    private ForecastErrors(int[] origins, double[][] rows, double level) =>
        (this.origins, this.rows, Level) = (origins, rows, level);

    /// <summary>Lengths of the past that were gone on from, in order.</summary>
    public ReadOnlySpan<int> Origins => origins;

    /// <summary>Level of the series now, by which an error becomes an amount.</summary>
    public double Level { get; }

    /// <summary>Errors of the steps of one forecast; steps that are not known yet are not there.</summary>
    public ReadOnlySpan<double> At(int origin) => rows[origin];

    /// <summary>Compares what a blend would have said at each origin with what came.</summary>
    public static ForecastErrors Of(
        ForecastBlend blend, ReadOnlySpan<double> values, (int[] Origins, int HorizonSteps) tried)
    {
        var rows = new double[tried.Origins.Length][];
        var least = Math.Max(LeastLevel * Mean(values), 1e-9);
        var ahead = new double[tried.HorizonSteps];
        for (var index = 0; index < rows.Length; index++)
        {
            var origin = tried.Origins[index];
            blend.Continue(values, origin, ahead);
            var level = LevelOf(values[..origin], least);
            rows[index] = new double[Math.Min(ahead.Length, values.Length - origin)];
            for (var step = 0; step < rows[index].Length; step++)
                rows[index][step] = (values[origin + step] - ahead[step]) / level;
        }

        return new(tried.Origins, rows, LevelOf(values, least));
    }

    /// <summary>Steps that are taken together: from the first up to the last of each.</summary>
    public static IEnumerable<Range> Neighbours(int steps)
    {
        for (var first = 0; first < steps;)
        {
            var end = Math.Min(steps, first + 1 + (int)((first + 1) * Neighbourhood));
            yield return first..end;
            first = end;
        }
    }

    /// <summary>The middle of the errors of each step, as an amount of now.</summary>
    public double[] Medians(int steps)
    {
        var medians = new double[steps];
        foreach (var near in Neighbours(steps))
            Array.Fill(medians, Quantile(rows.Length, near, 0.5) * Level, near.Start.Value, near.End.Value
                - near.Start.Value);
        return medians;
    }

    /// <summary>What a share of the errors of some steps is not above, in the first forecasts.</summary>
    public double Quantile(int forecasts, Range steps, double share)
    {
        var pooled = new List<double>();
        for (var index = 0; index < forecasts; index++) pooled.AddRange(rows[index].AsSpan(steps));
        pooled.Sort();
        var place = share * (pooled.Count - 1);
        var below = (int)place;
        return below + 1 == pooled.Count
            ? pooled[below]
            : pooled[below] + ((place - below) * (pooled[below + 1] - pooled[below]));
    }

    /// <summary>Mean of the last day or so, and never far below the mean of all.</summary>
    private static double LevelOf(ReadOnlySpan<double> values, double least) =>
        Math.Max(Mean(values[^Math.Min(LevelSteps, values.Length)..]), least);

    private static double Mean(ReadOnlySpan<double> values)
    {
        var sum = 0.0;
        foreach (var value in values) sum += value;
        return sum / values.Length;
    }
}
