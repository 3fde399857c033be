namespace ControlPlane.Workloads;

/// <summary>Whether a placement is final.</summary>
public enum PlacementState
{
    /// <summary>Room is kept until the hold runs out, is confirmed or is released.</summary>
    Held,

    /// <summary>The workload is bound to its nodes.</summary>
    Bound,
}

/// <summary>One unit on one node.</summary>
/// <param name="Node">The node.</param>
/// <param name="Devices">Bit d is set when the unit uses accelerator d of the node.</param>
/// <param name="ShareMilli">
/// Thousandths of the single accelerator that the unit shares; 0 when it has whole ones.
/// </param>
public readonly record struct UnitBinding(NodeId Node, ulong Devices, int ShareMilli);

/// <summary>The fact that a workload has its place: which nodes and accelerators each unit uses.</summary>
public sealed record Placement
{
    /// <summary>Id of the decision that made the placement; it names the placement too.</summary>
    public required DecisionId Id { get; init; }

    public required PlacementRequest Request { get; init; }

    public required PlacementState State { get; init; }

    /// <summary>End of the hold; null once bound.</summary>
    public DateTimeOffset? HoldUntil { get; init; }

    /// <summary>
    /// Counts the starts of the workload: 1 for the first; a move adds one, so that an old copy can be told.
    /// </summary>
    public required long Epoch { get; init; }

    /// <summary>One entry for each unit, ordered by node.</summary>
    public required Seq<UnitBinding> Units { get; init; }

    public required DateTimeOffset DecidedAt { get; init; }

    /// <summary>Isolation that was granted: what the request asked for, or more where a policy demanded more.</summary>
    public IsolationLevel Isolation { get; init; }

    /// <summary>Epochs of sites that a move led to; everywhere else the first one counts.</summary>
    public Seq<SiteEpoch> Moved { get; init; }

    /// <summary>The move that it is on; null when it stays.</summary>
    public Move? Move { get; init; }

    /// <summary>Where it failed over from; null when it did not, or is not to go back.</summary>
    public FormerPlace? Former { get; init; }

    /// <summary>Work that ended to make room for it; a site starts it only when that has stopped there.</summary>
    public Seq<DecisionId> Preempted { get; init; }

    /// <summary>Every unit that takes room: where it runs, and what a move keeps for it.</summary>
    public IEnumerable<UnitBinding> Occupied => Move is { HoldsTarget: true } move ? Units.Concat(move.To) : Units;

    /// <summary>Where every unit is once the move that it is on has come to its end.</summary>
    public Seq<UnitBinding> Destination
    {
        get
        {
            if (Move is not { HoldsTarget: true } move) return Units;
            var leaving = move.From.ToHashSet();
            return Units.Where(unit => !leaving.Remove(unit)).Concat(move.To).ToSeq();
        }
    }

    /// <summary>The epoch under which the units at a site run.</summary>
    public Epoch EpochAt(SiteId site)
    {
        foreach (var moved in Moved)
        {
            if (moved.Site == site) return moved.Epoch;
        }

        return new Epoch(0, 1);
    }
}
