namespace ControlPlane.Capacity;

/// <summary>
/// What one region's accelerators of a model, or its power, will come to: the past, the forecast that goes on from it,
/// and what there will be to meet it with.
/// </summary>
public sealed record Outlook
{
    /// <summary>Part of what there is from which on nothing of any size finds room.</summary>
    internal const double Full = 0.99;

    /// <summary>The least power that is worth a contract, in megawatts.</summary>
    private const double LeastMegawatts = 0.01;

    public required RegionId Region { get; init; }

    /// <summary>Model; null for facility power.</summary>
    public required SkuId? Sku { get; init; }

    /// <summary>What was used, in accelerators or in megawatts.</summary>
    public required UsageSeries Past { get; init; }

    public required Forecast Forecast { get; init; }

    /// <summary>
    /// What ordinary work may use from each instant on, in the unit of the past; the first holds from the start.
    /// </summary>
    public required Seq<LimitPhase> Limits { get; init; }

    /// <summary>Installed beside that, and kept by reserves.</summary>
    public required double Reserved { get; init; }

    /// <summary>When what there is here runs out; nothing when the history is too short to say.</summary>
    public required Exhaustion Exhaustion { get; init; }

    /// <summary>When that and what is lawfully free otherwise run out.</summary>
    public required Exhaustion BeyondOverflow { get; init; }

    /// <summary>Time from an order until it is of use.</summary>
    public required TimeSpan LeadTime { get; init; }

    /// <summary>
    /// Free in other models or regions, for ordinary work, where all of today's users of this may lawfully go and are
    /// able to run. The same room may be the overflow of several.
    /// </summary>
    public required double LawfulOverflow { get; init; }

    /// <summary>Accelerators of a node, which is how they are bought; 0 for power.</summary>
    public required int PerNode { get; init; }

    /// <summary>
    /// When it may run out here: with one chance in ten, and at even odds where no interval is stated; null when
    /// neither.
    /// </summary>
    public DateTimeOffset? RunsOut => Exhaustion.P90 ?? Exhaustion.P50;

    /// <summary>
    /// Last instant at which an order still comes in time for the day on which it will have run out here and wherever
    /// else its users may lawfully go; null when that is not within the forecast. One chance in ten counts where the
    /// past tells it as far ahead as an order takes, or else even odds: what may be full next week by chance is no
    /// reason to buy what comes in months.
    /// </summary>
    public DateTimeOffset? OrderBy => (GoesByInterval ? BeyondOverflow.P90 : BeyondOverflow.P50) - LeadTime;

    private bool GoesByInterval => StatedUntil >= Past.End + LeadTime;

    /// <summary>
    /// The most by which the use that an order goes by exceeds what is full here and lawfully elsewhere, within the
    /// forecast: whole nodes, or megawatts; 0 when nothing has to be ordered.
    /// </summary>
    public double OrderAmount
    {
        get
        {
            if (OrderBy is null || Forecast is not ForecastMade made) return 0;
            var most = made.Points.Max(point =>
                (GoesByInterval ? point.P90 ?? point.P50 : point.P50) - (Full * (LimitAt(point.At) + LawfulOverflow)));
            // What is just full is not enough: the next workload finds nothing.
            if (PerNode == 0) return Math.Max(most, LeastMegawatts);
            return PerNode * Math.Max(1, Math.Ceiling(most / PerNode));
        }
    }

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
