namespace ControlPlane.Failover;

/// <summary>
/// Renews the lease of a site, or opens a session when its session is new. <c>POST /v1/agent/renew</c>.
/// </summary>
public sealed record RenewRequest
{
    public required AgentSession Session { get; init; }

    /// <summary>When it was sent, by the agent's own monotonic clock; given back as it is.</summary>
    public required long SentAtMilliseconds { get; init; }

    /// <summary>
    /// Whether exclusive work at the site stops at the end of the lease even when the agent itself is dead. Exclusive
    /// work of a site that is not guarded is treated as sticky.
    /// </summary>
    public required bool Guarded { get; init; }
}

/// <summary>Why a renewal was refused.</summary>
public enum RenewRefusal
{
    /// <summary>The session was ended by the server: the site was taken for lost. Only a new session helps.</summary>
    SessionOver,

    /// <summary>A newer session of the site is open; this agent is not the one.</summary>
    NewerSession,
}

/// <summary>Answers a renewal.</summary>
public sealed record RenewAnswer
{
    public required AgentSession Session { get; init; }

    /// <summary>What the request said; the lease counts from then.</summary>
    public required long SentAtMilliseconds { get; init; }

    /// <summary>Null when the lease was renewed.</summary>
    public RenewRefusal? Refusal { get; init; }

    /// <summary>Length of the lease, counted from when the renewal was sent, by the agent's own clock.</summary>
    public required long LeaseMilliseconds { get; init; }

    /// <summary>Time within which exclusive work has to be gone after the lease ended.</summary>
    public required long StopMilliseconds { get; init; }

    /// <summary>Timeline of the database; when it changes, the agent opens a new session.</summary>
    public required long Timeline { get; init; }

    /// <summary>Newest revision of the site's desired work.</summary>
    public required long Revision { get; init; }
}
