using ControlPlane.Failover;
using ControlPlane.Inventory;
using ControlPlane.Workloads;

namespace ControlPlane.Ledger;

/// <summary>What happened to a site.</summary>
public enum SiteChangeKind
{
    /// <summary>Its agent came for the first time.</summary>
    Joined,
    Suspected,

    /// <summary>It was heard again before it was lost.</summary>
    Cleared,
    Lost,

    /// <summary>It came back after it was lost.</summary>
    Returned,

    /// <summary>It was back, and has been silent again for a moment.</summary>
    Wavered,
    Recovered,
    Cordoned,
    Draining,
    Uncordoned,

    /// <summary>An operator stated that nothing runs there any more.</summary>
    DeclaredDead,
}

/// <summary>The condition of a site is another one now.</summary>
/// <param name="Change">What happened.</param>
/// <param name="Condition">The whole condition after it.</param>
/// <param name="Because">Why, for people.</param>
public sealed record SiteChanged(SiteChangeKind Change, SiteCondition Condition, string Because) : LedgerEvent
{
    public override string Kind => Change switch
    {
        SiteChangeKind.Joined => "site-joined",
        SiteChangeKind.Suspected => "site-suspected",
        SiteChangeKind.Cleared => "site-cleared",
        SiteChangeKind.Lost => "site-lost",
        SiteChangeKind.Returned => "site-returned",
        SiteChangeKind.Wavered => "site-wavered",
        SiteChangeKind.Recovered => "site-recovered",
        SiteChangeKind.Cordoned => "site-cordoned",
        SiteChangeKind.Draining => "site-draining",
        SiteChangeKind.Uncordoned => "site-uncordoned",
        SiteChangeKind.DeclaredDead => "site-declared-dead",
        _ => throw new System.Diagnostics.UnreachableException(),
    };
}

/// <summary>A plan landed: all its targets are kept for it from now on.</summary>
public sealed record PlanLanded(MovePlan Plan) : LedgerEvent
{
    public override string Kind => "plan-landed";
}

/// <summary>A move went a step on, or back, or was parked where it is.</summary>
/// <param name="Placement">What moves.</param>
/// <param name="Step">The step it is at now.</param>
/// <param name="Timeline">Timeline of the database, for the epoch that a start is given; else 0.</param>
/// <param name="Because">Why it was undone or is parked; null when it goes its way.</param>
public sealed record MoveStepped(DecisionId Placement, MoveStep Step, long Timeline, string? Because) : LedgerEvent
{
    public override string Kind => "move-stepped";
}
