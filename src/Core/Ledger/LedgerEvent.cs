using ControlPlane.Files;
using ControlPlane.Placements;
using ControlPlane.Policies;
using ControlPlane.Workloads;

namespace ControlPlane.Ledger;

/// <summary>One change of state. The world is what these add up to.</summary>
public abstract record LedgerEvent
{
    /// <summary>Stable name of the kind.</summary>
    public abstract string Kind { get; }

    /// <summary>Who caused it; null when the control plane did by itself, or before actors were recorded.</summary>
    public Actor? By { get; init; }
}

/// <summary>Region and catalogue files were changed or removed; those not named stay as they were.</summary>
public sealed record FleetDeclared(Seq<SourceFile> Changed, Seq<string> Removed) : LedgerEvent
{
    public override string Kind => "fleet-declared";
}

/// <summary>
/// A policy set was put in force in place of the one before; it is held whole. In force in all regions it ends every
/// stage; in force in some it is ahead there.
/// </summary>
public sealed record PoliciesActivated(Seq<SourceFile> Files, string Digest) : LedgerEvent
{
    public override string Kind => "policies-activated";

    /// <summary>Counts activations; 0 in old records, which count by themselves.</summary>
    public long Version { get; init; }

    /// <summary>Regions it is in force in; all when empty.</summary>
    public Seq<RegionId> Regions { get; init; }

    /// <summary>Approval it came with; null when none was needed.</summary>
    public PolicySignature? Signature { get; init; }
}

/// <summary>What runs was held against the law, and this is found or over since the audit before.</summary>
public sealed record LawAudited(Seq<BindingFinding> Found, Seq<ClearedFinding> Cleared) : LedgerEvent
{
    public override string Kind => "law-audited";
}

/// <summary>
/// A placement was asked for and answered. It was decided on the world of the position just before its own, at the
/// instant of its record; the explanation is not stored but recomputed.
/// </summary>
public sealed record PlacementDecided : LedgerEvent
{
    public override string Kind => "placement-decided";

    public required DecisionId Id { get; init; }

    public required PlacementRequest Request { get; init; }

    /// <summary>End of the hold that was asked for; null when the workload is bound at once.</summary>
    public DateTimeOffset? HoldUntil { get; init; }

    /// <summary>Client's key that makes the request safe to repeat.</summary>
    public required string IdempotencyKey { get; init; }

    /// <summary>What <see cref="Ledger.RequestHash"/> gives for the request and its hold.</summary>
    public required Seq<byte> RequestHash { get; init; }

    /// <summary>Digest of the policy set that was in force.</summary>
    public required string PolicyDigest { get; init; }

    /// <summary>Version of the decision engine; a replay needs the same one.</summary>
    public required int EngineVersion { get; init; }

    public required PlacementDecision Decision { get; init; }
}

/// <summary>Why a placement ended.</summary>
public enum ReleaseReason
{
    /// <summary>Its owner released it.</summary>
    Released,

    /// <summary>Its hold was given up.</summary>
    HoldReleased,

    /// <summary>Its hold ran out.</summary>
    HoldExpired,

    /// <summary>It ran on lent room, which its owner needs.</summary>
    Recalled,
}

/// <summary>A placement ended and its room is free.</summary>
public sealed record PlacementReleased(DecisionId Id, ReleaseReason Reason) : LedgerEvent
{
    public override string Kind => "placement-released";
}

/// <summary>A hold was turned into a binding.</summary>
public sealed record HoldConfirmed(DecisionId Id) : LedgerEvent
{
    public override string Kind => "hold-confirmed";
}

/// <summary>Somebody was not let do something, so often since it was recorded last.</summary>
/// <param name="Operation">What was asked for.</param>
/// <param name="Slug">Why it was refused.</param>
/// <param name="Times">How often.</param>
/// <param name="PolicyDigest">Digest of the policy set that was in force.</param>
public sealed record AccessDenied(string Operation, string Slug, int Times, string PolicyDigest) : LedgerEvent
{
    public override string Kind => "access-denied";
}

/// <summary>Somebody asked for a permission in an emergency, or a second person approved it.</summary>
/// <param name="Stage">asked or approved.</param>
/// <param name="Permission">What is lent.</param>
/// <param name="Reason">Why.</param>
/// <param name="Bearer">To whom it is lent.</param>
public sealed record EmergencyRecorded(string Stage, string Permission, string Reason, string Bearer) : LedgerEvent
{
    public override string Kind => "emergency-recorded";

    /// <summary>For how long, from the approval on.</summary>
    public int Minutes { get; init; }
}
