using System.Globalization;
using ControlPlane.Core.Tests.Worlds;
using ControlPlane.Ledger;
using ControlPlane.Placements;
using ControlPlane.Policies;
using ControlPlane.Regions;
using ControlPlane.Workloads;

namespace ControlPlane.Core.Tests.Placements;

public sealed class ExplanationTests
{
    [Fact]
    public void An_explanation_agrees_with_the_decision_and_with_itself()
    {
        Seeds.ForEach(2_000, dice =>
        {
            var question = RandomWorld.Of(dice, FleetSize.Small, placements: dice.Int(0, 6));
            var before = Audit.Of(question.World, question.AsOf);
            var request = RandomRequest.Of(dice, question.World.Fleet);

            var explanation = Placer.Explain(question.World, question.Law, request, question.AsOf);

            Assert.Equal(DecisionCodec.ToBytes(question.Decide(request)), DecisionCodec.ToBytes(explanation.Decision));
            Assert.Equal(
                question.World.Fleet.Pools.Select(pool => pool.Id), explanation.Trials.Select(trial => trial.Pool));
            foreach (var trial in explanation.Trials) Assert.Equal([], Faults(question, request, explanation, trial));
            var units = explanation.Decision is Placed placed ? placed.Units.Count : 0;
            Assert.Equal(units, explanation.Trials.Sum(trial => trial.Units));
            Assert.Equal(
                explanation.Decision is Refused { Reason: RefusalReason.PolicyContradiction },
                explanation.Contradicting.Count > 1);
            Assert.Equal(before, Audit.Of(question.World, question.AsOf));
        });
    }

    [Fact]
    public void The_score_of_a_placement_is_the_cost_of_its_units()
    {
        Seeds.ForEach(1_000, dice =>
        {
            var question = RandomWorld.Of(dice, FleetSize.Small, placements: dice.Int(0, 6));
            var request = RandomRequest.Of(dice, question.World.Fleet);
            var explanation = Placer.Explain(question.World, question.Law, request, question.AsOf);
            if (explanation.Decision is not Placed placed) return;

            var cost = explanation.Trials.Sum(trial => trial.Units * (trial.Score?.Cost ?? 0));

            Assert.Equal(placed.Score, cost);
            foreach (var score in explanation.Trials.Select(trial => trial.Score).OfType<Score>())
            {
                Assert.All(
                    [score.Price, score.Carbon, score.Latency, score.Home, score.Packing, score.Waste],
                    term => Assert.InRange(term, 0, 1000));
            }
        });
    }

    [Fact]
    public void The_nearest_change_is_granted_when_it_is_made_and_never_touches_law()
    {
        Seeds.ForEach(3_000, dice =>
        {
            var question = RandomWorld.Of(dice, FleetSize.Small, placements: dice.Int(0, 6));
            var request = RandomRequest.Of(dice, question.World.Fleet);
            var explanation = Placer.Explain(question.World, question.Law, request, question.AsOf);
            if (explanation.Nearest is not { } nearest) return;

            var changed = nearest.Changes.Aggregate(request, Changed);

            Assert.IsType<Refused>(explanation.Decision);
            Assert.True(question.Decide(changed) is Placed, $"{nearest} for {request}");
            Assert.Equal(LawSubject.Of(request), LawSubject.Of(changed));
            var trial = explanation.Trials.Single(trial => trial.Pool == nearest.Pool);
            Assert.DoesNotContain(
                trial.Verdicts,
                verdict => verdict is { Kind: VerdictKind.Law or VerdictKind.Health, Result: VerdictResult.Denied });
            Assert.All(
                nearest.Changes, change => Assert.True(change.Size >= 0 && change.From != change.To, $"{change}"));
        });
    }

    [Fact]
    public void Law_and_health_are_never_offered_as_negotiable()
    {
        Seeds.ForEach(1_000, dice =>
        {
            var question = RandomWorld.Of(dice, FleetSize.Middle, placements: 3);

            var explanation = Placer.Explain(
                question.World, question.Law, RandomRequest.Of(dice, question.World.Fleet), question.AsOf);

            var offered = explanation.Trials
                .SelectMany(trial => trial.Verdicts)
                .Where(verdict => verdict.Relaxation is not null);
            Assert.All(offered, verdict => Assert.Equal(VerdictKind.Capacity, verdict.Kind));
        });
    }

