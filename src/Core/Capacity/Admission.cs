using ControlPlane.Placements;
using ControlPlane.Policies;
using ControlPlane.Regions;
using ControlPlane.Workloads;

namespace ControlPlane.Capacity;

/// <summary>
/// Decides requests, and keeps the promise that the loss of a region is survived where one is made: a place is taken
/// only if afterwards no more work would be short of room when a promised region is lost. Where nothing is promised
/// this is the placer and costs nothing.
/// </summary>
public static class Admission
{
    /// <summary>Name under which the promise stands in verdicts.</summary>
    public const string Rule = "preferences/surviveLossOf";

    /// <summary>Other regions that are tried when the best place would break the promise.</summary>
    private const int MostTries = 8;

    public static PlacementDecision Decide(World world, Law law, PlacementRequest request, DateTimeOffset asOf)
    {
        var decision = Placer.Decide(world, law, request, asOf);
        return law.Policies.Preferences.SurviveLossOf.Count == 0 || decision is not Placed placed
            ? decision
            : Keep(world, law, (request, placed), asOf).Decision;
    }

    /// <summary>Decides and says why, as the placer does.</summary>
    public static Explanation Explain(World world, Law law, PlacementRequest request, DateTimeOffset asOf)
    {
        var plain = Placer.Explain(world, law, request, asOf);
        if (law.Policies.Preferences.SurviveLossOf.Count == 0 || plain.Decision is not Placed placed) return plain;
        var (decision, breaches) = Keep(world, law, (request, placed), asOf);
        if (breaches.Count == 0) return plain;
        var shaped = law.Shape(request, asOf);
        var trials = Trials.Judge(new Question(world, law, shaped.Request, asOf), decision, shaped.Verdicts);
        return plain with { Decision = decision, Trials = trials.Select(trial => With(trial, breaches)).ToSeq() };
    }

    /// <summary>
    /// The first of the best places that breaks no promise, each sought without the regions of those before; and what
    /// the others would break, by region.
    /// </summary>
    private static (PlacementDecision Decision, Dictionary<RegionId, string> Breaches) Keep(
        World world, Law law, (PlacementRequest Request, Placed Placed) asked, DateTimeOffset asOf)
    {
        var breaches = new Dictionary<RegionId, string>();
        var today = new Dictionary<RegionId, int>();
        for (var tries = 0; tries < MostTries; tries++)
        {
            if (Breach((world, law, asOf), asked, today) is not { } breach) return (asked.Placed, breaches);
            foreach (var unit in asked.Placed.Units) breaches[RegionOf(world.Fleet, unit)] = breach;
            var next = Placer.DecideWithin(
                world, law, (asked.Request, asOf), pool => !breaches.ContainsKey(pool.Region.Id));
            if (next is not Placed other) break;
            asked = asked with { Placed = other };
        }

        return (new Refused(RefusalReason.LossUnsurvivable), breaches);
    }

    /// <summary>
    /// Which loss would leave more work without room than it does today; null when none. What each does today is worked
    /// out once for all places that are tried.
    /// </summary>
    private static string? Breach(
        (World World, Law Law, DateTimeOffset AsOf) on, (PlacementRequest Request, Placed Placed) asked,
        Dictionary<RegionId, int> today)
    {
        var (world, law, asOf) = on;
        var more = new Placement
        {
            // Only for the trial; the last of all, so that of equals those that run already go first.
            Id = new DecisionId(Guid.AllBitsSet), Request = asked.Request, State = PlacementState.Bound, Epoch = 1,
            Units = asked.Placed.Units, DecidedAt = asOf, Isolation = asked.Placed.Isolation,
        };
        foreach (var region in law.Policies.Preferences.SurviveLossOf)
        {
            if (world.Fleet.FindRegion(region) is null) continue;
            var asks = (law.Policies, (Scenario)new RegionsLost([region]));
            var after = Survival.AssessRoom(world, [more], asks, asOf);
            if (Missing(after) is 0) continue;
            if (!today.TryGetValue(region, out var before))
                today.Add(region, before = Missing(Survival.AssessRoom(world, [], asks, asOf)));
            if (Missing(after) <= before) continue;
            var missing = string.Join(", ", after.Shortages.Select(item => item.Sku is { } sku
                ? $"{item.AcceleratorMilli / 1000m:0.###} {sku}"
                : $"{item.Units} units without accelerators"));
            return $"if {region} were lost, {Missing(after)} units would find no room; missing: {missing}";
        }

        return null;
    }

    private static int Missing(SurvivalReport report) =>
        report.Workloads.Sum(workload => workload.Displaced - workload.Recovered);

    private static Trial With(Trial trial, Dictionary<RegionId, string> breaches)
    {
        if (trial.Denial is { Kind: not VerdictKind.Capacity } || trial.Units > 0
            || !breaches.TryGetValue(trial.Region, out var breach)) return trial;
        return trial with
        {
            Verdicts = trial.Verdicts
                .Where(verdict => verdict.Rule != "units" && verdict.Kind != VerdictKind.Preference)
                .Append(new(VerdictKind.Capacity, ReasonCode.RegionLoss, Rule, VerdictResult.Denied, breach))
                .ToSeq(),
        };
    }

    // What is placed is in pools of its fleet.
    private static RegionId RegionOf(Fleet fleet, UnitBinding unit) => fleet.FindPool(unit.Node.Pool)!.Region.Id;
}
