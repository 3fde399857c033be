using ControlPlane.Capacity;
using ControlPlane.Core.Tests.Worlds;
using ControlPlane.Ledger;
using ControlPlane.Policies;
using ControlPlane.Simulation;
using ControlPlane.Workloads;
using static ControlPlane.Core.Tests.Failover.GroupWorld;

namespace ControlPlane.Core.Tests.Capacity;

/// <summary>
/// What is bound to each other survives together or not at all: as failover would move it, and exactly when trying
/// every way finds one.
/// </summary>
public sealed class SurvivalGroupTests
{
    [Fact]
    public void A_group_survives_together_exactly_when_trying_every_way_finds_one_and_as_failover_would_move_it()
    {
        var (moved, kept) = (0, 0);
        Seeds.ForEach(500, dice =>
        {
            var loss = Losing(dice);
            var (state, group, lost, leavers) = loss;
            var said = loss.Said;

            var report = Survival.Assess(state.World, state.Law.Policies, new SiteLost(lost), At);

            Lose(state, lost);
            var ofGroup = report.Workloads.Where(item => group.Contains(item.Placement.Id)).ToList();
            var goes = ofGroup.Where(item => item.Recovered > 0).Select(item => item.Placement.Id).ToHashSet();
            var alone = CanGo(state, group, leavers);
            Assert.True(goes.Count > 0 == (alone || CanGo(state, group, group)), said);
            if (alone) Assert.True(goes.SetEquals(leavers), said);
            Assert.Equal(
                goes.Where(id => !leavers.Contains(id)).Order(),
                ofGroup.Where(item => item.GoesAlong).Select(item => item.Placement.Id).Order());
            Assert.Equal(
                PlanFor(state, lost).Moves.Select(move => move.Placement).Where(group.Contains).Order(), goes.Order());
            AssertNear(state, group, report, said);
            if (goes.Count == 0 && group.Count > 1)
            {
                Assert.All(ofGroup, item => Assert.Contains(
                    item.Outcome, (SurvivalOutcome[])[SurvivalOutcome.NotTogether, SurvivalOutcome.NoLawfulPlace]));
                Assert.All(ofGroup, item =>
                    Assert.Contains("move only together", item.Because, StringComparison.Ordinal));
            }

            if (goes.Count == 0) kept++;
            else moved++;
        });
        Assert.True(moved > 100 && kept > 50, $"{moved} moved, {kept} kept");
    }

