using System.Globalization;
using System.Numerics;
using System.Text.Json;
using System.Text.Json.Serialization;
using ControlPlane.Ledger;
using ControlPlane.Placements;
using ControlPlane.Policies;
using ControlPlane.Regions;
using ControlPlane.Workloads;

namespace ControlPlane.Cli.Ledger;

/// <summary>A decision that was made once more, in the fields by which the server answers.</summary>
internal static class DecisionData
{
    private static readonly JsonSerializerOptions Wire = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    };

    public static JsonElement Of(Fleet fleet, LedgerRecord record, Explanation explanation, Comparison comparison)
    {
        var decided = (PlacementDecided)record.Event;
        var placed = explanation.Decision as Placed;
        return JsonSerializer.SerializeToElement(new
        {
            id = decided.Id.ToString(),
            position = record.Position,
            same = comparison.Same,
            recordedDigest = comparison.RecordedDigest,
            replayedDigest = comparison.ReplayedDigest,
            engineVersion = decided.EngineVersion,
            outcome = placed is null ? "refused" : decided.HoldUntil is null ? "bound" : "held",
            decidedAt = Time(record.At),
            policyDigest = decided.PolicyDigest,
            tenant = decided.Request.Tenant.Value,
            workload = decided.Request.Workload,
            holdUntil = decided.HoldUntil is { } end ? Time(end) : null,
            placement = placed is null ? null : Placement(fleet, decided.Request.Unit, placed),
            refusal = explanation.Decision is Refused refused ? Refusal(refused, explanation) : null,
            explanation = new
            {
                candidates = explanation.Trials.Count,
                trials = explanation.Trials.Select(trial => Trial(fleet, trial, placed)),
            },
        }, Wire);
    }

    private static object Placement(Fleet fleet, UnitNeed need, Placed placed)
    {
        var pools = placed.Units.Select(unit => fleet.FindPool(unit.Node.Pool)!).ToList();
        var milliwatts = pools.Sum(pool => pool.UnitMilliwatts(need.AcceleratorMilli, need.CpuMilli));
        return new
        {
            places = Places(fleet, placed),
            score = placed.Score,
            usdPerHour = need.NeedsAccelerator
                ? pools.Sum(pool => pool.Spec.UsdPerHour * need.AcceleratorMilli / 1000)
                : 0,
            facilityKilowatts = milliwatts / 1_000_000m,
        };
    }

    private static IEnumerable<object> Places(Fleet fleet, Placed placed) => placed.Units
        .GroupBy(unit => unit.Node.Pool)
        .OrderBy(group => group.Key)
        .Select(group => (Pool: fleet.FindPool(group.Key)!, Units: group.ToList()))
        .Select(item => new
        {
            region = item.Pool.Region.Id.Value,
            jurisdiction = item.Pool.Region.Spec.Jurisdiction.Value,
            site = item.Pool.Site.Id.Value,
            cluster = item.Pool.Cluster.Id.Value,
            scheduler = Name(item.Pool.Cluster.Spec.Scheduler),
            provider = item.Pool.Cluster.Spec.Provider,
            providerRegion = item.Pool.Cluster.Spec.ProviderRegion,
            nodePool = item.Pool.Id.Value,
            sku = item.Pool.Sku?.Id.Value,
            units = item.Units.Count,
            nodes = item.Units.Select(unit => new
            {
                node = unit.Node.ToString(),
                ordinal = unit.Node.Ordinal,
                units = 1,
                devices = Devices(unit.Devices),
                shareMilli = unit.ShareMilli,
            }),
        });

    private static IEnumerable<int> Devices(ulong bits)
    {
        for (; bits != 0; bits &= bits - 1) yield return BitOperations.TrailingZeroCount(bits);
    }

    private static object Refusal(Refused refused, Explanation explanation) => new
    {
        reason = refused.Reason,
        contradicting = explanation.Contradicting,
        nearestChange = explanation.Nearest is not { } nearest ? null : new
        {
            pool = nearest.Pool.Value,
            changes = nearest.Changes.Select(Relaxed),
        },
        reasons = explanation.Trials
            .Where(trial => trial.Denial is not null)
            .GroupBy(trial => (trial.Denial!.Reason, trial.Denial.Rule, trial.Denial.Kind))
            .Select(group => new
            {
                reason = group.Key.Reason,
                kind = Name(group.Key.Kind),
                rule = group.Key.Rule,
                sites = group.Select(trial => trial.Site).Distinct().Count(),
                detail = group.First().Denial!.Because,
                negotiable = group.Key.Kind == VerdictKind.Capacity,
            })
            .OrderByDescending(reason => reason.sites)
            .ThenBy(reason => reason.rule, StringComparer.Ordinal),
    };

    private static object Trial(Fleet fleet, Trial trial, Placed? placed) => new
    {
        region = trial.Region.Value,
        site = trial.Site.Value,
        cluster = trial.Cluster.Value,
        nodePool = trial.Pool.Value,
        sku = fleet.FindPool(trial.Pool)!.Sku?.Id.Value,
        outcome = trial.Units > 0 && placed is not null ? "chosen" : trial.Denial is null ? "allowed" : "denied",
        units = trial.Units,
        verdicts = trial.Verdicts.Select(verdict => new
        {
            kind = Name(verdict.Kind),
            reason = verdict.Reason,
            rule = verdict.Rule,
            result = Name(verdict.Result),
            because = verdict.Because,
            relaxation = verdict.Relaxation is { } relaxation ? Relaxed(relaxation) : null,
        }),
        score = trial.Score,
    };

    private static object Relaxed(Relaxation change) =>
        new { field = change.Field, from = change.From, to = change.To };

    private static string Name<T>(T value) where T : struct, Enum
    {
        var name = value.ToString();
        return char.ToLowerInvariant(name[0]) + name[1..];
    }

    private static string Time(DateTimeOffset at) => at.UtcDateTime.ToString("O", CultureInfo.InvariantCulture);
}
