using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using ControlPlane.Failover;
using ControlPlane.Ledger;
using ControlPlane.Placements;
using ControlPlane.Regions;
using ControlPlane.Server.Identity;
using ControlPlane.Server.Placements;
using ControlPlane.Workloads;

namespace ControlPlane.Server.Failover;

/// <summary>
/// Writes what happens to sites and moves for one follower: with the names and sites of what moves, as far as the
/// follower sees them. It remembers the ways of the plans that it wrote, for the steps that come after.
/// </summary>
internal sealed class EventWriter(PlacementStore placements, LossTerms terms)
{
    /// <summary>Moves and stays that a plan is written with; what is over is only counted.</summary>
    private const int MostListed = 100;

    /// <summary>Ways that are remembered.</summary>
    private const int MostWays = 10_000;

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    private readonly Dictionary<DecisionId, (MovePlan Plan, string[] From, string[] To)> ways = [];

    /// <summary>Whether an event is one that followers are told of; of decisions only those that end something are.
    /// </summary>
    public static bool Tells(LedgerEvent happened) => happened is SiteChanged or NodeChanged or PlanLanded
        or MoveStepped
        or PlacementDecided { Decision: Placed { Preempted.Count: > 0 } };

    /// <summary>The event as text; null when it is of a kind that nobody follows.</summary>
    public async Task<string?> WriteAsync(
        LedgerRecord record, (Sight Sight, Fleet Fleet) follower, CancellationToken cancellation)
    {
        var data = record.Event switch
        {
            SiteChanged changed => Of(changed),
            NodeChanged changed => new JsonObject
            {
                ["node"] = changed.Node.ToString(),
                ["site"] = follower.Fleet.FindPool(changed.Node.Pool)?.Site.Id.Value,
                ["because"] = changed.Because,
            },
            PlanLanded { Plan: var plan } => await OfAsync(plan, follower, cancellation),
            MoveStepped stepped => await OfAsync(stepped, follower.Sight, cancellation),
            PlacementDecided { Decision: Placed { Preempted: { Count: > 0 } ends } } decided => new JsonObject
            {
                ["placement"] = decided.Id.Value,
                ["preempted"] = Of(ends),
            },
            _ => null,
        };
        if (data is null) return null;
        data["at"] = record.At.ToString("O", CultureInfo.InvariantCulture);
        return new StringBuilder()
            .Append(CultureInfo.InvariantCulture, $"id: {record.Position}\nevent: {NameOf(record.Event)}\n")
            .Append("data: ").Append(data.ToJsonString(Json)).Append("\n\n").ToString();
    }

    /// <summary>That sites are not judged at the moment, or are again; not a record, so it has no id.</summary>
    public static string Of(string? alert, DateTimeOffset at)
    {
        var data = new JsonObject { ["at"] = at.ToString("O", CultureInfo.InvariantCulture) };
        if (alert is not null) data["because"] = alert;
        var name = alert is null ? "judging-resumed" : "judging-paused";
        return $"event: {name}\ndata: {data.ToJsonString(Json)}\n\n";
    }

    private static string NameOf(LedgerEvent happened) =>
        happened is PlacementDecided ? "placements-preempted" : happened.Kind;

    private static JsonArray Of(IEnumerable<DecisionId> ids) => new([.. ids.Select(id => JsonValue.Create(id.Value))]);

    private JsonObject Of(SiteChanged changed)
    {
        var data = new JsonObject
        {
            ["site"] = changed.Condition.Site.Value,
            ["health"] = changed.Condition.Health.ToString().ToLowerInvariant(),
            ["because"] = changed.Because,
        };
        if (changed.Change == SiteChangeKind.Suspected)
        {
            data["lostAfterSeconds"] = Math.Round(terms.FenceAfter.TotalSeconds, 1);
            data["contradictedAfterSeconds"] = Math.Round(terms.FenceAfter.TotalSeconds * terms.Contradicted, 1);
        }

        if (changed.Change == SiteChangeKind.Returned)
            data["stableForSeconds"] = terms.HoldDownAfter(changed.Condition.Losses).TotalSeconds;
        if (changed.Change == SiteChangeKind.Recovered)
            data["failbackAfterSeconds"] = terms.FailbackAfter.TotalSeconds;
        return data;
    }

