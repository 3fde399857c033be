using ControlPlane.Policies;
using ControlPlane.Workloads;

namespace ControlPlane.Failover;

/// <summary>
/// Says what the law of the next days is: on which of them it changes although nobody changes it, what may be used
/// through all of them, and what runs where one of them denies it.
/// </summary>
public sealed class LawAhead
{
    // A law remembers one day, so each day has its own.
    private readonly Seq<(Law Law, DateTimeOffset At)> days;

    private LawAhead(Seq<(Law Law, DateTimeOffset At)> days) => this.days = days;

    /// <summary>Whether law changes within the days that are looked at.</summary>
    public bool Changes => days.Count > 0;

    public static LawAhead Of(Law law, DateTimeOffset asOf, TimeSpan ahead) => new(
        new LawCalendar(law.Fleet, law.Policies).Between(asOf, asOf + ahead)
            .Select(change => (
                new Law(law.Fleet, law.Policies), new DateTimeOffset(change.Key, TimeOnly.MinValue, TimeSpan.Zero)))
            .ToSeq());

    /// <summary>Those of some pools that the law of all these days lets be used.</summary>
    public PoolSet Lasting(LawSubject subject, PoolSet pools) => days.Aggregate(
        pools, (left, day) => left.And(day.Law.LawfulPools(subject, day.At)));

    /// <summary>Whether the law of all these days lets something run on where it runs.</summary>
    public bool Allows(Placement running) => days.All(day => day.Law.IsLawful(running, day.At));

    /// <summary>What one of these days denies where it runs, by id.</summary>
    public Seq<DecisionId> Denied(World world) => days
        .SelectMany(day => LawScan.Unlawful(world, day.Law, day.At))
        .Select(placement => placement.Id).Distinct().Order()
        .ToSeq();
}
