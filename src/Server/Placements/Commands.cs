using ControlPlane.Files;
using ControlPlane.Ledger;
using ControlPlane.Placements;
using ControlPlane.Policies;
using ControlPlane.Regions;
using ControlPlane.Workloads;

namespace ControlPlane.Server.Placements;

/// <summary>Something the decision loop is asked.</summary>
internal abstract record Command
{
    /// <summary>Who asks; the loop fills it in for whatever is asked within a request.</summary>
    public Actor? By { get; init; }
}

/// <summary>Asks for a place, bound at once or held for a while.</summary>
/// <param name="Request">What is asked for, checked.</param>
/// <param name="Hold">How long to hold; null binds at once.</param>
/// <param name="IdempotencyKey">Key of the client, unique within the tenant.</param>
/// <param name="RequestHash">SHA-256 of the request; a known key with another hash is refused.</param>
/// <param name="Explain">Whether a placement is explained too; a refusal always is.</param>
internal sealed record Place(
    PlacementRequest Request, TimeSpan? Hold, string IdempotencyKey, Seq<byte> RequestHash, bool Explain) : Command
{
    /// <summary>What <see cref="KeyIndex"/> finds the key by.</summary>
    public ulong KeyHash { get; } = KeyIndex.HashOf(Request.Tenant, IdempotencyKey);
}

/// <summary>Asks how many of these requests were decided before; changes nothing.</summary>
internal sealed record CountKnown(IReadOnlyList<Place> Requests) : Command;

/// <summary>Asks what would be decided; changes nothing.</summary>
/// <param name="Request">What is asked for, checked.</param>
/// <param name="AsOf">Instant that law and power are judged at; now when null.</param>
/// <param name="Explain">Whether a place is explained too; that there is none always is.</param>
internal sealed record PlanOnly(PlacementRequest Request, DateTimeOffset? AsOf = null, bool Explain = false) : Command;

/// <summary>Gives a placement or a hold back.</summary>
/// <param name="Id">The placement.</param>
/// <param name="ExpectedEpoch">Epoch the caller saw; null when it does not matter.</param>
/// <param name="OnlyHold">Whether a placement that is bound already must be left alone.</param>
internal sealed record Release(DecisionId Id, long? ExpectedEpoch, bool OnlyHold) : Command;

/// <summary>Turns a hold into a binding.</summary>
internal sealed record Confirm(DecisionId Id) : Command;

/// <summary>Declares the fleet as these files say; what is no longer among them is removed.</summary>
internal sealed record DeclareFleet(Seq<SourceFile> Files) : Command;

/// <summary>Puts these policy files in force, unless too much that runs would become unlawful by them.</summary>
/// <param name="Files">The files, with the cases beside them or without.</param>
/// <param name="AcceptUnlawful">Placements that may become unlawful; with more nothing is put in force.</param>
/// <param name="OnlyJudge">Whether to say what would happen, and change nothing.</param>
internal sealed record ActivatePolicies(Seq<SourceFile> Files, int AcceptUnlawful = 0, bool OnlyJudge = false)
    : Command
{
    /// <summary>Regions to put them in force in; all when empty.</summary>
    public Seq<RegionId> Regions { get; init; }

    /// <summary>Number that the activation is to have; the next one when null.</summary>
    public long? Version { get; init; }

    /// <summary>Approval that the files came with.</summary>
    public PolicySignature? Signature { get; init; }

    /// <summary>Asks for files of a folder, with the approval that lies beside them.</summary>
    public static ActivatePolicies Of(Seq<SourceFile> files, PolicySignature? signature) =>
        new(files) { Signature = signature };
}

/// <summary>Records that somebody asked for a permission in an emergency, or approved that.</summary>
internal sealed record RecordEmergency(EmergencyRecorded Emergency) : Command;

/// <summary>Records who was not let do what.</summary>
internal sealed record RecordDenials(Seq<AccessDenied> Denials) : Command;

/// <summary>Records that content of old records goes.</summary>
internal sealed record RecordRetirement(RecordsRetired Retired) : Command;

/// <summary>Reserves room, unless it is booked already at any instant.</summary>
internal sealed record Reserve(Reservation Reservation) : Command;

/// <summary>Gives a reservation up.</summary>
internal sealed record EndReservation(ReservationId Id) : Command;

/// <summary>Lets holds run out that are due.</summary>
internal sealed record ExpireHolds : Command;

