using ControlPlane.Workloads;

namespace ControlPlane.Placements;

/// <summary>The answer to a placement request: a place for every unit, or a reasoned no.</summary>
public abstract record PlacementDecision;

/// <summary>Every unit has its node and accelerators.</summary>
/// <param name="Units">One entry for each unit, ordered by node.</param>
/// <param name="Score">Weighted cost of the choice over all units; lower is better.</param>
public sealed record Placed(Seq<UnitBinding> Units, long Score) : PlacementDecision
{
    /// <summary>Isolation that is granted: what the request asked for, or more where a policy demands more.</summary>
    public IsolationLevel Isolation { get; init; }

    /// <summary>Placements that end to make room, ordered by id; none but where a policy allows it.</summary>
    public Seq<DecisionId> Preempted { get; init; }
}

/// <summary>No place: the law allows none, or none that it allows has room.</summary>
/// <param name="Reason">One of <see cref="RefusalReason"/>.</param>
public sealed record Refused(string Reason) : PlacementDecision;

/// <summary>Why a request as a whole was refused, as a stable code.</summary>
public static class RefusalReason
{
    /// <summary>The request's own clauses exclude each other.</summary>
    public const string PolicyContradiction = "policy-contradiction";

    /// <summary>Law denies every pool.</summary>
    public const string NoLawfulRegion = "no-lawful-region";

    /// <summary>No lawful site takes workloads yet.</summary>
    public const string NoActiveSite = "no-active-site";

    /// <summary>No lawful place is near the workloads that it needs.</summary>
    public const string DependencyUnmet = "dependency-unmet";

    /// <summary>No lawful pool can do what a unit needs, however free it is.</summary>
    public const string NoCapableHardware = "no-capable-hardware";

    /// <summary>There would be room but for the tenant's quota.</summary>
    public const string QuotaExceeded = "quota-exceeded";

    /// <summary>There is room, but taking it would break a promise that a loss is survived.</summary>
    public const string LossUnsurvivable = "loss-unsurvivable";

    /// <summary>Lawful and capable places have too little room.</summary>
    public const string NoCapacity = "no-capacity";
}
