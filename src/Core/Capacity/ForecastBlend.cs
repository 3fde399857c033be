namespace ControlPlane.Capacity;

/// <summary>
/// The best models of their kinds together, each weighted by how small its errors were. Chance that favours one model
/// on the past hurts a blend less than it hurts the one that looked best.
/// </summary>
internal sealed class ForecastBlend
{
    /// <summary>A model whose errors are larger than the best one's by more than this is left out.</summary>
    private const double WorstShare = 1.3;

    private readonly (ForecastModel Model, double Weight)[] parts;

    private ForecastBlend((ForecastModel, double)[] parts) => this.parts = parts;

    /// <summary>The model with the smallest errors.</summary>
    public ForecastModel Leading => parts[0].Model;

    /// <summary>Blends tried models; the plainest come first, so that a tie takes the plainer.</summary>
    public static ForecastBlend Of(IEnumerable<(ForecastModel Model, double Error)> tried)
    {
        var best = new Dictionary<(int, bool, bool), (ForecastModel Model, double Error)>();
        foreach (var (model, error) in tried)
        {
            var kind = (model.SeasonSteps, model.Trend > 0, model.Persistence > 0.95);
            // A model must be clearly better than a plainer one, or chance chooses.
            if (!best.TryGetValue(kind, out var known) || error < known.Error * 0.99) best[kind] = (model, error);
        }

        var order = best.Values.ToList();
        var leading = order.Aggregate((one, other) => other.Error < one.Error * 0.99 ? other : one);
        if (leading.Error <= 0) return new([(leading.Model, 1)]);
        var taken = order.FindAll(item => item.Model != leading.Model && item.Error <= leading.Error * WorstShare)
            .Prepend(leading)
            .Select(item => (item.Model, Weight: 1 / (item.Error * item.Error)))
            .ToList();
        var sum = taken.Sum(item => item.Weight);
        return new([.. taken.Select(item => (item.Model, item.Weight / sum))]);
    }

    /// <summary>Goes on from the first <paramref name="known"/> values for so many steps.</summary>
    public void Continue(ReadOnlySpan<double> values, int known, Span<double> ahead)
    {
        ahead.Clear();
        var one = new double[ahead.Length];
        foreach (var (model, weight) in parts)
        {
            model.Continue(values, known, one);
            for (var step = 0; step < one.Length; step++) ahead[step] += weight * one[step];
        }
    }
}