/// <summary>What the decision loop answers.</summary>
internal abstract record Answer;

/// <summary>A decision that is durable.</summary>
/// <param name="Record">Record that holds the <see cref="PlacementDecided"/>.</param>
/// <param name="Fleet">Fleet it was decided on.</param>
/// <param name="Explanation">
/// There for a refusal when it was decided just now, and for everything when it was asked for.
/// </param>
internal sealed record Decided(LedgerRecord Record, Fleet Fleet, Explanation? Explanation) : Answer
{
    /// <summary>The <see cref="RefusalAnswer"/> of a refusal as JSON; null for a placement.</summary>
    public byte[]? Refusal { get; init; }

    public PlacementDecided Event => (PlacementDecided)Record.Event;
}

/// <summary>So many requests were decided before.</summary>
internal sealed record KnownCount(int Requests) : Answer;

/// <summary>What would be decided.</summary>
internal sealed record Planned(
    long Position, DateTimeOffset At, string PolicyDigest, PlacementRequest Request, Fleet Fleet) : Answer
{
    public required PlacementDecision Decision { get; init; }

    /// <summary>There when there is no place, and when it was asked for.</summary>
    public Explanation? Explanation { get; init; }
}

/// <summary>The reservation stands; it is not new when it did before.</summary>
internal sealed record ReservationStands(Reservation Reservation, bool IsNew) : Answer;

/// <summary>The reservation does not stand: its name is taken, or so much is short at an instant.</summary>
internal sealed record ReservationDeclined(bool NameTaken, long ShortMilli, DateTimeOffset At, long Position) : Answer;

/// <summary>It stands in the ledger, at a position.</summary>
internal sealed record Recorded(long Position) : Answer;

/// <summary>The placement is gone and its room free.</summary>
internal sealed record Released : Answer;

/// <summary>The hold is a binding now.</summary>
internal sealed record Confirmed(Placement Placement, LedgerRecord Record, Fleet Fleet) : Answer;

/// <summary>It was a binding already.</summary>
internal sealed record AlreadyConfirmed(Placement Placement, Fleet Fleet) : Answer;

/// <summary>
/// The key is known: the answer is the one of this record. The loop replaces it by that.
/// </summary>
internal sealed record Repeated(LedgerRecord Record, bool Explain) : Answer;

/// <summary>The files are in force; nothing was written when they were already.</summary>
internal sealed record Declared(bool Changed) : Answer;

/// <summary>What policy files do to what runs, and whether they are in force.</summary>
/// <param name="Digest">Names the set.</param>
/// <param name="InForce">Whether the set is in force now.</param>
/// <param name="Changed">Whether it was not before.</param>
internal sealed record PoliciesJudged(string Digest, bool InForce, bool Changed) : Answer
{
    /// <summary>Number of the newest activation, this one if it is in force.</summary>
    public required long Version { get; init; }

    /// <summary>What was lawful and is not, or would not be, by id.</summary>
    public Seq<UnlawfulBinding> Unlawful { get; init; }
}

/// <summary>Policies with that number are older than those in force.</summary>
internal sealed record PoliciesOutdated(long Asked, long Current) : Answer;

/// <summary>The policies are not approved by anybody who may.</summary>
internal sealed record PoliciesUnsigned(string Why) : Answer;

/// <summary>The files are not in force, for these reasons; what was in force stays.</summary>
internal sealed record DeclarationRefused(Seq<Problem> Problems) : Answer;

/// <summary>What the request needs is not there, or needs it in turn; nothing was decided.</summary>
internal sealed record DependenciesRefused(Seq<Problem> Problems) : Answer;

internal sealed record NotFound(string Detail) : Answer;

internal sealed record VersionConflict(long CurrentEpoch) : Answer;

/// <summary>The key was used for another request.</summary>
internal sealed record KeyReused(Seq<byte> FirstHash) : Answer;

/// <summary>A request with the key is being decided.</summary>
internal sealed record KeyInProgress : Answer;

/// <summary>No answer can be given now; the same request may be sent again with the same key.</summary>
/// <param name="Slug">store-unavailable, outcome-unknown or busy.</param>
/// <param name="Detail">What is the matter.</param>
/// <param name="RetryAfter">When to try again.</param>
internal sealed record Unavailable(string Slug, string Detail, TimeSpan RetryAfter) : Answer;
