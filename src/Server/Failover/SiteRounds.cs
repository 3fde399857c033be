using ControlPlane.Failover;
using ControlPlane.Ledger;

namespace ControlPlane.Server.Failover;

/// <summary>
/// Makes of what the database has of sites what a round is asked on. How long a site is silent is counted by this
/// server's own monotonic clock from when it first saw the site's last renewal: no jump of anybody's clock makes a
/// site lost, and a server that is new, or that was not the writer, hears for a while before it judges.
/// </summary>
internal sealed class SiteRounds(LossTerms terms, TimeProvider clock)
{
    private readonly Dictionary<SiteId, (long Renewals, long SeenAt)> heard = [];
    private long watchedSince = clock.GetTimestamp();
    private long lastLook = clock.GetTimestamp();
    private long timeline;
    private (string? Blind, long At) judged;

    public LossTerms Terms => terms;

    public RoundPace Pace { get; } = new(terms);

    /// <summary>
    /// Why the last round took no site for lost; null when nothing was against it, and once this server takes none.
    /// </summary>
    public string? Blind
    {
        get => clock.GetElapsedTime(judged.At) < terms.SuspectAfter ? judged.Blind : null;
        set => judged = (value, clock.GetTimestamp());
    }

    /// <summary>What is known of every site now.</summary>
    public Seq<SiteSight> Look(SiteRows rows)
    {
        // A server that did not look for a while, because it was stopped or not the writer, knows nothing of it.
        if (clock.GetElapsedTime(lastLook) > terms.SuspectAfter) watchedSince = clock.GetTimestamp();
        lastLook = clock.GetTimestamp();
        if (timeline != rows.Timeline) (timeline, watchedSince) = (rows.Timeline, clock.GetTimestamp());
        foreach (var row in rows.Sites)
        {
            if (!heard.TryGetValue(row.Lease.Site, out var last) || last.Renewals != row.Lease.Renewals)
                heard[row.Lease.Site] = (row.Lease.Renewals, clock.GetTimestamp());
        }

        // What is old says nothing, nor what the database has from a time to come: its clock was set back since.
        var signals = rows.Sites.SelectMany(SaidBy).Concat(rows.Signals)
            .Where(signal => Math.Abs(signal.AgeMilliseconds) <= terms.SignalLife.TotalMilliseconds)
            .ToLookup(signal => signal.Site);
        return rows.Sites.Select(row => new SiteSight
        {
            Lease = row.Lease,
            SilentFor = clock.GetElapsedTime(heard[row.Lease.Site].SeenAt),
            Report = row.Report,
            Signals = signals[row.Lease.Site].ToSeq(),
        }).ToSeq();
    }

    /// <summary>
    /// What the agent of a site says, as far as it may. When it is silent itself its word on others is of no use.
    /// </summary>
    private IEnumerable<HealthSignal> SaidBy(SiteRow row)
    {
        var isHeard = clock.GetElapsedTime(heard[row.Lease.Site].SeenAt) < terms.SuspectAfter;
        return from signal in AgentWord.Of(row.Lease.Site, row.Report?.Signals ?? [])
               let isOwn = signal.Site == row.Lease.Site
               where isOwn || isHeard
               select signal with
               {
                   AgeMilliseconds = signal.AgeMilliseconds + (long)row.ReportAge.TotalMilliseconds,
                   Detail = isOwn ? signal.Detail
                       : $"{row.Lease.Site}{(signal.Detail is { } detail ? $": {detail}" : "")}",
               };
    }

    public RoundQuestion Ask(Seq<SiteSight> sights, DateTimeOffset now) => new()
    {
        Sights = sights,
        Timeline = timeline,
        WatchedFor = clock.GetElapsedTime(watchedSince),
        Now = now,
        NewId = () => Guid.CreateVersion7(now),
    };
}

/// <summary>What is known of sites when a batch is decided.</summary>
internal sealed record SiteLook(SiteRounds Rounds, Seq<SiteSight> Sights);
