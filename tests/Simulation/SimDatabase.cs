using ControlPlane.Failover;
using ControlPlane.Ledger;

namespace ControlPlane.Simulation;

/// <summary>
/// The database as everybody sees it: the ledger behind one head, and the lease of every site. Each of its methods is
/// one transaction, at one instant.
/// </summary>
internal sealed class SimDatabase(VirtualTime time, Defect defect)
{
    private readonly SortedDictionary<SiteId, (SiteLease Lease, TimeSpan RenewedAt)> leases = [];
    private readonly Dictionary<SiteId, AgentReport> reports = [];

    /// <summary>What was appended, from the first position after the base on.</summary>
    public List<LedgerRecord> Records { get; } = [];

    public long Head => SimFleet.Origin.Position + Records.Count;

    public long Timeline { get; private set; } = 1;

    /// <summary>Whether it answers.</summary>
    public bool IsUp { get; set; } = true;

    public void Promote() => Timeline++;

    /// <summary>
    /// Appends behind the position that was decided on, and ends sessions that were not renewed since.
    /// </summary>
    public bool TryAppend(long decidedOn, IReadOnlyCollection<LedgerRecord> records, Seq<SessionEnd> ends)
    {
        if (!IsUp || decidedOn != Head) return false;
        var ended = new List<SiteLease>();
        foreach (var end in ends)
        {
            var seen = defect == Defect.LossUnconditional ? leases[end.Site].Lease.Renewals : end.Renewals;
            if (leases[end.Site].Lease.End(seen) is not { } over) return false;
            // The session that came in between is not the one that was meant.
            ended.Add(defect == Defect.LossUnconditional && seen != end.Renewals ? leases[end.Site].Lease : over);
        }

        foreach (var lease in ended) leases[lease.Site] = (lease, leases[lease.Site].RenewedAt);
        Records.AddRange(records);
        return true;
    }

    public RenewAnswer? Renew(SiteId site, RenewRequest request, LossTerms terms)
    {
        if (!IsUp) return null;
        var known = leases.TryGetValue(site, out var row) ? row.Lease : new SiteLease { Site = site };
        var (lease, refusal) = known.Renew(request, Head);
        if (defect == Defect.GuardTakenOnWord && lease.Session != known.Session)
            lease = lease with { IsGuarded = request.Guarded };
        if (refusal is null) leases[site] = (lease, time.Now);
        return new RenewAnswer
        {
            Session = refusal == RenewRefusal.NewerSession ? lease.Session! : request.Session, // there is a newer one
            SentAtMilliseconds = request.SentAtMilliseconds,
            Refusal = refusal,
            LeaseMilliseconds = (long)terms.Lease.TotalMilliseconds,
            StopMilliseconds = (long)terms.Stop.TotalMilliseconds,
            Timeline = Timeline,
            Revision = 0,
        };
    }

    public SiteLease? LeaseOf(SiteId site) => leases.TryGetValue(site, out var row) ? row.Lease : null;

    public bool TakeReport(SiteId site, AgentReport report)
    {
        if (!IsUp || LeaseOf(site) is not { IsOver: false } lease || lease.Session != report.Session) return false;
        if (reports.TryGetValue(site, out var last) && last.Session == report.Session
            && last.Sequence >= report.Sequence) return true;
        leases[site] = (lease.Learn(report), leases[site].RenewedAt);
        reports[site] = report;
        return true;
    }

    /// <summary>An operator's word ends the session whatever came in between.</summary>
    public void EndSession(SiteId site)
    {
        if (leases.TryGetValue(site, out var row)) leases[site] = (row.Lease with { IsOver = true }, row.RenewedAt);
    }

    public Seq<SiteSight> ReadSights() => leases.Values.Select(row => new SiteSight
    {
        Lease = defect == Defect.UnguardedTrusted ? row.Lease with { IsGuarded = true } : row.Lease,
        SilentFor = time.Now - row.RenewedAt,
        Report = reports.TryGetValue(row.Lease.Site, out var report) && defect == Defect.StaleReport
            ? report with { Revision = long.MaxValue }
            : report,
    }).ToSeq();
}
