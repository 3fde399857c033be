using ControlPlane.Capacity;
using ControlPlane.Core.Tests.Worlds;
using ControlPlane.Policies;
using ControlPlane.Regions;
using ControlPlane.Workloads;

namespace ControlPlane.Core.Tests.Capacity;

public sealed class SurvivalTests
{
    [Fact]
    public void Survivors_and_shortages_are_those_of_a_flow_over_the_interpreted_law()
    {
        Seeds.ForEach(500, dice =>
        {
            var world = Powered(dice, single: true);
            var scenario = AnyScenario(dice, world.World.Fleet);

            var report = Survival.Assess(world.World, world.Law.Policies, scenario, world.AsOf);

            var expected = SurvivalOracle.RecoveredByPriority(world, scenario);
            var recovered = report.Workloads
                .GroupBy(workload => workload.Placement.Request.Priority)
                .ToDictionary(group => group.Key, group => (long)group.Sum(workload => workload.Recovered));
            Assert.Equal(expected.OrderBy(entry => entry.Key), recovered.OrderBy(entry => entry.Key));
            var missing = report.Workloads.Sum(workload => workload.Displaced - workload.Recovered);
            Assert.Equal(missing, report.Shortages.Sum(shortage => shortage.Units));
        });
    }

    [Fact]
    public void Nothing_unlawful_lost_or_overcommitted_is_proposed()
    {
        Seeds.ForEach(500, dice =>
        {
            var world = Powered(dice, single: false);
            var scenario = AnyScenario(dice, world.World.Fleet);
            var fleet = scenario.Change(world.World.Fleet);
            var law = new Law(fleet, world.Law.Policies);

            var report = Survival.Assess(world.World, world.Law.Policies, scenario, world.AsOf);

            foreach (var workload in report.Workloads)
            {
                foreach (var target in workload.Targets)
                {
                    var pool = fleet.FindPool(target.Pool)!;
                    Assert.False(scenario.Loses(pool));
                    Assert.Equal(SiteStatus.Active, pool.Site.Spec.Status);
                    Assert.DoesNotContain(
                        law.Judge(pool, LawSubject.Of(workload.Placement.Request), world.AsOf),
                        verdict => verdict.Result == VerdictResult.Denied);
                }

                if (workload.Placement.Request.Kind == WorkloadKind.Gang)
                    Assert.True(
                        workload.Recovered == 0
                            || (workload.Recovered == workload.Displaced && workload.Targets.Count == 1));
            }
        });
    }

    [Fact]
    public void What_is_proposed_keeps_every_site_below_a_cap_on_its_power()
    {
        var tight = 0;
        Seeds.ForEach(250, dice =>
        {
            var world = Powered(dice, single: true);
            var scenario = AnyScenario(dice, world.World.Fleet);
            var (free, capped) = (world.Law.Policies, Capped(world.Law.Policies, dice.Int(1, 20) / 1000m));

            var before = Survival.Assess(world.World, free, scenario, world.AsOf);
            var report = Survival.Assess(world.World, capped, scenario, world.AsOf);

            foreach (var site in world.World.Fleet.Sites)
            {
                var coming = report.Workloads.SelectMany(workload => workload.Targets
                    .Select(target => (workload.Placement.Request.Unit, world.World.Fleet.FindPool(target.Pool)!,
                        target.Units)))
                    .Where(item => item.Item2.Site == site)
                    .Sum(item => item.Units * item.Item2.UnitMilliwatts(item.Unit.AcceleratorMilli,
                        item.Unit.CpuMilli));
                if (coming == 0) continue;
                var cap = ((PowerCapRule)capped.Policies[^1].Rules[0]).LimitMilliwatts(long.MaxValue);
                Assert.True(coming <= cap, $"{site} would draw {coming} of {cap}");
            }

            var (less, all) = (report.Workloads.Sum(item => item.Recovered), before.Workloads.Sum(item =>
                item.Recovered));
            Assert.True(less <= all);
            if (less < all) tight++;
        });
        Assert.True(tight > 10, $"the cap bit only {tight} times");
    }

    private static PolicySet Capped(PolicySet policies, decimal megawatts) =>
        Limited(policies, new PowerCapRule { Rule = "cap", Megawatts = megawatts });

    private static PolicySet Limited(PolicySet policies, PolicyRule rule) => policies with
    {
        Policies =
        [
            .. policies.Policies,
            new Policy
            {
                Id = new("cap"), Because = "b", Source = new() { Law = "l" }, Owner = "o",
                ValidFrom = RandomFleet.Day.AddDays(-1_000), Enforcement = Enforcement.Mandatory,
                Match = new() { Everything = true }, Rules = [rule],
            },
        ],
    };

