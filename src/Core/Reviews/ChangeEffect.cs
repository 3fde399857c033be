using ControlPlane.Policies;
using ControlPlane.Workloads;

namespace ControlPlane.Reviews;

/// <summary>One of the two sides of a change: declared regions under policies.</summary>
public sealed record ReviewSide(Regions.Fleet Fleet, PolicySet Policies);

/// <summary>How something that runs stands under one side of a change.</summary>
public enum StandingKind
{
    /// <summary>Law allows it where it is.</summary>
    Lawful,

    /// <summary>Law denies it where it is.</summary>
    Unlawful,

    /// <summary>What it uses is not there.</summary>
    Displaced,
}

/// <summary>How something that runs stands under one side of a change, with what keeps it out.</summary>
/// <param name="Kind">Whether it may stay.</param>
/// <param name="Denials">Verdicts that deny it, ordered by rule; empty when it may stay or is displaced.</param>
/// <param name="Because">What it would lose when it is displaced; empty otherwise.</param>
public sealed record Standing(StandingKind Kind, Seq<Verdict> Denials, string Because)
{
    public static Standing Lawful { get; } = new(StandingKind.Lawful, [], "");

    public bool MayStay => Kind == StandingKind.Lawful;
}

/// <summary>Something that runs and stands differently after a change than before.</summary>
/// <param name="Placement">What runs, and where.</param>
/// <param name="Before">How it stands on the base side.</param>
/// <param name="After">How it stands on the head side.</param>
public sealed record StandingChange(Placement Placement, Standing Before, Standing After);

/// <summary>Where something that may not stay would go, decided one after the other by priority.</summary>
public abstract record MoveOutlook(Placement Placement);

/// <summary>There is a lawful place with room.</summary>
public sealed record MovesTo(Placement Placement, Seq<UnitBinding> Units) : MoveOutlook(Placement);

/// <summary>There is none; the reason is that of the refusal.</summary>
public sealed record Stranded(Placement Placement, string Reason) : MoveOutlook(Placement);

/// <summary>It was not looked for: the change moves more than are looked at.</summary>
public sealed record NotSought(Placement Placement) : MoveOutlook(Placement);

/// <summary>Other sites that could lawfully take over something that runs, whatever room they have.</summary>
public sealed record FailoverChange(Placement Placement, Seq<SiteId> Before, Seq<SiteId> After)
{
    /// <summary>Whether there were some and there is none any more.</summary>
    public bool LosesAll => Before.Count > 0 && After.Count == 0;
}

/// <summary>Accelerators, and the facility power that they draw.</summary>
public readonly record struct Amount(long AcceleratorMilli, long Milliwatts)
{
    public static Amount operator +(Amount left, Amount right) =>
        new(left.AcceleratorMilli + right.AcceleratorMilli, left.Milliwatts + right.Milliwatts);

    public static Amount operator -(Amount left, Amount right) =>
        new(left.AcceleratorMilli - right.AcceleratorMilli, left.Milliwatts - right.Milliwatts);
}

/// <summary>How much of one model a region has at active sites, before and after; and what moves.</summary>
public sealed record CapacityChange(RegionId Region, SkuId Sku)
{
    public Amount Before { get; init; }
    public Amount After { get; init; }

    /// <summary>Used by what has to leave.</summary>
    public Amount Leaving { get; init; }

    /// <summary>Used by what would arrive.</summary>
    public Amount Arriving { get; init; }

    /// <summary>Of what has to leave, used by what has nowhere to go.</summary>
    public Amount Stranded { get; init; }
}

/// <summary>How much of one model in a region is open to the workloads of a data class that run today.</summary>
public sealed record OpenChange(DataClassId DataClass, RegionId Region, SkuId Sku, Amount Before, Amount After);

/// <summary>A site whose placements would draw more than its contract gives.</summary>
public sealed record OverdrawnSite(SiteId Site, long DrawnMilliwatts, long ContractMilliwatts);

/// <summary>
/// What a change of regions or policies would do to what runs. Comparing a side with itself gives nothing, and
/// comparing the other way round gives the same with before and after exchanged, except for what is planned on the
/// head side: where things would go.
/// </summary>
public sealed record ChangeEffect
{
    /// <summary>What runs; all of it was judged on both sides.</summary>
    public required int Judged { get; init; }

    /// <summary>Might stay and may not any more; what has the highest priority first.</summary>
    public required Seq<StandingChange> NewlyUnlawful { get; init; }

    /// <summary>Might not stay and may now.</summary>
    public required Seq<StandingChange> NewlyLawful { get; init; }

    /// <summary>Might not stay before and may not after.</summary>
    public required int StillUnlawful { get; init; }

    /// <summary>What must move because of the change, with where it would go; in the order of moving.</summary>
    public required Seq<MoveOutlook> MustMove { get; init; }

    /// <summary>What may stay on both sides and could fail over to other sites than before.</summary>
    public required Seq<FailoverChange> Failover { get; init; }

    public required Seq<CapacityChange> Capacity { get; init; }

    public required Seq<OpenChange> Open { get; init; }

    /// <summary>Sites that would be overdrawn and were not.</summary>
    public required Seq<OverdrawnSite> NewlyOverdrawn { get; init; }

    /// <summary>What could fail over and cannot any more.</summary>
    public IEnumerable<FailoverChange> LosesFailover => Failover.Where(change => change.LosesAll);

    public int StrandedCount => MustMove.Count(outlook => outlook is Stranded);

    /// <summary>Whether nothing is any different.</summary>
    public bool IsEmpty =>
        NewlyUnlawful.Count == 0 && NewlyLawful.Count == 0 && Failover.Count == 0 && Capacity.Count == 0
        && Open.Count == 0 && NewlyOverdrawn.Count == 0;

    /// <summary>Whether something gets worse for what runs.</summary>
    public bool IsHarmful => NewlyUnlawful.Count > 0 || NewlyOverdrawn.Count > 0 || LosesFailover.Any();
}
