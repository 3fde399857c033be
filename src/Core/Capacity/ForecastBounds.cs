namespace ControlPlane.Capacity;

/// <summary>
/// How far below and above the expected value one time in ten lies, by how far ahead. Each bound is followed through
/// the past: whenever an error was known it was moved out by a miss and in by a hit, so that over time one in ten
/// misses it, whatever the series does. A bound is stated only as far ahead as the past has cases enough.
/// Source: Angelopoulos, Candès, Tibshirani, Conformal PID Control for Time Series Prediction (2023).
/// </summary>
internal sealed class ForecastBounds
{
    /// <summary>
    /// Cases, windows of the past that do not overlap, from which an outermost tenth is told: of nine the largest is
    /// passed one time in ten; half as many again are asked for, or one odd case decides.
    /// </summary>
    public const int LeastCases = 14;

    /// <summary>Part of the values that a bound leaves out.</summary>
    private const double Tail = 0.1;

    /// <summary>Part of the past that models only learn from.</summary>
    private const double Unheard = 0.2;

    /// <summary>Cases from which bounds start.</summary>
    private const int FirstCases = 3;

    /// <summary>Mean errors by which a bound would move out if it were missed for a whole case.</summary>
    private const double Learning = 3;

    private const int MostOrigins = 160;

    private readonly (double Low, double High)[] amounts;

    private ForecastBounds((double, double)[] amounts) => this.amounts = amounts;

    /// <summary>Steps ahead for which bounds are stated.</summary>
    public int StatedSteps => amounts.Length;

    /// <summary>What is added to the expected value of a step.</summary>
    public (double Low, double High) At(int step) => amounts[step];

    /// <summary>Bounds for as many of the steps as the past has cases for.</summary>
    public static ForecastBounds Of(ForecastBlend blend, ReadOnlySpan<double> values, int horizonSteps)
    {
        var first = Math.Max(Forecast.LeastHistory, (int)(values.Length * Unheard));
        var stated = Math.Min(horizonSteps, Math.Max(0, values.Length - first) / LeastCases);
        var stride = Math.Max(1, (values.Length - first + MostOrigins - 1) / MostOrigins);
        var origins = new List<int>();
        for (var origin = first; origin < values.Length; origin += stride) origins.Add(origin);
        var errors = ForecastErrors.Of(blend, values, ([.. origins], stated));
        var amounts = new (double, double)[stated];
        foreach (var near in ForecastErrors.Neighbours(stated))
        {
            var (low, high) = Followed(errors, near, values.Length);
            Array.Fill(amounts, (low * errors.Scale, high * errors.Scale), near.Start.Value, near.End.Value
                - near.Start.Value);
        }

        return new(amounts);
    }

    /// <summary>The bounds of some steps after all that is known, as errors are counted.</summary>
    private static (double Low, double High) Followed(ForecastErrors errors, Range near, int now)
    {
        var origins = errors.Origins;
        var end = near.End.Value;
        var known = origins.Length;
        while (known > 0 && origins[known - 1] + end > now) known--;
        var stride = origins.Length > 1 ? origins[1] - origins[0] : 1;
        var learnt = Math.Clamp(FirstCases * end / stride, 1, known);
        var (low, high) = (errors.Quantile(learnt, near, Tail), errors.Quantile(learnt, near, 1 - Tail));
        var mean = new RunningMean();
        for (var index = 0; index < learnt; index++) mean.Add(errors.At(index)[near]);
        var stated = new (double Low, double High)[known];
        for (var (index, next) = (learnt, learnt); index <= known; index++)
        {
            // What was not known at an instant moved no bound by then.
            var at = index < known ? origins[index] : now;
            for (; next < index && origins[next] + end <= at; next++)
            {
                var came = errors.At(next)[near];
                var (below, above) = Misses(came, stated[next]);
                mean.Add(came);
                var pace = Learning * mean.Value * Math.Min(1, (double)stride / end);
                low -= pace * (below - Tail);
                high += pace * (above - Tail);
            }

            if (index < known) stated[index] = (low, high);
        }

        return (low, high);
    }

    /// <summary>Shares of errors that were below and above what was stated.</summary>
    private static (double Below, double Above) Misses(
        ReadOnlySpan<double> errors, (double Low, double High) stated)
    {
        var (below, above) = (0, 0);
        foreach (var error in errors)
        {
            if (error < stated.Low) below++;
            if (error > stated.High) above++;
        }

        return ((double)below / errors.Length, (double)above / errors.Length);
    }

    /// <summary>Mean size of errors so far.</summary>
    private struct RunningMean
    {
        private double sum;
        private long count;

        public readonly double Value => count == 0 ? 0 : sum / count;

        public void Add(ReadOnlySpan<double> errors)
        {
            foreach (var error in errors) sum += Math.Abs(error);
            count += errors.Length;
        }
    }
}