    private async Task<JsonObject> OfAsync(
        MovePlan plan, (Sight Sight, Fleet Fleet) follower, CancellationToken cancellation)
    {
        foreach (var move in plan.Moves.Take(MostWays))
        {
            var from = SitesWriter.SitesOf(follower.Fleet, move.From);
            var to = SitesWriter.SitesOf(follower.Fleet, move.To);
            // Within a site it is the nodes that tell where it goes.
            ways[move.Placement] = from.SequenceEqual(to)
                ? (plan, SitesWriter.NodesOf(move.From), SitesWriter.NodesOf(move.To))
                : (plan, from, to);
        }

        var (moving, staying) = (new JsonArray(), new JsonArray());
        foreach (var move in plan.Moves.Take(MostListed))
        {
            if (await NameAsync(move.Placement) is not { } name) continue;
            var item = new JsonObject { ["placement"] = move.Placement.Value, ["workload"] = name };
            AddWay(item, move.Placement);
            moving.Add(item);
        }

        foreach (var stay in plan.Stays.Take(MostListed))
        {
            if (await NameAsync(stay.Placement) is not { } name) continue;
            staying.Add(new JsonObject
            {
                ["placement"] = stay.Placement.Value, ["workload"] = name, ["reason"] = stay.Reason,
                ["because"] = stay.Because,
            });
        }

        return new JsonObject
        {
            ["plan"] = plan.Id,
            ["kind"] = plan.Kind.ToString().ToLowerInvariant(),
            ["sites"] = new JsonArray([.. plan.Sites.Select(site => JsonValue.Create(site.Value))]),
            ["moves"] = plan.Moves.Count,
            ["stays"] = plan.Stays.Count,
            ["preempted"] = Of(plan.Moves.SelectMany(move => move.Preempted)),
            ["reasons"] = new JsonObject(plan.Stays.CountBy(stay => stay.Reason)
                .OrderBy(reason => reason.Key, StringComparer.Ordinal)
                .Select(reason => KeyValuePair.Create(reason.Key, (JsonNode?)reason.Value))),
            ["moving"] = moving,
            ["staying"] = staying,
        };

        async Task<string?> NameAsync(DecisionId id) =>
            (await placements.FindAsync(id.Value, follower.Sight, cancellation))?.Workload;
    }

    private async Task<JsonObject> OfAsync(MoveStepped stepped, Sight sight, CancellationToken cancellation)
    {
        var data = new JsonObject
        {
            ["placement"] = stepped.Placement.Value,
            ["step"] = stepped.Step.ToString().ToLowerInvariant(),
        };
        if (stepped.Because is { } because) data["because"] = because;
        if (stepped is { Step: MoveStep.Starting, Timeline: 0 }) data["parked"] = true;
        if (await placements.FindAsync(stepped.Placement.Value, sight, cancellation) is { } seen)
            data["workload"] = seen.Workload;
        AddWay(data, stepped.Placement);
        if (stepped.Step is MoveStep.Done or MoveStep.Undone) ways.Remove(stepped.Placement);
        return data;
    }

    private void AddWay(JsonObject data, DecisionId placement)
    {
        if (!ways.TryGetValue(placement, out var way)) return;
        data["plan"] = way.Plan.Id;
        data["kind"] = way.Plan.Kind.ToString().ToLowerInvariant();
        data["from"] = new JsonArray([.. way.From.Select(site => JsonValue.Create(site))]);
        data["to"] = new JsonArray([.. way.To.Select(site => JsonValue.Create(site))]);
    }
}
