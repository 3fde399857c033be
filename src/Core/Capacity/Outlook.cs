namespace ControlPlane.Capacity;

/// <summary>
/// What one region's accelerators of a model, or its power, will come to: the past, the forecast that goes on from it,
/// and what there will be to meet it with.
/// </summary>
public sealed record Outlook
{
    public required RegionId Region { get; init; }

    /// <summary>Model; null for facility power.</summary>
    public required SkuId? Sku { get; init; }

    /// <summary>What was used, in accelerators or in megawatts.</summary>
    public required UsageSeries Past { get; init; }

    public required Forecast Forecast { get; init; }

    /// <summary>What there is from each instant on, in the unit of the past; the first holds from the start.</summary>
    public required Seq<LimitPhase> Limits { get; init; }

    /// <summary>When what there is runs out; nothing when the history is too short to say.</summary>
    public required Exhaustion Exhaustion { get; init; }

    /// <summary>Time from an order until it is of use.</summary>
    public required TimeSpan LeadTime { get; init; }

    /// <summary>
    /// Free amount of the same model in other regions that all of today's users of this one may lawfully use.
    /// </summary>
    public required double LawfulOverflow { get; init; }

    /// <summary>
    /// When it may run out: with one chance in ten, and at even odds where no interval is stated; null when neither.
    /// </summary>
    public DateTimeOffset? RunsOut => Exhaustion.P90 ?? Exhaustion.P50;

    /// <summary>Last instant at which an order still comes in time for that; null when nothing runs out.</summary>
    public DateTimeOffset? OrderBy => RunsOut - LeadTime;

    /// <summary>Last instant for which an interval is stated; null when the past is too short for any.</summary>
    public DateTimeOffset? StatedUntil => Forecast is ForecastMade { StatedSteps: > 0 } made
        ? made.Points[made.StatedSteps - 1].At
        : null;

    /// <summary>Whether an order that is placed now comes too late for that.</summary>
    public bool IsLate(DateTimeOffset now) => OrderBy is { } latest && latest <= now;

    /// <summary>What there is at an instant.</summary>
    public double LimitAt(DateTimeOffset instant) => LimitAt(Limits, instant);

    internal static double LimitAt(Seq<LimitPhase> limits, DateTimeOffset instant)
    {
        var limit = limits[0].Amount;
        foreach (var phase in limits)
        {
            if (phase.From <= instant) limit = phase.Amount;
        }

        return limit;
    }
}

/// <summary>What there is from an instant on.</summary>
public readonly record struct LimitPhase(DateTimeOffset From, double Amount);
