namespace ControlPlane.Policies;

/// <summary>What kind of fact a verdict rests on.</summary>
public enum VerdictKind
{
    /// <summary>A rule of law or contract; never negotiable.</summary>
    Law,

    /// <summary>What the hardware can do, and what is free of it.</summary>
    Capacity,

    /// <summary>Allowed, but another place is better.</summary>
    Preference,

    /// <summary>The place is not in a state to take workloads.</summary>
    Health,
}

/// <summary>Whether a verdict lets a workload in.</summary>
public enum VerdictResult
{
    Allowed,

    /// <summary>Denied by an advisory rule: said, but not enforced.</summary>
    Advised,

    Denied,

    /// <summary>Denied by a rule that a valid waiver lifts here: said, but not enforced.</summary>
    Waived,
}

/// <summary>What one rule or check says about one candidate.</summary>
/// <param name="Kind">What kind of fact it rests on.</param>
/// <param name="Reason">Stable code, one of <see cref="ReasonCode"/>.</param>
/// <param name="Rule">Rule that was judged, such as <c>eu-health/stays-in-eu</c>; or the check's own name.</param>
/// <param name="Result">Whether the workload may come in.</param>
/// <param name="Because">A sentence with the values that decided.</param>
public sealed record Verdict(VerdictKind Kind, string Reason, string Rule, VerdictResult Result, string Because)
{
    /// <summary>
    /// A permitted change that would turn a denial into room; null when there is none, always null for law.
    /// </summary>
    public Relaxation? Relaxation { get; init; }
}

/// <summary>A change of the request that would turn a denial into room.</summary>
/// <param name="Field">Field of the request.</param>
/// <param name="From">What it asks for.</param>
/// <param name="To">What would be granted.</param>
/// <param name="Size">How much is given up, in thousandths of what was asked; only for comparing.</param>
public sealed record Relaxation(string Field, string From, string To, long Size);
