namespace ControlPlane.Workloads;

/// <summary>All reservations; a change gives another book, so that it can be taken back.</summary>
public sealed record ReservationBook(Seq<Reservation> All)
{
    /// <summary>Windows of one reservation that are looked ahead: a daily one for more than a year.</summary>
    private const int MostWindows = 400;

    public static ReservationBook Empty { get; } = new(Seq<Reservation>.Empty);

    /// <summary>Label by which a workload says that it may be ended to give back lent room.</summary>
    public const string PreemptibleLabel = "preemptible";

    public static bool IsPreemptible(PlacementRequest request)
    {
        foreach (var label in request.Labels.Span)
        {
            if (label is { Key: PreemptibleLabel, Value: "true" }) return true;
        }

        return false;
    }

    public Reservation? Find(ReservationId id) => All.FirstOrDefault(item => item.Id == id);

    public Reservation? Find(TenantId tenant, string name) =>
        All.FirstOrDefault(item => item.Tenant == tenant && item.Name == name);

    public ReservationBook With(Reservation reservation) => new(All.Append(reservation).OrderBy(item => item.Id)
        .ToSeq());

    public ReservationBook Without(ReservationId id) => new(All.Where(item => item.Id != id).ToSeq());

    /// <summary>Reservations of one model in one region.</summary>
    public List<Reservation> At(RegionId region, SkuId sku) =>
        [.. All.Where(item => item.Region == region && item.Sku == sku)];

    /// <summary>
    /// The most, over all instants from one on, that tenants may still take of what is reserved for them, and when.
    /// What
    /// a tenant uses already counts as part of its own.
    /// </summary>
    public static (long Milli, DateTimeOffset At) Peak(
        IReadOnlyCollection<Reservation> reservations, (DateTimeOffset From, DateTimeOffset Until) within,
        Func<TenantId, long> usedMilli)
    {
        var instants = reservations.SelectMany(item => item.StartsFrom(within.From, MostWindows))
            .Where(start => start <= within.Until).Append(within.From).Distinct().Order();
        var (peak, at) = (0L, within.From);
        foreach (var instant in instants)
        {
            var sum = reservations.Where(item => item.HoldsAt(instant))
                .GroupBy(item => item.Tenant)
                .Sum(own => Math.Max(0, own.Sum(item => item.AcceleratorMilli) - usedMilli(own.Key)));
            if (sum > peak) (peak, at) = (sum, instant);
        }

        return (peak, at);
    }
}
