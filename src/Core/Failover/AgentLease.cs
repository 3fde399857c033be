namespace ControlPlane.Failover;

/// <summary>
/// What an agent knows of its lease, on the monotonic clock of its own machine. The lease counts from when the renewal
/// that was granted was sent, so that the agent never believes longer than the server.
/// </summary>
internal sealed class AgentLease
{
    private TimeSpan length;
    private long? timeline;

    /// <summary>The open session; null while there is none.</summary>
    public AgentSession? Session { get; private set; }

    /// <summary>Whether a renewal of this session was granted.</summary>
    public bool Granted { get; private set; }

    /// <summary>
    /// When exclusive work has to stop; null when nothing is known, as after a start: then the guard that an earlier
    /// life set is what counts.
    /// </summary>
    public TimeSpan? End { get; private set; }

    public TimeSpan RenewEvery(AgentTerms terms) => Granted ? length / terms.RenewalsPerLease : terms.FirstRenewal;

    public bool HoldsAt(TimeSpan now) => Session is not null && Granted && End is { } end && now < end;

    public bool IsOverAt(TimeSpan now) => End is { } end && now >= end;

    public void Begin(AgentSession session)
    {
        Session = session;
        Granted = false;
        timeline = null;
    }

    /// <summary>Takes an answer in.</summary>
    /// <returns>Why a new session is needed; null when none is.</returns>
    public string? Take(RenewAnswer answer, TimeSpan now)
    {
        if (answer.Refusal is { } refusal)
        {
            // A refusal of another session says nothing about this one.
            if (answer.Refusal == RenewRefusal.SessionOver && answer.Session != Session) return null;
            Fence(now);
            return refusal == RenewRefusal.SessionOver ? "the server ended the session" : "a newer session is open";
        }

        if (answer.Session != Session) return null;
        var sentAt = TimeSpan.FromMilliseconds(answer.SentAtMilliseconds);
        if (sentAt > now) return null;
        if (timeline is { } known && known != answer.Timeline)
        {
            Fence(now);
            return "the database has a new timeline";
        }

        timeline = answer.Timeline;
        length = TimeSpan.FromMilliseconds(answer.LeaseMilliseconds);
        var end = sentAt + length;
        if (End is not { } last || end > last || !Granted) End = end;
        Granted = true;
        return null;
    }

    /// <summary>Gives the session up: exclusive work stops now.</summary>
    private void Fence(TimeSpan now)
    {
        Session = null;
        Granted = false;
        if (End is not { } end || end > now) End = now;
    }
}
