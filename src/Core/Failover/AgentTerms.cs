namespace ControlPlane.Failover;

/// <summary>How often an agent does what it does.</summary>
public sealed record AgentTerms
{
    /// <summary>Renewals that are sent within one lease.</summary>
    public int RenewalsPerLease { get; init; } = 4;

    /// <summary>Time between renewals until the length of the lease is known.</summary>
    public TimeSpan FirstRenewal { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Time between two looks at what runs.</summary>
    public TimeSpan LookEvery { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Longest time between two reports; what changes is reported at once.</summary>
    public TimeSpan ReportEvery { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Time until something that failed or got no answer is tried again.</summary>
    public TimeSpan RetryAfter { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Time for which a question for desired work may wait for an answer.</summary>
    public TimeSpan DesiredWait { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Whether the driver can end exclusive work by itself.</summary>
    public bool Guarded { get; init; } = true;
}