    private static IEnumerable<string> Faults(
        RandomWorld question, PlacementRequest request, Explanation explanation, Trial trial)
    {
        var pool = question.World.Fleet.FindPool(trial.Pool)!;
        if ((trial.Region, trial.Site, trial.Cluster) != (pool.Region.Id, pool.Site.Id, pool.Cluster.Id))
            yield return "stands elsewhere";
        if (trial.Units > 0 && trial.Denial is not null) yield return $"is chosen and denied: {trial.Denial}";
        if (explanation.Decision is Refused && trial.Denial is null)
            yield return "is not denied, and nothing was placed";
        if (explanation.Decision is Refused && trial.Units > 0) yield return "has units of a refusal";
        if (!BruteForce.MayUse(question, pool, request) && trial.Denial is null)
            yield return "may not be used and is not denied";
        if (trial.Verdicts.Any(verdict => verdict.Because.Length == 0 || verdict.Rule.Length == 0))
            yield return "says nothing";
        if (trial.Verdicts.Any(verdict => verdict.Because.Contains(" 0 accelerator(s) on one node")))
            yield return "lacks what nobody asked for";
        var chosen = trial.Verdicts.Count(verdict => verdict.Reason == ReasonCode.Chosen);
        if (chosen != (trial.Units > 0 ? 1 : 0)) yield return $"is said to be chosen {chosen} times";
        var order = trial.Verdicts
            .Select(verdict => verdict.Kind == VerdictKind.Health ? 1 : verdict.Kind == VerdictKind.Law ? 0 : 2)
            .ToList();
        if (!order.SequenceEqual(order.Order())) yield return "verdicts out of order";
    }

    /// <summary>The change made by hand, as a client would.</summary>
    private static PlacementRequest Changed(PlacementRequest request, Relaxation change)
    {
        var unit = request.Unit;
        return change.Field switch
        {
            "units" => request with { Units = int.Parse(change.To, CultureInfo.InvariantCulture) },
            "spread.minDomains" => request with
            {
                Spread = request.Spread! with { MinDomains = int.Parse(change.To, CultureInfo.InvariantCulture) },
            },
            "cpuMilli" => request with
            {
                Unit = unit with { CpuMilli = long.Parse(change.To, CultureInfo.InvariantCulture) },
            },
            "memoryMib" => request with
            {
                Unit = unit with { MemoryMib = long.Parse(change.To, CultureInfo.InvariantCulture) },
            },
            "fabric" => request with { Unit = unit with { Fabric = FabricOf(change.To) } },
            "accelerators.count" => request with
            {
                Unit = unit with { Accelerators = int.Parse(change.To, CultureInfo.InvariantCulture) },
            },
            "accelerators.shareMilli" => request with
            {
                Unit = unit with { AcceleratorShareMilli = int.Parse(change.To, CultureInfo.InvariantCulture) },
            },
            "accelerators.skus" => request with
            {
                Unit = unit with { Skus = change.To.Split(", ").Select(id => new SkuId(id)).ToSeq() },
            },
            "accelerators.minMemoryGib" => request with
            {
                Unit = unit with { MinMemoryGib = decimal.Parse(change.To, CultureInfo.InvariantCulture) },
            },
            "accelerators.minBandwidthGigabytesPerSecond" => request with
            {
                Unit = unit with
                {
                    MinBandwidthGigabytesPerSecond = decimal.Parse(change.To, CultureInfo.InvariantCulture),
                },
            },
            "accelerators.minTeraflops.bf16" => request with
            {
                Unit = unit with { MinTeraflopsBf16 = decimal.Parse(change.To, CultureInfo.InvariantCulture) },
            },
            _ => throw new InvalidOperationException(change.Field),
        };
    }

    private static FabricKind FabricOf(string name) => name switch
    {
        "ethernet" => FabricKind.Ethernet,
        "scaleUp" => FabricKind.ScaleUp,
        _ => throw new InvalidOperationException(name),
    };
}
