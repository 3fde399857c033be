using System.ComponentModel;
using ControlPlane.Failover;
using ControlPlane.Regions;
using ControlPlane.Server.Identity;
using ControlPlane.Workloads;

namespace ControlPlane.Server.Failover;

/// <summary>Writes sites, moves and plans as clients get them.</summary>
internal static class SitesWriter
{
    /// <summary>Which other site reaches it or does not is told to nobody who may see some regions only.</summary>
    public static SiteConditionAnswer Of(SiteState state, Sight sight) => new()
    {
        Site = state.Condition.Site.Value,
        Health = state.Condition.Health.ToString().ToLowerInvariant(),
        Since = state.Condition.Since,
        Open = state.Condition.IsOpen,
        Cordoned = state.Condition.Cordoned,
        Draining = state.Condition.Draining,
        DeclaredDead = state.Condition.DeclaredDead,
        Losses = state.Condition.Losses,
        Statement = state.Condition.Statement,
        Placements = state.Placements,
        Moving = state.Leaving,
        SilentSeconds = state.Sight is { } heard ? Math.Round(heard.SilentFor.TotalSeconds, 1) : null,
        Guarded = state.Sight?.Lease.IsGuarded,
        Evidence =
        [
            .. (state.Sight?.Signals ?? []).OrderBy(signal => signal.Source)
                .ThenBy(signal => signal.Detail, StringComparer.Ordinal)
                .Select(signal => new EvidenceAnswer(
                    signal.Source.ToString().ToLowerInvariant(), signal.Healthy ? "well" : "ill",
                    signal.ConfidencePercent, Math.Round(signal.AgeMilliseconds / 1000.0, 1),
                    signal.Source == SignalSource.Peer && sight.Regions is not null ? null : signal.Detail)),
        ],
    };

    public static MoveAnswer Of(Placement placement, Fleet fleet)
    {
        var move = placement.Move!; // only what moves is written
        return new MoveAnswer
        {
            Placement = placement.Id.Value,
            Tenant = placement.Request.Tenant.Value,
            Workload = placement.Request.Workload,
            Kind = move.Kind.ToString().ToLowerInvariant(),
            Step = move.Step.ToString().ToLowerInvariant(),
            Since = move.Since,
            From = SitesOf(fleet, move.From),
            To = SitesOf(fleet, move.To),
            FromNodes = NodesOf(move.From),
            ToNodes = NodesOf(move.To),
            Plan = move.Plan,
            Parked = move.Parked,
        };
    }

    public static PlanAnswer Of(EvacuationPlanned planned, Fleet fleet) => new()
    {
        Digest = planned.Digest,
        Applied = planned.IsApplied,
        Position = planned.Plan.Parent,
        Sites = [.. planned.Plan.Sites.Select(site => site.Value)],
        Moves =
        [
            .. planned.Plan.Moves.Select(move => new PlannedMoveAnswer(
                move.Placement.Value, SitesOf(fleet, move.From), SitesOf(fleet, move.To), move.To.Count)
            {
                Tenant = planned.Requests[move.Placement].Tenant.Value,
                Workload = planned.Requests[move.Placement].Workload,
                Preempted = move.Preempted.Count == 0 ? null : [.. move.Preempted.Select(id => id.Value)],
                FromNodes = NodesOf(move.From),
                ToNodes = NodesOf(move.To),
            }),
        ],
        Stays =
        [
            .. planned.Plan.Stays.Select(stay => new StayAnswer(stay.Placement.Value, stay.Reason, stay.Because)
            {
                Tenant = planned.Requests[stay.Placement].Tenant.Value,
                Workload = planned.Requests[stay.Placement].Workload,
            }),
        ],
    };

    public static StayAnswer Of(StayExplained stay, Fleet fleet) => new(
        stay.Placement.Id.Value, stay.Reason, stay.Because)
    {
        Workload = stay.Placement.Request.Workload,
        Tenant = stay.Placement.Request.Tenant.Value,
        Sites = SitesOf(fleet, stay.Placement.Units),
    };

    /// <summary>Names of the nodes that units are on.</summary>
    public static string[] NodesOf(Seq<UnitBinding> units) =>
        [.. units.Select(unit => unit.Node).Distinct().Order().Select(node => node.ToString())];

