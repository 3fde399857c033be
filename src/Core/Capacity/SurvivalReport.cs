using ControlPlane.Workloads;

namespace ControlPlane.Capacity;

/// <summary>What becomes of a workload that a scenario displaces.</summary>
public enum SurvivalOutcome
{
    /// <summary>Every unit finds a lawful place at once with all others.</summary>
    Recovers,

    /// <summary>Some units find a place.</summary>
    Degraded,

    /// <summary>Law allows places, and none of them has room beside the others.</summary>
    NoRoom,

    /// <summary>Law allows places, and no hardware there can do the work.</summary>
    NoCapableHardware,

    /// <summary>No law-abiding place is left at all.</summary>
    NoLawfulPlace,

    /// <summary>It is bound to others, and no place takes all of them.</summary>
    NotTogether,
}

/// <summary>
/// What a scenario would do to what runs now: where each displaced workload may lawfully go so that everything fits at
/// once, node by node, and what is missing. Reserves are open to it, since this is what they are kept for.
/// </summary>
public sealed record SurvivalReport
{
    public required string Scenario { get; init; }

    public required DateTimeOffset AsOf { get; init; }

    /// <summary>Ledger position of the state.</summary>
    public required long Position { get; init; }

    /// <summary>Displaced workloads, higher priority first.</summary>
    public required Seq<WorkloadSurvival> Workloads { get; init; }

    /// <summary>What is missing by model, ordered by model; work without accelerators stands under none.</summary>
    public required Seq<Shortage> Shortages { get; init; }

    /// <summary>Additions to sites that would close the shortages; what no purchase can close is not here.</summary>
    public required Seq<Purchase> Purchases { get; init; }

    /// <summary>
    /// Accelerators, or cores, that a plan serves which may split workloads and heeds law and room only, and this one
    /// does not, 0 to 1 of those. What is bound to others or spread has no part in it.
    /// </summary>
    public required double GapToBound { get; init; }

    /// <summary>Whether every displaced workload recovers, with its data.</summary>
    public bool Survives =>
        Workloads.All(workload => workload.Outcome == SurvivalOutcome.Recovers && workload.HasData);

    public int Count(SurvivalOutcome outcome) => Workloads.Count(workload => workload.Outcome == outcome);
}

/// <summary>One displaced workload and where its units go.</summary>
/// <param name="Displaced">Units that lose their place.</param>
/// <param name="Recovered">Units of those that find another.</param>
/// <param name="From">Pools the units come from, ordered.</param>
/// <param name="Targets">Pools they go to with the number of units, ordered by pool.</param>
/// <param name="IsUnlawful">True when the place still stands and the law no longer allows it.</param>
public sealed record WorkloadSurvival(
    Placement Placement, int Displaced, int Recovered, Seq<NodePoolId> From, Seq<SurvivalTarget> Targets,
    SurvivalOutcome Outcome, bool IsUnlawful)
{
    /// <summary>Whether its data is left where it lawfully may be, and gets to the targets; true when it reads none.
    /// </summary>
    public bool HasData { get; init; } = true;

    /// <summary>Until all its data is at the last of the targets, by the usual terms for moves of data.</summary>
    public TimeSpan DataTime { get; init; }

    /// <summary>Placements that it is bound to, with itself; nothing when it stands alone.</summary>
    public Seq<DecisionId> Group { get; init; } = [];

    /// <summary>Whether its own place stands, and it leaves because something that it is bound to does.</summary>
    public bool GoesAlong { get; init; }

    /// <summary>Why it goes nowhere, where that lies with others that it is bound to.</summary>
    public string? Because { get; init; }
}

/// <summary>Units that go to a pool.</summary>
public readonly record struct SurvivalTarget(NodePoolId Pool, int Units);

/// <summary>Accelerators of one model, in thousandths, and facility power that displaced units find nowhere.</summary>
public sealed record Shortage(SkuId? Sku, int Units, long AcceleratorMilli, long FacilityMilliwatts);

/// <summary>Nodes that would close a shortage, at a lawful site with the cheapest capable pool.</summary>
/// <param name="FacilityMilliwatts">Power at full use; the contract must have it, or grow by what it lacks.</param>
/// <param name="MissingMilliwatts">Power that the site's contract lacks for it today.</param>
public sealed record Purchase(NodePoolId Pool, SiteId Site, int Nodes, long FacilityMilliwatts, long MissingMilliwatts);
