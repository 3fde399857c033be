namespace ControlPlane.Workloads;

/// <summary>Why a workload would move.</summary>
public enum MoveKind
{
    /// <summary>Its place is lost.</summary>
    Failover,

    /// <summary>It would go back to the place that it failed over from.</summary>
    Failback,

    /// <summary>Nothing forces it: a better place, maintenance.</summary>
    Planned,

    /// <summary>Its node becomes free for what needs a whole one.</summary>
    Defragmentation,

    /// <summary>Its node is taken out of use.</summary>
    Decommission,

    /// <summary>The law denies it where it is, or will before long.</summary>
    Remedy,
}

/// <summary>How far a move is. From <see cref="Starting"/> on there is no way back.</summary>
public enum MoveStep
{
    /// <summary>The room at the target is kept; the workload runs on where it is.</summary>
    Reserved,

    /// <summary>The source is told to stop; it is asked to run again when the move is undone.</summary>
    Stopping,

    /// <summary>The source is known to have stopped; the target is told to start, under the next epoch.</summary>
    Starting,

    /// <summary>It runs at the target; the move is over.</summary>
    Done,

    /// <summary>The room at the target was given back; the workload stays where it was.</summary>
    Undone,
}

/// <summary>A placement on its way to other nodes. While it is, it has room at both ends.</summary>
public sealed record Move
{
    /// <summary>Plan that it is part of.</summary>
    public required Guid Plan { get; init; }

    public required MoveKind Kind { get; init; }

    public required MoveStep Step { get; init; }

    /// <summary>Units that leave, where they were.</summary>
    public required Seq<UnitBinding> From { get; init; }

    /// <summary>The same units, where they go.</summary>
    public required Seq<UnitBinding> To { get; init; }

    /// <summary>Ledger position of the last step: what a site reports about an earlier revision is too old.</summary>
    public required long SteppedAt { get; init; }

    public required DateTimeOffset Since { get; init; }

    /// <summary>Why a person has to look at it; null while it goes its way.</summary>
    public string? Parked { get; init; }

    /// <summary>Whether the room at the target is kept beside that at the source.</summary>
    public bool HoldsTarget => Step is MoveStep.Reserved or MoveStep.Stopping;
}

/// <summary>The epoch under which the units of a placement run at one site.</summary>
public readonly record struct SiteEpoch(SiteId Site, Epoch Epoch);

/// <summary>Where a placement failed over from, to go back to when that is well again.</summary>
/// <param name="Pools">Pools that it left, each once.</param>
/// <param name="At">When.</param>
public sealed record FormerPlace(Seq<NodePoolId> Pools, DateTimeOffset At);
