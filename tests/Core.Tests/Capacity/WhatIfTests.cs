using ControlPlane.Capacity;
using ControlPlane.Core.Tests.Worlds;
using ControlPlane.Ledger;
using ControlPlane.Placements;
using ControlPlane.Policies;
using ControlPlane.Simulation;
using ControlPlane.Workloads;
using static ControlPlane.Core.Tests.Failover.GroupWorld;

namespace ControlPlane.Core.Tests.Capacity;

public sealed class WhatIfTests
{
    [Fact]
    public void What_is_bound_to_each_other_goes_near_each_other_when_its_site_is_removed()
    {
        var state = Empty();
        var store = Place(state, 1, SimFleet.Request("store", RunClass.Exclusive, null, 1));
        // It is more urgent than what it needs.
        Place(state, 2, Bound("front", "store", DependencyScope.Site) with { Priority = 9 });

        var report = Assess(state, new() { RemoveSites = [SiteOf(state, store)] });

        Assert.Equal((2, 0), (report.Moved, report.Refusals.Count));
    }

    [Fact]
    public void What_is_needed_by_something_that_stays_goes_nowhere_far_from_it()
    {
        var state = Empty();
        var filler = Place(state, 1, SimFleet.Request("filler", RunClass.Exclusive, null, 1));
        var store = Place(state, 2, SimFleet.Request("store", RunClass.Exclusive, null, 1));
        state.Append(new PlacementReleased(filler, ReleaseReason.Released), At);
        var front = Place(state, 3, Bound("front", "store", DependencyScope.Site));
        var pool = state.World.Find(store)!.Units[0].Node.Pool;
        Assert.Equal((0, 1), (Ordinal(state, front), Ordinal(state, store)));

        var report = Assess(state, new() { Nodes = [(pool, 1)] });

        var refusal = Assert.Single(report.Refusals);
        Assert.Equal(("store", RefusalReason.NoCapacity, true),
            (refusal.Request.Workload, refusal.Reason, refusal.RunsToday));
        Assert.Equal(0, report.Moved);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void What_is_on_its_way_to_nodes_that_would_be_gone_stays_where_it_runs(bool isSiteGone)
    {
        var state = Empty();
        var id = Place(state, 1, SimFleet.Request("mover", RunClass.Exclusive, null, 1));
        var placement = state.World.Find(id)!;
        var pool = state.World.Fleet.Pools.First(pool => pool.Site.Id != SiteOf(state, id));
        state.World.Replace(placement with
        {
            Move = new Move
            {
                Plan = new Guid(9, 0, 0, new byte[8]), Kind = MoveKind.Planned, Step = MoveStep.Reserved,
                From = placement.Units, SteppedAt = 1, Since = At,
                To = placement.Units.Select(unit => unit with { Node = new NodeId(pool.Id, 4) }).ToSeq(),
            },
        });

        var report = Assess(
            state, isSiteGone ? new() { RemoveSites = [pool.Site.Id] } : new() { Nodes = [(pool.Id, 2)] });

        Assert.Equal((0, 0, 0), (report.Moved, report.Refusals.Count, report.Unlawful.Count));
    }

    [Theory]
    [InlineData("acceleratorsPerNode: 8", "acceleratorsPerNode: 4")]
    [InlineData("memoryMibPerNode: 1048576", "memoryMibPerNode: 512")]
    [InlineData("nodesPerFabricDomain: 5", "nodesPerFabricDomain: 1")]
    public void What_no_longer_fits_on_its_nodes_looks_for_others(string today, string then)
    {
        var state = Empty();
        var id = Place(state, 1, SimFleet.Request("gang", RunClass.Exclusive, null, 2) with
        {
            Kind = WorkloadKind.Gang,
        });
        var file = state.FleetFiles.Single(file => file.Path == $"regions/{SiteOf(state, id)}.yaml");
        var changed = file with { Text = file.Text.Replace(today, then, StringComparison.Ordinal) };

        var report = WhatIf.Assess(
            new WhatIfState(state.World, state.Law, state.FleetFiles, []), new() { RegionFiles = [changed] }, At).Value;

        Assert.NotEqual(file.Text, changed.Text);
        Assert.Equal((1, 0), (report.Moved, report.Refusals.Count));
        Assert.All(report.After.Rows, row => Assert.InRange(
            row.Accelerators.FreeMilli, 0, row.Accelerators.InstalledMilli));
    }

    [Fact]
    public void What_something_later_ends_is_neither_placed_nor_moved()
    {
        var state = Empty();
        for (var index = 1; index <= 4; index++)
            Place(state, index, SimFleet.Request($"filler-{index}", RunClass.Exclusive, null, 1) with
            {
                AllowRegions = [new("de-b")], Priority = 500,
            });
        Place(state, 5, SimFleet.Request("mover", RunClass.Exclusive, null, 1) with
        {
            AllowRegions = [new("de-a"), new("de-b")], HomeRegion = new("de-a"),
        });
        var law = new Law(state.World.Fleet, state.Law.Policies with { Policies = [Preempts] });

        var report = WhatIf.Assess(
            new WhatIfState(state.World, law, [], []),
            new()
            {
                RemoveSites = [new("de-a")],
                Workloads = [Asked("added", "fr-a", 5, 0), Asked("urgent", "fr-a", 1, 900),
                    Asked("other", "de-b", 1, 900)],
            },
            At).Value;

        Assert.Equal((0, 2), (report.Moved, report.Placed));
        Assert.Equal(
            [("added", RefusalReason.NoCapacity, false), ("mover", RefusalReason.NoCapacity, true)],
            report.Refusals.Select(item => (item.Request.Workload, item.Reason, item.RunsToday)));
    }

    private static PlacementRequest Asked(string workload, string region, int units, int priority) =>
        SimFleet.Request(workload, RunClass.Exclusive, null, units) with
        {
            AllowRegions = [new(region)], Priority = priority,
        };

    private static Policy Preempts { get; } =
        OnePolicy.Of(new PreemptionRule { Rule = "any", Whose = PreemptionReach.Any, FromPriority = 900 });

    [Fact]
    public void Every_scenario_of_a_list_can_be_asked_for_by_its_name_and_played_through()
    {
        var met = new HashSet<Type>();
        Seeds.ForEach(25, dice =>
        {
            var world = RandomWorld.Of(dice, FleetSize.Middle, placements: 6);
            foreach (var scenario in ScenarioText.ListOf("all", world.World.Fleet, world.AsOf)!)
            {
                Assert.Equal(scenario, ScenarioText.Parse(scenario.Name, world.World.Fleet, world.AsOf).Value);
                met.Add(scenario.GetType());
            }

            var all = Survival.Each(
                world.World, world.Law.Policies, [.. ScenarioText.ListOf("all", world.World.Fleet, world.AsOf)!],
                world.AsOf).Take(60).ToList();
            foreach (var report in all.Take(20))
            {
                var scenario = ScenarioText.Parse(report.Scenario, world.World.Fleet, world.AsOf).Value;
                var alone = Survival.Assess(world.World, world.Law.Policies, scenario, world.AsOf);
                if (report.Workloads.Count > 0) Assert.Equal(alone.Workloads, report.Workloads);
                else Assert.DoesNotContain(alone.Workloads, item => !item.IsUnlawful && item.Displaced > 0
                    && scenario is RegionsLost);
            }
        });
        Assert.Equal(5, met.Count);
    }

    [Fact]
    public void A_drill_says_that_sticky_work_waits_for_a_person_and_that_no_promised_time_holds_then()
    {
        var state = Empty();
        var plain = Place(state, 1, SimFleet.Request("plain", RunClass.Sticky, null, 1));
        var lost = SiteOf(state, plain);
        var promised = Place(state, 2, SimFleet.Request("promised", RunClass.Sticky, null, 1) with
        {
            Labels = [new(Drill.PromiseLabel, "3600")],
        });
        var bound = Place(state, 3, Bound("bound", "plain", DependencyScope.Site));

        var drill = Drill.Run(state.World, state.Law, (new SiteLost(lost), DrillRates.Usual), At);
        var slips = Drill.Run(
            state.World, state.Law, (new PowerSlips(lost, 1, DateOnly.FromDateTime(At.UtcDateTime)), DrillRates.Usual),
            At);

        Assert.Equal(
            [(plain, true, false), (promised, true, true), (bound, true, false)],
            drill.Moves.OrderBy(move => move.Workload.Placement.Id)
                .Select(move => (move.Workload.Placement.Id, move.WaitsForPerson, move.IsBroken)));
        Assert.Empty(slips.Moves);
    }

    private static int Ordinal(LedgerState state, DecisionId id) => state.World.Find(id)!.Units[0].Node.Ordinal;

    private static WhatIfReport Assess(LedgerState state, WhatIfChanges changes) =>
        WhatIf.Assess(new WhatIfState(state.World, state.Law, [], []), changes, At).Value;
}
