using ControlPlane.Policies;

namespace ControlPlane.Placements;

/// <summary>A decision with the reasons for it.</summary>
/// <param name="Decision">The decision.</param>
/// <param name="Trials">One for each pool of the fleet, in order of id.</param>
/// <param name="Nearest">
/// For a refusal, the smallest permitted change that would be granted; null when there is none.
/// </param>
/// <param name="Contradicting">Clauses of the request that exclude each other; empty otherwise.</param>
public sealed record Explanation(
    PlacementDecision Decision, Seq<Trial> Trials, NearestChange? Nearest, Seq<string> Contradicting)
{
    /// <summary>
    /// For a refusal for want of room: what would make room by ending work, if policies allowed it; null when nothing.
    /// </summary>
    public string? Barred { get; init; }
}

/// <summary>All verdicts on one pool.</summary>
public sealed record Trial
{
    public required NodePoolId Pool { get; init; }
    public required ClusterId Cluster { get; init; }
    public required SiteId Site { get; init; }
    public required RegionId Region { get; init; }

    /// <summary>Law first, then health, capability, room and preference.</summary>
    public required Seq<Verdict> Verdicts { get; init; }

    /// <summary>Units of the placement that run here.</summary>
    public required int Units { get; init; }

    /// <summary>How well the pool suits; null where law or capability keep the workload out.</summary>
    public required Score? Score { get; init; }

    /// <summary>The first verdict that keeps the workload out; null when none does.</summary>
    public Verdict? Denial => Verdicts.FirstOrDefault(verdict => verdict.Result == VerdictResult.Denied);
}
