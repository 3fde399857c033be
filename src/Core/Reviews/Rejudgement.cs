using ControlPlane.Placements;
using ControlPlane.Policies;
using ControlPlane.Regions;
using ControlPlane.Workloads;

namespace ControlPlane.Reviews;

/// <summary>What becomes of a decision that was made already when it is made under other policies.</summary>
public enum RejudgedOutcome
{
    Same,

    /// <summary>There was a place and there is none now.</summary>
    DeniedNow,

    /// <summary>There was no place and there is one now.</summary>
    PlacedNow,

    /// <summary>There is a place on both sides, at different nodes.</summary>
    Elsewhere,

    /// <summary>Refused on both sides, for different reasons.</summary>
    OtherReason,
}

/// <summary>One decision that comes out differently.</summary>
public sealed record RejudgedDecision(DecisionId Id, PlacementRequest Request, RejudgedOutcome Outcome,
    PlacementDecision Before, PlacementDecision After);

/// <summary>
/// Makes recorded decisions once more on the worlds they were made on, under the policies of both sides of a change,
/// and compares. Both are judged at one instant, so that a rule that begins today shows what it will do.
/// </summary>
public sealed class Rejudgement(PolicySet before, PolicySet after, DateTimeOffset asOf)
{
    private readonly List<RejudgedDecision> different = [];
    private (Law Before, Law After)? laws;

    public int Judged { get; private set; }

    /// <summary>Decisions that come out differently, in the order they were made.</summary>
    public IReadOnlyList<RejudgedDecision> Different => different;

    public int Count(RejudgedOutcome outcome) => outcome == RejudgedOutcome.Same
        ? Judged - different.Count
        : different.Count(decision => decision.Outcome == outcome);

    /// <summary>Judges one decision on the world just before it.</summary>
    public void Add(World world, DecisionId id, PlacementRequest request)
    {
        Judged++;
        if (before.Digest == after.Digest) return;
        var (first, second) = LawsFor(world.Fleet);
        var (was, becomes) = (Placer.Decide(world, first, request, asOf), Placer.Decide(world, second, request, asOf));
        var outcome = (was, becomes) switch
        {
            (Placed left, Placed right) => left.Units == right.Units ? RejudgedOutcome.Same : RejudgedOutcome.Elsewhere,
            (Placed, _) => RejudgedOutcome.DeniedNow,
            (_, Placed) => RejudgedOutcome.PlacedNow,
            _ => was == becomes ? RejudgedOutcome.Same : RejudgedOutcome.OtherReason,
        };
        if (outcome != RejudgedOutcome.Same) different.Add(new(id, request, outcome, was, becomes));
    }

    private (Law Before, Law After) LawsFor(Fleet fleet)
    {
        if (laws is not { } known || known.Before.Fleet != fleet)
            laws = known = (new Law(fleet, before), new Law(fleet, after));
        return known;
    }
}
