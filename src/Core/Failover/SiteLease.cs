namespace ControlPlane.Failover;

/// <summary>
/// What is kept of a site's lease, outside the ledger. A session that was ended is never renewed again: ending it and
/// recording that the site is lost are one act, which happens only if no renewal came in between.
/// </summary>
public sealed record SiteLease
{
    public required SiteId Site { get; init; }

    /// <summary>The newest session; null before the first.</summary>
    public AgentSession? Session { get; init; }

    /// <summary>Whether the newest session was ended.</summary>
    public bool IsOver { get; init; }

    /// <summary>Position of the ledger's head when the session began: it is told nothing from before.</summary>
    public long OpenedAt { get; init; }

    /// <summary>Counts the renewals of all sessions.</summary>
    public long Renewals { get; init; }

    /// <summary>
    /// Whether everything exclusive at the site is guarded: every renewal said so, in all sessions since nothing
    /// exclusive was there.
    /// </summary>
    public bool IsGuarded { get; init; }

    /// <summary>
    /// Renews the lease, or opens a session that is newer than the last. Repeating a request changes nothing more.
    /// </summary>
    /// <returns>The lease as it is then, or why it stays as it was.</returns>
    public (SiteLease Lease, RenewRefusal? Refusal) Renew(RenewRequest request, long head)
    {
        if (Session is { } session && request.Session == session)
        {
            return IsOver
                ? (this, RenewRefusal.SessionOver)
                : (this with { Renewals = Renewals + 1, IsGuarded = IsGuarded && request.Guarded }, null);
        }

        if (Session is { } newest && request.Session.Number <= newest.Number) return (this, RenewRefusal.NewerSession);
        return (this with
        {
            Session = request.Session,
            IsOver = false,
            OpenedAt = head,
            Renewals = Renewals + 1,
            // What a session before started without a guard stays without one.
            IsGuarded = request.Guarded && (Session is null || IsGuarded),
        }, null);
    }

    /// <summary>Takes in what a report says of the guard.</summary>
    public SiteLease Learn(AgentReport report) =>
        report.Session == Session && !IsOver && report.ShowsGuard() ? this with { IsGuarded = true } : this;

    /// <summary>Ends the session, unless it was renewed since it was looked at; then null.</summary>
    public SiteLease? End(long renewals) => Renewals == renewals ? this with { IsOver = true } : null;
}

/// <summary>What is known of a site at an instant, by the clock of the database.</summary>
public sealed record SiteSight
{
    public required SiteLease Lease { get; init; }

    /// <summary>Time since the last renewal.</summary>
    public required TimeSpan SilentFor { get; init; }

    /// <summary>The newest report of the newest session; null when there is none.</summary>
    public AgentReport? Report { get; init; }

    /// <summary>What others say about the site; each as old as it is now.</summary>
    public Seq<HealthSignal> Signals { get; init; }

    public SiteId Site => Lease.Site;

    /// <summary>Whether an agent is heard: its session is open, and renewed not too long ago.</summary>
    public bool IsHeard(LossTerms terms) =>
        Lease is { Session: not null, IsOver: false } && SilentFor < terms.SuspectAfter;
}
