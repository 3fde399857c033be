using ControlPlane.Placements;
using ControlPlane.Policies;
using ControlPlane.Regions;
using ControlPlane.Server.Ledger;
using ControlPlane.Workloads;

namespace ControlPlane.Server.Placements;

/// <summary>A decision as clients read it; see the OpenAPI document.</summary>
internal sealed record PlacementAnswer
{
    public required string Outcome { get; init; }
    public Guid? Id { get; init; }
    public required long Position { get; init; }
    public required DateTimeOffset DecidedAt { get; init; }
    public required string PolicyDigest { get; init; }
    public required int EngineVersion { get; init; }
    public required string Tenant { get; init; }
    public required string Workload { get; init; }
    public DateTimeOffset? HoldUntil { get; init; }
    public PlacedAnswer? Placement { get; init; }
    public RefusalAnswer? Refusal { get; init; }
    public ExplanationAnswer? Explanation { get; init; }
}

/// <summary>Where the units run and what that costs.</summary>
internal sealed record PlacedAnswer(
    IReadOnlyList<PlaceAnswer> Places, long Score, decimal UsdPerHour, decimal FacilityKilowatts);

/// <summary>Units in one node pool.</summary>
internal sealed record PlaceAnswer(
    string Region, string Jurisdiction, string Site, string Cluster, string Scheduler, string Provider, string ProviderRegion,
    string NodePool, string? Sku, int Units, IReadOnlyList<NodeAnswer> Nodes);

/// <summary>One unit on one node.</summary>
internal sealed record NodeAnswer(string Node, int Ordinal, int Units, IReadOnlyList<int> Devices, int ShareMilli);

/// <summary>Why there is no place.</summary>
internal sealed record RefusalAnswer(
    string Reason, IReadOnlyList<string> Contradicting, NearestAnswer? NearestChange, IReadOnlyList<ReasonAnswer> Reasons);

/// <summary>The smallest permitted change that would be granted.</summary>
internal sealed record NearestAnswer(string Pool, IReadOnlyList<ChangeAnswer> Changes);

/// <summary>One field to change.</summary>
internal sealed record ChangeAnswer(string Field, string From, string To);

/// <summary>A reason with the sites that it is the first to keep the workload out of.</summary>
internal sealed record ReasonAnswer(string Reason, string Kind, string Rule, int Sites, string Detail, bool Negotiable);

/// <summary>Every verdict on every candidate.</summary>
internal sealed record ExplanationAnswer(int Candidates, IReadOnlyList<TrialAnswer> Trials);

/// <summary>All verdicts on one node pool.</summary>
internal sealed record TrialAnswer(
    string Region, string Site, string Cluster, string NodePool, string? Sku, string Outcome, int Units,
    IReadOnlyList<VerdictAnswer> Verdicts, Score? Score);

/// <summary>What one rule says.</summary>
internal sealed record VerdictAnswer(
    string Kind, string Reason, string Rule, string Result, string Because, ChangeAnswer? Relaxation);

/// <summary>Writes decisions as clients read them.</summary>
internal static class AnswerWriter
{
    public static PlacementAnswer Of(Decided decided, bool explain)
    {
        var item = decided.Event;
        var placed = item.Decision as Placed;
        return new PlacementAnswer
        {
            Outcome = placed is null ? "refused" : item.HoldUntil is null ? "bound" : "held",
            Id = item.Id.Value,
            Position = decided.Record.Position,
            DecidedAt = decided.Record.At,
            PolicyDigest = item.PolicyDigest,
            EngineVersion = item.EngineVersion,
            Tenant = item.Request.Tenant.Value,
            Workload = item.Request.Workload,
            HoldUntil = item.HoldUntil,
            Placement = placed is null ? null : Of(placed, item.Request, decided.Fleet),
            Refusal = placed is null && decided.Explanation is { } why ? RefusalOf(why) : null,
            Explanation = explain && decided.Explanation is { } full ? ExplanationOf(full, decided.Fleet) : null,
        };
    }

