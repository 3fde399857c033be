using ControlPlane.Workloads;

namespace ControlPlane.Policies;

/// <summary>A move that is considered.</summary>
/// <param name="Placement">What would move.</param>
/// <param name="To">Pool that it would move to.</param>
/// <param name="Kind">Why.</param>
/// <param name="InFlight">Placements that are moving now, itself not among them.</param>
/// <param name="AsOf">When the move would start.</param>
public sealed record MoveQuestion(
    Placement Placement, NodePoolId To, MoveKind Kind, Seq<Placement> InFlight, DateTimeOffset AsOf)
{
    /// <summary>Since when the place of a failback has been stable; null when it is not.</summary>
    public DateTimeOffset? StableSince { get; init; }
}

/// <summary>Judges moves: the law of the destination, and what policies say about moving at all.</summary>
public static class Mobility
{
    /// <summary>Why so many placements may not move at once, as far as policies on one of them say so; null when they
    /// may.</summary>
    internal static string? WhyNotSoMany(Law law, (PlacementRequest Request, DateTimeOffset AsOf) of, int many)
    {
        var least = law.Applicable(LawSubject.Of(of.Request), of.AsOf)
            .SelectMany(policy => policy.Rules.OfType<MobilityRule>())
            .Min(rule => rule.MovesInFlight);
        return least < many ? $"{many} would have to move at once, and a policy lets {least} do so" : null;
    }

    /// <summary>
    /// The verdict of every rule that bears on the move. It may start when none is denied. Whether there is room is for
    /// the placer to say.
    /// </summary>
    public static Seq<Verdict> MayMove(Law law, MoveQuestion move)
    {
        var subject = LawSubject.Of(move.Placement.Request);
        var verdicts = new List<Verdict>();
        if (law.Fleet.FindPool(move.To) is { } pool)
        {
            verdicts.AddRange(law.JudgeDestination(pool, move.Placement.Request, move.AsOf));
        }
        else
        {
            verdicts.Add(new(VerdictKind.Health, ReasonCode.PoolUnknown, "pool", VerdictResult.Denied,
                $"{move.To} is not declared"));
        }

        foreach (var policy in law.Applicable(subject, move.AsOf))
        {
            foreach (var rule in policy.Rules.OfType<MobilityRule>())
            {
                var inFlight = move.InFlight.Count(placement => policy.Match.Matches(LawSubject.Of(placement.Request)));
                var refusal = rule.Refusal(move, law.Fleet, inFlight);
                var result = refusal is null ? VerdictResult.Allowed : Law.DenialOf(policy);
                verdicts.Add(new(VerdictKind.Law, ReasonCode.Mobility, $"{policy.Id}/{rule.Rule}", result,
                    refusal ?? "the move is permitted"));
            }
        }

        return verdicts.ToSeq();
    }
}
