namespace ControlPlane.Capacity;

/// <summary>
/// Errors that a model made in the past, by how far ahead it looked; they say how wide its intervals are.
/// </summary>
internal sealed class ForecastErrors
{
    /// <summary>
    /// Steps are taken together with those up to a quarter nearer or farther, since chance alone parts them.
    /// </summary>
    private const double Neighbourhood = 0.25;

    /// <summary>Independent cases at which a tail is taken at half its stated size.</summary>
    private const double FewCases = 5;

    private const int LevelSteps = 48;

    private readonly double[][] sortedByBucket;
    private readonly int[] bucketOf;
    private readonly double scale;
    private readonly int span;

    private ForecastErrors(double[][] sortedByBucket, int[] bucketOf, (double Scale, int Span) now)
    {
        this.sortedByBucket = sortedByBucket;
        this.bucketOf = bucketOf;
        (scale, span) = now;
    }

    public static ForecastErrors Of(
        ForecastModel model, ReadOnlySpan<double> values, (int[] Origins, int HorizonSteps) tried)
    {
        var errors = new double[tried.Origins.Length][];
        var ahead = new double[tried.HorizonSteps];
        for (var index = 0; index < errors.Length; index++)
        {
            model.Continue(values, tried.Origins[index], ahead);
            // What doubles has errors twice as large, so errors are kept in parts of the level they were made at.
            var level = Level(values[..tried.Origins[index]]);
            errors[index] = new double[ahead.Length];
            for (var step = 0; step < ahead.Length; step++)
                errors[index][step] = (values[tried.Origins[index] + step] - ahead[step]) / level;
        }

        var (buckets, bucketOf) = (new List<double[]>(), new int[tried.HorizonSteps]);
        for (var first = 0; first < tried.HorizonSteps;)
        {
            var end = Math.Min(tried.HorizonSteps, first + 1 + (int)((first + 1) * Neighbourhood));
            double[] pooled = [.. errors.SelectMany(row => row[first..end])];
            Array.Sort(pooled);
            Array.Fill(bucketOf, buckets.Count, first, end - first);
            buckets.Add(pooled);
            first = end;
        }

        var span = tried.Origins[^1] - tried.Origins[0] + tried.HorizonSteps;
        return new ForecastErrors([.. buckets], bucketOf, (Level(values), span));
    }

    /// <summary>
    /// Error that is not exceeded in so many of the cases, interpolated. Forecasts that overlap see the same future, so
    /// far ahead there are few cases; the fewer, the farther out the tails are taken.
    /// </summary>
    public double Quantile(int step, double share)
    {
        var sorted = sortedByBucket[bucketOf[step]];
        var independent = Math.Max(1.0, (double)span / (step + 1));
        var tail = Math.Min(share, 1 - share);
        var outer = share is > 0.1 and < 0.9 ? tail : tail * independent / (independent + FewCases);
        var place = (share < 0.5 ? outer : 1 - outer) * (sorted.Length - 1);
        var below = (int)place;
        var error = below + 1 == sorted.Length
            ? sorted[below]
            : sorted[below] + ((place - below) * (sorted[below + 1] - sorted[below]));
        return error * scale;
    }

    /// <summary>Mean of the last day or so, and never nothing.</summary>
    private static double Level(ReadOnlySpan<double> values)
    {
        var (sum, count) = (0.0, Math.Min(LevelSteps, values.Length));
        foreach (var value in values[^count..]) sum += value;
        return Math.Max(sum / count, 1e-9);
    }
}
