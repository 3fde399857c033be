using System.Numerics;
using ControlPlane.Placements;
using ControlPlane.Policies;
using ControlPlane.Regions;
using ControlPlane.Server.Ledger;
using ControlPlane.Workloads;

namespace ControlPlane.Server.Placements;

/// <summary>Writes decisions as clients read them.</summary>
internal static class AnswerWriter
{
    private const long FirstEpoch = 1;

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
            HoldUntil = placed is null ? null : item.HoldUntil,
            Epoch = placed is null ? null : FirstEpoch,
            Placement = placed is null
                ? null
                : Of(placed.Units, item.Request, decided.Fleet) with { Score = placed.Score },
            Preempted = PreemptedBy(item.Decision),
            Refusal = placed is not null ? null
                : decided.Explanation is { } why ? RefusalWriter.Of(why) : AnswerJson.Refusal(decided.Refusal),
            Explanation = explain && decided.Explanation is { } full ? ExplanationOf(full, decided.Fleet) : null,
        };
    }

    public static PlacementAnswer Of(Planned planned, bool explain) => new()
    {
        Outcome = planned.Decision is Placed ? "planned" : "refused",
        Position = planned.Position,
        DecidedAt = planned.At,
        PolicyDigest = planned.PolicyDigest,
        EngineVersion = ControlPlane.Ledger.Replay.EngineVersion,
        Tenant = planned.Request.Tenant.Value,
        Workload = planned.Request.Workload,
        Placement = planned.Decision is Placed placed
            ? Of(placed.Units, planned.Request, planned.Fleet) with { Score = placed.Score }
            : null,
        Preempted = PreemptedBy(planned.Decision),
        Refusal = planned is { Decision: Refused, Explanation: { } why } ? RefusalWriter.Of(why) : null,
        Explanation = explain && planned.Explanation is { } full ? ExplanationOf(full, planned.Fleet) : null,
    };

    /// <summary>A placement that was held and is bound now.</summary>
    public static PlacementAnswer Of(Placement placement, Fleet fleet) => new()
    {
        Outcome = "bound",
        Id = placement.Id.Value,
        DecidedAt = placement.DecidedAt,
        Tenant = placement.Request.Tenant.Value,
        Workload = placement.Request.Workload,
        Epoch = placement.Epoch,
        Placement = Of(placement.Units, placement.Request, fleet),
    };

    private static Guid[]? PreemptedBy(PlacementDecision decision) =>
        decision is Placed { Preempted: { Count: > 0 } ends } ? [.. ends.Select(id => id.Value)] : null;

    private static PlacedAnswer Of(Seq<UnitBinding> placed, PlacementRequest request, Fleet fleet)
    {
        var need = request.Unit;
        decimal usd = 0;
        long milliwatts = 0;
        var places = new List<PlaceAnswer>();
        foreach (var ofPool in placed.GroupBy(unit => unit.Node.Pool))
        {
            var pool = fleet.FindPool(ofPool.Key)!;
            var units = ofPool.ToList();
            if (need.NeedsAccelerator) usd += pool.Spec.UsdPerHour * units.Count * need.AcceleratorMilli / 1000;
            milliwatts += pool.UnitMilliwatts(need.AcceleratorMilli, need.CpuMilli) * units.Count;
            places.Add(new PlaceAnswer
            {
                Region = pool.Region.Id.Value,
                Jurisdiction = pool.Region.Spec.Jurisdiction.Value,
                Site = pool.Site.Id.Value,
                Cluster = pool.Cluster.Id.Value,
                Scheduler = Names.Of(pool.Cluster.Spec.Scheduler),
                Provider = pool.Cluster.Spec.Provider,
                ProviderRegion = pool.Cluster.Spec.ProviderRegion,
                NodePool = pool.Id.Value,
                Sku = pool.Sku?.Id.Value,
                Units = units.Count,
                Nodes = units.ConvertAll(Of),
            });
        }

        return new PlacedAnswer { Places = places, UsdPerHour = usd, FacilityKilowatts = milliwatts / 1_000_000m };
    }

    private static NodeAnswer Of(UnitBinding unit) => new()
    {
        Node = unit.Node.ToString(),
        Ordinal = unit.Node.Ordinal,
        Units = 1,
        Devices = DevicesOf(unit.Devices),
        ShareMilli = unit.ShareMilli,
    };

    private static List<int> DevicesOf(ulong mask)
    {
        var devices = new List<int>(BitOperations.PopCount(mask));
        for (var left = mask; left != 0; left &= left - 1) devices.Add(BitOperations.TrailingZeroCount(left));
        return devices;
    }

    private static ExplanationAnswer ExplanationOf(Explanation why, Fleet fleet) =>
        new(why.Trials.Count, [.. why.Trials.Select(trial => Of(trial, fleet))]);

    private static TrialAnswer Of(Trial trial, Fleet fleet) => new()
    {
        Region = trial.Region.Value,
        Site = trial.Site.Value,
        Cluster = trial.Cluster.Value,
        NodePool = trial.Pool.Value,
        Sku = fleet.FindPool(trial.Pool)?.Sku?.Id.Value,
        Outcome = trial.Denial is not null ? "denied" : trial.Units > 0 ? "chosen" : "allowed",
        Units = trial.Units,
        Verdicts = [.. trial.Verdicts.Select(Of)],
        Score = trial.Score,
    };

    private static VerdictAnswer Of(Verdict verdict) => new()
    {
        Kind = Names.Of(verdict.Kind),
        Reason = verdict.Reason,
        Rule = verdict.Rule,
        Result = Names.Of(verdict.Result),
        Because = verdict.Because,
        Relaxation = verdict.Relaxation is { } change ? new ChangeAnswer(change.Field, change.From, change.To) : null,
    };
}
