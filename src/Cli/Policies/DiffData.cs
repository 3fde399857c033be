using System.Text.Json;
using ControlPlane.Placements;
using ControlPlane.Regions;
using ControlPlane.Reviews;
using ControlPlane.Workloads;

namespace ControlPlane.Cli.Policies;

/// <summary>The effect of a change as data, whole: nothing is cut off.</summary>
internal static class DiffData
{
    public static JsonElement Of(DiffFinding finding)
    {
        var effect = finding.Effect;
        var (before, after) = (finding.Before.Fleet, finding.After.Fleet);
        var moves = effect.MustMove.ToDictionary(move => move.Placement.Id);
        return JsonSerializer.SerializeToElement(new
        {
            position = finding.Position,
            asOf = finding.Request.AsOf,
            basePolicyDigest = finding.Before.Policies.Digest,
            headPolicyDigest = finding.After.Policies.Digest,
            harmful = effect.IsHarmful,
            judged = effect.Judged,
            stillUnlawful = effect.StillUnlawful,
            stranded = effect.StrandedCount,
            newlyUnlawful = effect.NewlyUnlawful.Select(change => new
            {
                placement = PlacementData(change.Placement, before),
                after = StandingData(change.After),
                outlook = OutlookData(moves[change.Placement.Id], after),
            }),
            newlyLawful = effect.NewlyLawful.Select(change => new
            {
                placement = PlacementData(change.Placement, after),
                before = StandingData(change.Before),
            }),
            failover = effect.Failover.Select(change => new
            {
                placement = PlacementData(change.Placement, before),
                losesAll = change.LosesAll,
                before = change.Before.Select(site => site.Value),
                after = change.After.Select(site => site.Value),
            }),
            capacity = effect.Capacity.Select(row => new
            {
                region = row.Region.Value,
                sku = row.Sku.Value,
                before = AmountData(row.Before),
                after = AmountData(row.After),
                leaving = AmountData(row.Leaving),
                arriving = AmountData(row.Arriving),
                stranded = AmountData(row.Stranded),
            }),
            open = effect.Open.Select(row => new
            {
                dataClass = row.DataClass.Value,
                region = row.Region.Value,
                sku = row.Sku.Value,
                before = AmountData(row.Before),
                after = AmountData(row.After),
            }),
            overdrawn = effect.NewlyOverdrawn.Select(site => new
            {
                site = site.Site.Value,
                drawnMegawatts = site.DrawnMilliwatts / 1_000_000_000m,
                contractMegawatts = site.ContractMilliwatts / 1_000_000_000m,
            }),
            decisions = DecisionsData(finding),
        });
    }

    private static object DecisionsData(DiffFinding finding) => new
    {
        days = finding.Request.Days,
        judged = finding.Rejudged.Judged,
        same = finding.Rejudged.Count(RejudgedOutcome.Same),
        different = finding.Rejudged.Different.Select(decision => new
        {
            id = decision.Id.Value,
            tenant = decision.Request.Tenant.Value,
            workload = decision.Request.Workload,
            outcome = JsonNamingPolicy.CamelCase.ConvertName(decision.Outcome.ToString()),
            before = ReasonOf(decision.Before),
            after = ReasonOf(decision.After),
        }),
    };

    private static string ReasonOf(PlacementDecision decision) => decision is Refused refused ? refused.Reason
        : "placed";

    private static object PlacementData(Placement placement, Fleet fleet) => new
    {
        id = placement.Id.Value,
        tenant = placement.Request.Tenant.Value,
        workload = placement.Request.Workload,
        dataClass = placement.Request.DataClass.Value,
        state = placement.State.ToString().ToLowerInvariant(),
        priority = placement.Request.Priority,
        accelerators = placement.Request.AcceleratorMilliTotal / 1000m,
        sites = SitesData(fleet, placement.Units),
    };

    private static IEnumerable<string> SitesData(Fleet fleet, Seq<UnitBinding> units) => units
        .Select(unit => fleet.FindPool(unit.Node.Pool)?.Site.Id.Value ?? unit.Node.Pool.Value)
        .Distinct()
        .Order(StringComparer.Ordinal);

    private static object StandingData(Standing standing) => new
    {
        kind = standing.Kind.ToString().ToLowerInvariant(),
        because = standing.Because,
        denials = standing.Denials
            .Select(denial => new { rule = denial.Rule, reason = denial.Reason, because = denial.Because }),
    };

    private static Dictionary<string, object> OutlookData(MoveOutlook outlook, Fleet fleet) => outlook switch
    {
        MovesTo to => new() { ["kind"] = "movesTo", ["sites"] = SitesData(fleet, to.Units) },
        Stranded stranded => new() { ["kind"] = "stranded", ["reason"] = stranded.Reason },
        _ => new() { ["kind"] = "notSought" },
    };

    private static object AmountData(Amount amount) => new
    {
        accelerators = amount.AcceleratorMilli / 1000m,
        megawatts = amount.Milliwatts / 1_000_000_000m,
    };
}
