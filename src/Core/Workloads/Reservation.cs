namespace ControlPlane.Workloads;

/// <summary>Names one reservation.</summary>
public readonly record struct ReservationId(Guid Value) : IComparable<ReservationId>
{
    public int CompareTo(ReservationId other) => Value.CompareTo(other.Value);
    public override string ToString() => Value.ToString("D");
}

/// <summary>How often a window comes again.</summary>
public enum ReservationRepeat
{
    Once,
    Daily,
    Weekly,
}

/// <summary>
/// Accelerators of one model in one region that a tenant may count on within windows of time. What the tenant runs
/// there
/// counts against it; others stop before it.
/// </summary>
public sealed record Reservation
{
    public required ReservationId Id { get; init; }

    public required TenantId Tenant { get; init; }

    /// <summary>Unique within the tenant.</summary>
    public required string Name { get; init; }

    public required RegionId Region { get; init; }

    public required SkuId Sku { get; init; }

    public required int Accelerators { get; init; }

    /// <summary>Start of the first window.</summary>
    public required DateTimeOffset From { get; init; }

    /// <summary>End of the first window; the room is kept up to it and not at it.</summary>
    public required DateTimeOffset Until { get; init; }

    public ReservationRepeat Repeat { get; init; }

    /// <summary>No window starts at or after this; null for one that does not come again.</summary>
    public DateTimeOffset? RepeatUntil { get; init; }

    /// <summary>Whether work that may be ended at any time may use the room while it is idle.</summary>
    public bool Lendable { get; init; }

    /// <summary>Seconds before a window at which lent room is taken back.</summary>
    public int RecallSeconds { get; init; }

    public long AcceleratorMilli => Accelerators * 1000L;

    /// <summary>Whether room is kept at an instant.</summary>
    public bool HoldsAt(DateTimeOffset instant)
    {
        if (instant < From) return false;
        if (Period is not { } period) return instant < Until;
        var windows = (instant - From).Ticks / period.Ticks;
        var start = From + (period * windows);
        return start < RepeatUntil && instant < start + (Until - From);
    }

    /// <summary>Starts of windows from an instant on, the first ones at most.</summary>
    public IEnumerable<DateTimeOffset> StartsFrom(DateTimeOffset instant, int most)
    {
        if (Period is not { } period)
        {
            if (From >= instant) yield return From;
            yield break;
        }

        var first = instant <= From ? 0 : ((instant - From).Ticks + period.Ticks - 1) / period.Ticks;
        for (var window = first; window < first + most && From + (period * window) < RepeatUntil; window++)
            yield return From + (period * window);
    }

    private TimeSpan? Period => Repeat switch
    {
        ReservationRepeat.Daily => TimeSpan.FromDays(1),
        ReservationRepeat.Weekly => TimeSpan.FromDays(7),
        _ => null,
    };
}
