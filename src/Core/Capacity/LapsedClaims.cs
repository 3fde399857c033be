using ControlPlane.Policies;
using ControlPlane.Regions;

namespace ControlPlane.Capacity;

/// <summary>Tells whether a pool is closed to a subject only because a claim ran out.</summary>
internal static class LapsedClaims
{
    /// <summary>
    /// True when some claim of the pool's cluster has ended and the law as of its last instant allowed the subject.
    /// </summary>
    public static bool Explain(Law law, FleetPool pool, LawSubject subject, DateTimeOffset asOf) => pool.Cluster.Claims
        .Where(claim => claim.ValidTo is { } last && EndOf(last) <= asOf)
        .Select(claim => EndOf(claim.ValidTo!.Value).AddTicks(-1))
        .Distinct()
        .Any(lastInstant =>
            !law.Judge(pool, subject, lastInstant).Any(verdict => verdict.Result == VerdictResult.Denied));

    private static DateTimeOffset EndOf(DateOnly lastDay) =>
        new(lastDay.AddDays(1).ToDateTime(TimeOnly.MinValue), TimeSpan.Zero);
}
