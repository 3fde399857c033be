namespace ControlPlane.Capacity;

/// <summary>
/// Errors that a blend made in the past, by how far ahead it looked; they say how wide its intervals are. Intervals are
/// calibrated: replayed over the past, each made from what was known by then, they are widened after every miss and
/// narrowed after every hit until the stated share is inside.
/// Source: Gibbs, Candès, Adaptive Conformal Inference Under Distribution Shift (2021).
/// </summary>
internal sealed class ForecastErrors
{
    /// <summary>Part of the errors that an interval leaves out at each side.</summary>
    private const double Tail = 0.1;

    /// <summary>
    /// Steps are taken together with those up to a quarter nearer or farther, since chance alone parts them.
    /// </summary>
    private const double Neighbourhood = 0.25;

    /// <summary>Independent cases at which a tail is taken at half its stated size.</summary>
    private const double FewCases = 1;

    /// <summary>How much one window that is missed entirely widens the next, in parts of the logarithm.</summary>
    private const double Learning = 0.15;

    /// <summary>Windows that must be known before an interval is replayed.</summary>
    private const int LeastKnown = 6;

    /// <summary>Bounds of what calibration may do.</summary>
    private const double MostStretch = 4;

    private const int LevelSteps = 48;

    /// <summary>Part of the mean of all values that a level never goes below, or what was empty once has no
    /// bounds.</summary>
    private const double LeastLevel = 0.2;

    private readonly double[][] sortedByBucket;
    private readonly int[] bucketOf;
    private readonly double scale;
    private readonly int span;
    private double stretch = 1;

    private ForecastErrors(double[][] sortedByBucket, int[] bucketOf, (double Scale, int Span) now)
    {
        this.sortedByBucket = sortedByBucket;
        this.bucketOf = bucketOf;
        (scale, span) = now;
    }

    public static ForecastErrors Of(
        ForecastBlend blend, ReadOnlySpan<double> values, (int[] Origins, int HorizonSteps) tried)
    {
        var errors = new double[tried.Origins.Length][];
        var least = Math.Max(LeastLevel * Mean(values), 1e-9);
        var ahead = new double[tried.HorizonSteps];
        for (var index = 0; index < errors.Length; index++)
        {
            blend.Continue(values, tried.Origins[index], ahead);
            // What doubles has errors twice as large, so errors are kept in parts of the level they were made at.
            var level = Level(values[..tried.Origins[index]], least);
            errors[index] = new double[ahead.Length];
            for (var step = 0; step < ahead.Length; step++)
                errors[index][step] = (values[tried.Origins[index] + step] - ahead[step]) / level;
        }

        var all = Pooled(errors, tried, Level(values, least));
        all.stretch = Calibrated(errors, tried);
        return all;
    }

    /// <summary>
    /// What is added to the expected value for the lower end, the middle and the upper end. Forecasts that overlap see
    /// the same future, so far ahead there are few cases; the fewer, the farther out the tails are taken.
    /// </summary>
    public (double Low, double Middle, double High) Interval(int step)
    {
        var independent = Math.Max(1.0, (double)span / (step + 1));
        var tail = Tail * independent / (independent + FewCases);
        var (low, middle, high) = (Quantile(step, tail), Quantile(step, 0.5), Quantile(step, 1 - tail));
        return (middle - (stretch * (middle - low)), middle, middle + (stretch * (high - middle)));
    }

    private double Quantile(int step, double share)
    {
        var sorted = sortedByBucket[bucketOf[step]];
        var place = share * (sorted.Length - 1);
        var below = (int)place;
        var error = below + 1 == sorted.Length
            ? sorted[below]
            : sorted[below] + ((place - below) * (sorted[below + 1] - sorted[below]));
        return error * scale;
    }

    private static ForecastErrors Pooled(
        ReadOnlySpan<double[]> errors, (int[] Origins, int HorizonSteps) tried, double scale)
    {
        var (buckets, bucketOf) = (new List<double[]>(), new int[tried.HorizonSteps]);
        for (var first = 0; first < tried.HorizonSteps;)
        {
            var end = Math.Min(tried.HorizonSteps, first + 1 + (int)((first + 1) * Neighbourhood));
            var pooled = new double[errors.Length * (end - first)];
            for (var row = 0; row < errors.Length; row++)
                errors[row].AsSpan(first, end - first).CopyTo(pooled.AsSpan(row * (end - first)));
            Array.Sort(pooled);
            Array.Fill(bucketOf, buckets.Count, first, end - first);
            buckets.Add(pooled);
            first = end;
        }

        var span = tried.Origins[errors.Length - 1] - tried.Origins[0] + tried.HorizonSteps;
        return new ForecastErrors([.. buckets], bucketOf, (scale, span));
    }

    /// <summary>Replays intervals over the past in order; what was not known yet plays no part.</summary>
    private static double Calibrated(double[][] errors, (int[] Origins, int HorizonSteps) tried)
    {
        var (logarithm, most, known) = (0.0, Math.Log(MostStretch), 0);
        for (var index = 0; index < errors.Length; index++)
        {
            while (tried.Origins[known] + tried.HorizonSteps <= tried.Origins[index]) known++;
            if (known < LeastKnown) continue;
            var then = Pooled(errors.AsSpan(0, known), tried, scale: 1);
            then.stretch = Math.Exp(logarithm);
            var inside = 0;
            for (var step = 0; step < tried.HorizonSteps; step++)
            {
                var (low, _, high) = then.Interval(step);
                if (errors[index][step] >= low && errors[index][step] <= high) inside++;
            }

            var hit = (double)inside / tried.HorizonSteps;
            logarithm = Math.Clamp(logarithm + (Learning * (1 - (2 * Tail) - hit)), -most, most);
        }

        return Math.Exp(logarithm);
    }

    /// <summary>Mean of the last day or so, and never far below the mean of all.</summary>
    private static double Level(ReadOnlySpan<double> values, double least) =>
        Math.Max(Mean(values[^Math.Min(LevelSteps, values.Length)..]), least);

    private static double Mean(ReadOnlySpan<double> values)
    {
        var sum = 0.0;
        foreach (var value in values) sum += value;
        return sum / values.Length;
    }
}