    public static PlacementAnswer Of(Planned planned) => new()
    {
        Outcome = planned.Explanation.Decision is Placed ? "planned" : "refused",
        Position = planned.Position,
        DecidedAt = planned.At,
        PolicyDigest = planned.PolicyDigest,
        EngineVersion = ControlPlane.Ledger.Replay.EngineVersion,
        Tenant = planned.Request.Tenant.Value,
        Workload = planned.Request.Workload,
        Placement = planned.Explanation.Decision is Placed placed ? Of(placed, planned.Request, planned.Fleet) : null,
        Refusal = planned.Explanation.Decision is Refused ? RefusalOf(planned.Explanation) : null,
        Explanation = ExplanationOf(planned.Explanation, planned.Fleet),
    };

    private static PlacedAnswer Of(Placed placed, PlacementRequest request, Fleet fleet)
    {
        var need = request.Unit;
        decimal usd = 0;
        long milliwatts = 0;
        var places = new List<PlaceAnswer>();
        foreach (var ofPool in placed.Units.GroupBy(unit => unit.Node.Pool))
        {
            var pool = fleet.FindPool(ofPool.Key)!;
            var units = ofPool.ToList();
            if (need.NeedsAccelerator) usd += pool.Spec.UsdPerHour * units.Count * need.AcceleratorMilli / 1000;
            milliwatts += pool.UnitMilliwatts(need.AcceleratorMilli, need.CpuMilli) * units.Count;
            places.Add(new PlaceAnswer(
                pool.Region.Id.Value, pool.Region.Spec.Jurisdiction.Value, pool.Site.Id.Value, pool.Cluster.Id.Value,
                Names.Of(pool.Cluster.Spec.Scheduler), pool.Cluster.Spec.Provider, pool.Cluster.Spec.ProviderRegion,
                pool.Id.Value, pool.Sku?.Id.Value, units.Count, units.ConvertAll(Of)));
        }

        return new PlacedAnswer(places, placed.Score, usd, milliwatts / 1_000_000m);
    }

    private static NodeAnswer Of(UnitBinding unit) => new(
        unit.Node.ToString(), unit.Node.Ordinal, 1,
        [.. Enumerable.Range(0, 64).Where(device => ((unit.Devices >> device) & 1) == 1)], unit.ShareMilli);

    private static RefusalAnswer RefusalOf(Explanation why) => new(
        ((Refused)why.Decision).Reason,
        [.. why.Contradicting],
        why.Nearest is { } nearest ? new NearestAnswer(nearest.Pool.Value, [.. nearest.Changes.Select(Of)]) : null,
        [.. why.Trials
            .Where(trial => trial.Denial is not null)
            .GroupBy(trial => (trial.Denial!.Reason, trial.Denial.Rule, trial.Denial.Kind))
            .Select(group => new ReasonAnswer(
                group.Key.Reason, Names.Of(group.Key.Kind), group.Key.Rule, group.Select(trial => trial.Site).Distinct().Count(),
                group.First().Denial!.Because, group.Key.Kind == VerdictKind.Capacity))
            .OrderByDescending(reason => reason.Sites).ThenBy(reason => reason.Rule, StringComparer.Ordinal)]);

    private static ExplanationAnswer ExplanationOf(Explanation why, Fleet fleet) =>
        new(why.Trials.Count, [.. why.Trials.Select(trial => Of(trial, fleet))]);

    private static TrialAnswer Of(Trial trial, Fleet fleet) => new(
        trial.Region.Value, trial.Site.Value, trial.Cluster.Value, trial.Pool.Value,
        fleet.FindPool(trial.Pool)?.Sku?.Id.Value,
        trial.Denial is not null ? "denied" : trial.Units > 0 ? "chosen" : "allowed", trial.Units,
        [.. trial.Verdicts.Select(verdict => new VerdictAnswer(
            Names.Of(verdict.Kind), verdict.Reason, verdict.Rule, Names.Of(verdict.Result), verdict.Because,
            verdict.Relaxation is { } change ? Of(change) : null))],
        trial.Score);

    private static ChangeAnswer Of(Relaxation change) => new(change.Field, change.From, change.To);
}
