using ControlPlane.Workloads;

namespace ControlPlane.Failover;

/// <summary>
/// Says for all that has to leave some sites where it goes, or why it stays. It was made at one position as a whole,
/// and is never changed: it lands as it is, with all its room, or not at all.
/// </summary>
public sealed record MovePlan
{
    public required Guid Id { get; init; }

    public required MoveKind Kind { get; init; }

    /// <summary>Sites that are left; for a failback, those that work goes back from.</summary>
    public required Seq<SiteId> Sites { get; init; }

    /// <summary>Position that it was made at; it lands only right behind it.</summary>
    public required long Parent { get; init; }

    public required string PolicyDigest { get; init; }

    /// <summary>In the order in which they were decided: higher priority first.</summary>
    public required Seq<PlannedMove> Moves { get; init; }

    public required Seq<StayPut> Stays { get; init; }

    /// <summary>Why, in the words of who approved it; null where nobody did.</summary>
    public string? Because { get; init; }
}

/// <summary>One placement's way in a plan.</summary>
public sealed record PlannedMove(DecisionId Placement, Seq<UnitBinding> From, Seq<UnitBinding> To, long Score)
{
    /// <summary>Placements that end to make room for it where it goes, ordered by id.</summary>
    public Seq<DecisionId> Preempted { get; init; }
}

/// <summary>A placement that does not move, and why: losing its room here would not give it another.</summary>
/// <param name="Placement">What stays.</param>
/// <param name="Reason">A stable code.</param>
/// <param name="Because">The same for people.</param>
public sealed record StayPut(DecisionId Placement, string Reason, string Because);

/// <summary>Why something stays, as stable codes; refusals of the placer stand beside them as they are.</summary>
public static class StayReason
{
    public const string Sticky = "sticky";
    public const string NotGuarded = "not-guarded";
    public const string Mobility = "law.mobility";
    public const string Dependency = Placements.GroupStay.Bound;
    public const string OnlyHeld = "only-held";

    /// <summary>Nobody is at its site who could stop it.</summary>
    public const string NoAgent = "no-agent";

    /// <summary>It would be denied elsewhere too, because of how it runs.</summary>
    public const string HowItRuns = "how-it-runs";
}