    /// <summary>Names of the sites that units are at; of the pool where its site is declared no more.</summary>
    public static string[] SitesOf(Fleet fleet, Seq<UnitBinding> units) =>
    [
        .. units.Select(unit => fleet.FindPool(unit.Node.Pool)?.Site.Id.Value ?? unit.Node.Pool.Value)
            .Distinct().Order(StringComparer.Ordinal),
    ];
}

/// <summary>How every site is.</summary>
/// <param name="Sites">Ordered by name; sites that nothing is known about are left out.</param>
/// <param name="Paused">Why no site is taken for lost at the moment.</param>
internal sealed record SiteConditions(IReadOnlyList<SiteConditionAnswer> Sites, string? Paused);

/// <summary>How one site is.</summary>
internal sealed record SiteConditionAnswer
{
    public required string Site { get; init; }
    public required string Health { get; init; }
    public required DateTimeOffset Since { get; init; }
    public required bool Open { get; init; }
    public required bool Cordoned { get; init; }
    public required bool Draining { get; init; }
    public required bool DeclaredDead { get; init; }
    public required int Losses { get; init; }
    public string? Statement { get; init; }
    public required int Placements { get; init; }
    public required int Moving { get; init; }
    public double? SilentSeconds { get; init; }
    public bool? Guarded { get; init; }

    [Description("What was said about its health beside its lease in the last 30 seconds; nothing older counts.")]
    public IReadOnlyList<EvidenceAnswer> Evidence { get; init; } = [];
}

/// <summary>One statement on the health of a site.</summary>
/// <param name="Source">driver, peer or provider.</param>
/// <param name="Says">well or ill.</param>
/// <param name="ConfidencePercent">How sure the source is.</param>
/// <param name="AgeSeconds">How old it is.</param>
/// <param name="Detail">For a peer which one; why. Left out for a peer where not every region may be seen.</param>
internal sealed record EvidenceAnswer(
    string Source, string Says, int ConfidencePercent, double AgeSeconds, string? Detail);

/// <summary>Moves that are under way.</summary>
internal sealed record MovesAnswer(IReadOnlyList<MoveAnswer> Moves);

/// <summary>A placement on its way.</summary>
internal sealed record MoveAnswer
{
    public required Guid Placement { get; init; }
    public required string Tenant { get; init; }
    public required string Workload { get; init; }
    public required string Kind { get; init; }
    public required string Step { get; init; }
    public required DateTimeOffset Since { get; init; }
    public required IReadOnlyList<string> From { get; init; }
    public required IReadOnlyList<string> To { get; init; }

    [Description("Nodes that it leaves.")]
    public required IReadOnlyList<string> FromNodes { get; init; }

    [Description("Nodes that it goes to.")]
    public required IReadOnlyList<string> ToNodes { get; init; }

    public required Guid Plan { get; init; }
    public string? Parked { get; init; }
}

/// <summary>What would leave sites, and what would stay.</summary>
internal sealed record PlanAnswer
{
    public required string Digest { get; init; }
    public required bool Applied { get; init; }
    public required long Position { get; init; }
    public required IReadOnlyList<string> Sites { get; init; }
    public required IReadOnlyList<PlannedMoveAnswer> Moves { get; init; }
    public required IReadOnlyList<StayAnswer> Stays { get; init; }
}

/// <summary>One way in a plan.</summary>
internal sealed record PlannedMoveAnswer(
    Guid Placement, IReadOnlyList<string> From, IReadOnlyList<string> To, int Units)
{
    public required string Tenant { get; init; }
    public required string Workload { get; init; }

    [Description("Placements that end to make room for it; absent when none does.")]
    public IReadOnlyList<Guid>? Preempted { get; init; }

    [Description("Nodes that it leaves.")]
    public required IReadOnlyList<string> FromNodes { get; init; }

    [Description("Nodes that it goes to.")]
    public required IReadOnlyList<string> ToNodes { get; init; }
}

/// <summary>Why something stays.</summary>
internal sealed record StayAnswer(Guid Placement, string Reason, string Because)
{
    public string? Workload { get; init; }
    public string? Tenant { get; init; }
    public IReadOnlyList<string>? Sites { get; init; }
}

/// <summary>A token by which one agent may join.</summary>
internal sealed record JoinTokenAnswer(string Site, string JoinToken, long ValidSeconds);
