namespace ControlPlane.Capacity;

/// <summary>
/// Errors that a blend made in the past, by where it stood and how far ahead it looked, in roots of the level that the
/// series had then. Use is the sum of many workloads that come and go, and such a sum varies with its root: with four
/// times as many, errors are twice as large. In parts of the level itself, an error that was made where there was next
/// to nothing would be blown up to more than ever was in use.
/// </summary>
internal sealed class ForecastErrors
{
    /// <summary>
    /// Steps are taken together with those up to a quarter farther, since chance alone parts them.
    /// </summary>
    private const double Neighbourhood = 0.25;

    private const int LevelSteps = 48;

    private readonly int[] origins;
    private readonly double[][] rows;

    private ForecastErrors(int[] origins, double[][] rows, double scale) =>
        (this.origins, this.rows, Scale) = (origins, rows, scale);

    /// <summary>Lengths of the past that were gone on from, in order.</summary>
    public ReadOnlySpan<int> Origins => origins;

    /// <summary>What makes an amount of now of an error.</summary>
    public double Scale { get; }

    /// <summary>Errors of the steps of one forecast; steps that are not known yet are not there.</summary>
    public ReadOnlySpan<double> At(int origin) => rows[origin];

    /// <summary>Compares what a blend would have said at each origin with what came.</summary>
    public static ForecastErrors Of(
        ForecastBlend blend, ReadOnlySpan<double> values, (int[] Origins, int HorizonSteps) tried)
    {
        var rows = new double[tried.Origins.Length][];
        var least = Math.Max(Mean(values), 1e-9);
        var ahead = new double[tried.HorizonSteps];
        for (var index = 0; index < rows.Length; index++)
        {
            var origin = tried.Origins[index];
            blend.Continue(values, origin, ahead);
            var scale = ScaleOf(values[..origin], least);
            rows[index] = new double[Math.Min(ahead.Length, values.Length - origin)];
            for (var step = 0; step < rows[index].Length; step++)
                rows[index][step] = (values[origin + step] - ahead[step]) / scale;
        }

        return new(tried.Origins, rows, ScaleOf(values, least));
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
            Array.Fill(medians, Quantile(rows.Length, near, 0.5) * Scale, near.Start.Value, near.End.Value
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

    /// <summary>Root of the mean of the last day or so, or of that of all values where it was more.</summary>
    private static double ScaleOf(ReadOnlySpan<double> values, double least) =>
        Math.Sqrt(Math.Max(Mean(values[^Math.Min(LevelSteps, values.Length)..]), least));

    private static double Mean(ReadOnlySpan<double> values)
    {
        var sum = 0.0;
        foreach (var value in values) sum += value;
        return sum / values.Length;
    }
}
