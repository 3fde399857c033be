namespace ControlPlane.Ledger;

/// <summary>
/// Says in the ledger that something that runs is unlawful where it runs, by which rules, and until when it may stay.
/// It is over when what runs ends, or when a later audit finds it lawful or waived.
/// </summary>
public sealed record BindingFinding
{
    public required DecisionId Placement { get; init; }
    public required TenantId Tenant { get; init; }
    public required string Workload { get; init; }

    /// <summary>Sites on which it runs, in order.</summary>
    public required Seq<SiteId> Sites { get; init; }

    /// <summary>Epoch that was audited; a move makes another audit due.</summary>
    public required long Epoch { get; init; }

    /// <summary>Each rule that denies it, in the order of the policies.</summary>
    public required Seq<FoundBreach> Breaches { get; init; }

    /// <summary>Last day on which it may stay (UTC): the earliest of the rules'.</summary>
    public DateOnly Deadline => Breaches.Min(breach => breach.Deadline);
}

/// <summary>A rule that denies something that runs, as an audit found it.</summary>
/// <param name="Rule">The rule, such as <c>eu-health/stays</c>.</param>
/// <param name="Reason">Its code, one of <see cref="Policies.ReasonCode"/>.</param>
/// <param name="Because">A sentence with the values that decided.</param>
/// <param name="Since">First day on which the rule denies it (UTC).</param>
/// <param name="Deadline">Last day on which it may stay (UTC).</param>
public sealed record FoundBreach(string Rule, string Reason, string Because, DateOnly Since, DateOnly Deadline);

/// <summary>Why a finding is over although what it is about still runs.</summary>
public enum FindingEnd
{
    /// <summary>No rule denies it where it runs now.</summary>
    Lawful,

    /// <summary>A rule denies it and a waiver lifts that.</summary>
    Waived,
}

/// <summary>A finding that is over.</summary>
public sealed record ClearedFinding(DecisionId Placement, FindingEnd End);

/// <summary>A finding that is open, and since when.</summary>
/// <param name="Finding">What was found.</param>
/// <param name="FoundAt">Instant of the audit that found it first.</param>
/// <param name="Position">Ledger position of the record that says so now.</param>
public sealed record OpenFinding(BindingFinding Finding, DateTimeOffset FoundAt, long Position)
{
    /// <summary>Whether it runs although its last day is over.</summary>
    public bool IsOverdue(DateTimeOffset now) => Finding.Deadline < DateOnly.FromDateTime(now.UtcDateTime);
}