    [Theory]
    [InlineData(null)]
    [InlineData("DE")]
    public void What_may_stay_goes_along_with_what_may_not_or_keeps_it(string? residencyOfStore)
    {
        var state = Empty();
        var store = Place(state, 1, SimFleet.Request("store", RunClass.Exclusive, residencyOfStore ?? "EU", 1) with
        {
            AllowRegions = residencyOfStore is null ? [new("de-a"), new("fr-a")] : [new("de-a"), new("de-b")],
            HomeRegion = new("de-a"),
        });
        var front = Place(state, 2, Bound("front", "store", DependencyScope.Site) with
        {
            Labels = [new("kind", "strict")],
        });
        var policies = OnePolicy.Beside(state.Law.Policies, OnlyFrance);

        var report = Survival.Assess(
            state.World, policies, new PowerSlips(new("us-b"), 1, DateOnly.FromDateTime(At.UtcDateTime)), At);

        Assert.StartsWith("de-", $"{SiteOf(state, store)}", StringComparison.Ordinal);
        var (ofStore, ofFront) = (report.Workloads.SingleOrDefault(item => item.Placement.Id == store),
            report.Workloads.Single(item => item.Placement.Id == front));
        if (residencyOfStore is null)
        {
            Assert.Equal((true, SurvivalOutcome.Recovers), (ofStore!.GoesAlong, ofStore.Outcome));
            Assert.Equal((false, SurvivalOutcome.Recovers), (ofFront.GoesAlong, ofFront.Outcome));
            Assert.Equal(["fr-a-p", "fr-a-p"], [$"{ofStore.Targets[0].Pool}", $"{ofFront.Targets[0].Pool}"]);
        }
        else
        {
            Assert.Null(ofStore);
            Assert.Equal((SurvivalOutcome.NotTogether, 0), (ofFront.Outcome, ofFront.Recovered));
            Assert.StartsWith("front, store move only together", ofFront.Because, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void What_is_bound_to_something_on_its_way_survives_as_if_that_stood_still(bool isSiteLost)
    {
        var state = Empty();
        var store = Place(state, 1, SimFleet.Request("store", RunClass.Exclusive, "EU", 1));
        var front = Place(state, 2, Bound("front", "store", DependencyScope.Site) with
        {
            Labels = [new("kind", "strict")],
        });
        Scenario scenario = isSiteLost
            ? new SiteLost(SiteOf(state, store))
            : new PowerSlips(new("us-b"), 1, DateOnly.FromDateTime(At.UtcDateTime));
        var policies = isSiteLost
            ? state.Law.Policies
            : OnePolicy.Beside(state.Law.Policies, OnlyFrance);
        var still = Survival.Assess(state.World, policies, scenario, At);
        var placement = state.World.Find(store)!;
        state.World.Replace(placement with
        {
            Move = new Move
            {
                Plan = new Guid(9, 0, 0, new byte[8]), Kind = MoveKind.Defragmentation, Step = MoveStep.Stopping,
                From = placement.Units, SteppedAt = 1, Since = At,
                To = placement.Units.Select(unit => unit with { Node = new NodeId(unit.Node.Pool, 4) }).ToSeq(),
            },
        });

        var report = Survival.Assess(state.World, policies, scenario, At);

        Assert.Equal(
            [(store, SurvivalOutcome.Recovers), (front, SurvivalOutcome.Recovers)],
            report.Workloads.Select(item => (item.Placement.Id, item.Outcome)).OrderBy(item => item.Id));
        Assert.Equal(
            still.Workloads.Select(item => (item.Placement.Id, item.Targets, item.GoesAlong)),
            report.Workloads.Select(item => (item.Placement.Id, item.Targets, item.GoesAlong)));
    }

    private static Policy OnlyFrance { get; } = OnePolicy.Of(
        new ResidencyRule { Rule = "france", Allow = [new("FR")] },
        new() { MatchLabels = [new() { Key = "kind", Value = "strict" }] });

    [Fact]
    public void A_drill_brings_what_is_bound_to_each_other_back_at_once_and_says_why_it_does_not()
    {
        var state = Empty();
        var store = Place(state, 1, SimFleet.Request("store", RunClass.Exclusive, null, 1) with { Priority = 9 });
        var lost = SiteOf(state, store);
        for (var index = 0; index < 3; index++)
        {
            var request = SimFleet.Request($"alone-{index}", RunClass.Exclusive, null, 1);
            Place(state, 10 + index, request with { Priority = 5 });
        }

        var front = Place(state, 2, Bound("front", "store", DependencyScope.Site));
        var rates = DrillRates.Usual with { MovesAtOnce = 1 };

        var drill = Drill.Run(state.World, state.Law, (new SiteLost(lost), rates), At);
        var everything = new RegionsLost([.. state.World.Fleet.Regions.Select(region => region.Id)]);
        var nowhere = Drill.Run(state.World, state.Law, (everything, rates), At);

        var (first, second) = (drill.Moves.Single(move => move.Workload.Placement.Id == store),
            drill.Moves.Single(move => move.Workload.Placement.Id == front));
        Assert.Equal((1, 2), (first.Order, second.Order));
        Assert.Equal(first.StartsAfter, second.StartsAfter);
        Assert.Equal(first.Workload.Targets[0].Pool, second.Workload.Targets[0].Pool);
        Assert.All(nowhere.Moves, move => Assert.True(move.IsBroken && move.RecoversAfter is null));
        Assert.Equal(
            ["front, store move only together, and 'store' finds no place: no lawful site takes work now"],
            nowhere.Moves.Select(move => move.Workload).Where(item => item.Group.Count > 1)
                .Select(item => item.Because).Distinct());
    }

    /// <summary>Whether every member of the group is near what it needs where the report leads it.</summary>
    private static void AssertNear(LedgerState state, List<DecisionId> group, SurvivalReport report, string said)
    {
        var targets = report.Workloads.Where(item => item.Recovered > 0)
            .ToDictionary(item => item.Placement.Id, item => item.Targets.Single().Pool);
        if (group.TrueForAll(id => !targets.ContainsKey(id))) return;
        string PlaceOf(DecisionId id) =>
            $"{(targets.TryGetValue(id, out var pool) ? pool : state.World.Find(id)!.Units[0].Node.Pool)}";
        foreach (var id in group)
        {
            foreach (var need in state.World.Find(id)!.Request.DependsOn)
            {
                // One pool for each site and one site for each region.
                Assert.True(
                    group.Exists(other => state.World.Find(other)!.Request.Workload == need.Workload
                        && PlaceOf(other) == PlaceOf(id)),
                    $"{said}; {id} at {PlaceOf(id)} is not near {need.Workload}");
            }
        }
    }
}
