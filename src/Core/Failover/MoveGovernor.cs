namespace ControlPlane.Failover;

/// <summary>
/// Lets moves start no faster than targets bear: a bucket of starts for each target site, and caps on what is in flight
/// to a site and over the fleet. It begins empty, so that a restart is no way round it.
/// </summary>
public sealed class MoveGovernor(LossTerms terms)
{
    private readonly Dictionary<SiteId, (double Tokens, DateTimeOffset At)> buckets = [];
    private readonly Dictionary<SiteId, int> toSite = [];
    private int moving;

    /// <summary>Whether nothing more may start in this round.</summary>
    public bool IsFull => moving >= terms.MostMoving;

    /// <summary>Begins a round: what is in flight is counted anew.</summary>
    public void Begin()
    {
        toSite.Clear();
        moving = 0;
    }

    /// <summary>Counts a move that is in flight already.</summary>
    public void Count(IEnumerable<SiteId> targets)
    {
        moving++;
        foreach (var site in targets) toSite[site] = toSite.GetValueOrDefault(site) + 1;
    }

    /// <summary>Whether one more move may start now.</summary>
    public bool MayStart(IReadOnlyCollection<SiteId> targets, DateTimeOffset now) =>
        !IsFull
        && targets.All(site => toSite.GetValueOrDefault(site) < terms.MostMovingToSite && Fill(site, now) >= 1);

    /// <summary>Takes the start of a move that may, and counts it.</summary>
    public void Start(IReadOnlyCollection<SiteId> targets, DateTimeOffset now)
    {
        foreach (var site in targets) buckets[site] = (Fill(site, now) - 1, now);
        Count(targets);
    }

    private double Fill(SiteId site, DateTimeOffset now)
    {
        var (tokens, at) = buckets.TryGetValue(site, out var bucket) ? bucket : (1, now);
        var gained = Math.Max(0, (now - at).TotalMinutes) * terms.StartsPerMinute;
        // A bucket holds ten seconds' worth, and one start at least.
        tokens = Math.Min(tokens + gained, Math.Max(1, terms.StartsPerMinute / 6.0));
        buckets[site] = (tokens, now);
        return tokens;
    }
}