    [Fact]
    public void What_is_proposed_keeps_every_tenant_below_its_quota_of_a_region()
    {
        var tight = 0;
        Seeds.ForEach(250, dice =>
        {
            var world = Powered(dice, single: true);
            var (scenario, quota) = (AnyScenario(dice, world.World.Fleet), dice.Int(1, 6));
            var capped = Limited(world.Law.Policies, new QuotaRule
            {
                Rule = "quota", Accelerators = quota, Over = QuotaScope.Region,
            });

            var before = Survival.Assess(world.World, world.Law.Policies, scenario, world.AsOf);
            var report = Survival.Assess(world.World, capped, scenario, world.AsOf);

            var moved = report.Workloads.ToDictionary(item => item.Placement.Id);
            var coming = report.Workloads
                .SelectMany(item => item.Targets.Select(target => (
                    item.Placement.Request.Tenant, world.World.Fleet.FindPool(target.Pool)!.Region, target.Units)))
                .GroupBy(item => (item.Tenant, item.Region));
            foreach (var group in coming)
            {
                // Work of one unit each: what is not displaced stays where it is.
                var staying = world.World.Placements
                    .Where(item => item.Request.Tenant == group.Key.Tenant && !moved.ContainsKey(item.Id))
                    .SelectMany(item => item.Units)
                    .Count(unit => world.World.Fleet.FindPool(unit.Node.Pool)!.Region.Id == group.Key.Region.Id);
                var partly = report.Workloads.Any(item => item.Displaced < item.Placement.Units.Count);
                if (!partly) Assert.InRange(staying + group.Sum(item => item.Units), 0, Math.Max(quota, staying));
            }

            var (less, all) = (report.Workloads.Sum(item => item.Recovered), before.Workloads.Sum(item =>
                item.Recovered));
            Assert.True(less <= all);
            if (less < all) tight++;
        });
        Assert.True(tight > 10, $"the quota bit only {tight} times");
    }

    [Fact]
    public void The_state_is_the_same_afterwards()
    {
        Seeds.ForEach(200, dice =>
        {
            var world = RandomWorld.Of(dice, FleetSize.Middle, placements: dice.Int(0, 12));
            var before = (world.World.Placements.ToSeq(), Audit.Of(world.World, world.AsOf));

            Survival.Assess(world.World, world.Law.Policies, AnyScenario(dice, world.World.Fleet), world.AsOf);

            Assert.Equal(before, (world.World.Placements.ToSeq(), Audit.Of(world.World, world.AsOf)));
        });
    }

    [Fact]
    public void More_capacity_never_loses_an_accelerator_of_any_priority_for_a_lower_one()
    {
        Seeds.ForEach(250, dice =>
        {
            var world = Powered(dice, single: true);
            var scenario = AnyScenario(dice, world.World.Fleet);
            var grown = world.On(FleetChanges.Grown(dice, world.Declared));
            // A region that grew out of nothing must not be the lost one's twin in name only.
            if (scenario.Check(grown.World.Fleet).Any()) return;

            var before = Survival.Assess(world.World, world.Law.Policies, scenario, world.AsOf);
            var after = Survival.Assess(grown.World, world.Law.Policies, scenario, world.AsOf);

            Assert.True(
                after.Workloads.Sum(workload => workload.Recovered)
                    >= before.Workloads.Sum(workload => workload.Recovered));
        });
    }

    [Fact]
    public void A_planted_shortage_is_found_with_its_size_and_what_would_close_it()
    {
        var found = 0;
        Seeds.ForEach(250, dice =>
        {
            var world = Powered(dice, single: true);
            var scenario = AnyScenario(dice, world.World.Fleet);

            var report = Survival.Assess(world.World, world.Law.Policies, scenario, world.AsOf);

            foreach (var workload in report.Workloads.Where(workload => workload.Outcome == SurvivalOutcome.NoRoom))
            {
                found++;
                Assert.NotEmpty(report.Purchases);
                Assert.Contains(
                    report.Shortages,
                    shortage => shortage.Units > 0 && shortage.AcceleratorMilli == shortage.Units * 1000L);
            }
        });
        Assert.True(found > 20, $"only {found} shortages were met");
    }

    /// <summary>
    /// A world whose sites have more power than they can use, and units of one accelerator if asked for.
    /// </summary>
    internal static RandomWorld Powered(Dice dice, bool single)
    {
        var declared = RandomFleet.Of(dice, FleetSize.Middle);
        var ample = declared.With(dice, declared.Specs.Select(region => region with
        {
            Sites = region.Sites
                .Select(site => site with { Power = site.Power with { Phases = [Ample(site)] } })
                .ToSeq(),
        }));
        var world = RandomWorld.Of(new Dice(dice.Seed), FleetSize.Middle, placements: 0).On(ample).ExpectingNothing();
        for (var index = dice.Int(1, 25); index > 0; index--)
        {
            var request = RandomRequest.Of(dice, world.World.Fleet);
            if (single)
            {
                request = request with
                {
                    Kind = WorkloadKind.Batch, Spread = null,
                    Unit =
                        request.Unit with { Accelerators = 1, AcceleratorShareMilli = 0, CpuMilli = 0, MemoryMib = 0 },
                };
            }

            world.TryPlace(request, new DecisionId(dice.Guid()), hold: false);
        }

        // The flow knows of law and room only.
        if (single) world.Law = new Law(world.World.Fleet, Without<CapacityRule>(world.Law.Policies));
        return world;
    }

    private static PolicySet Without<TRule>(PolicySet policies)
        where TRule : PolicyRule => policies with
    {
        Policies = policies.Policies
            .Select(policy => policy with { Rules = policy.Rules.Where(rule => rule is not TRule).ToSeq() }).ToSeq(),
    };

    private static PowerPhase Ample(SiteSpec site) =>
        site.Power.Phases[0] with { From = RandomFleet.Day.AddDays(-100), Megawatts = 1_000 };

    private static Scenario AnyScenario(Dice dice, Fleet fleet) => dice.Int(0, 4) switch
    {
        0 or 1 => new RegionsLost([dice.Pick(fleet.Regions).Id]),
        2 => new SiteLost(dice.Pick(fleet.Sites).Id),
        3 => new ProviderLeaves(dice.Pick(fleet.Clusters).Spec.Provider),
        _ => new OperatorSold(dice.Pick(fleet.Catalog.LegalEntities).Id, dice.Pick(RandomFleet.Countries)),
    };
}
