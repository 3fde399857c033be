using ControlPlane.Capacity;
using ControlPlane.Core.Tests.Worlds;
using ControlPlane.Policies;
using ControlPlane.Regions;
using ControlPlane.Workloads;
using Xunit.Abstractions;

namespace ControlPlane.Core.Tests.Capacity;

/// <summary>Survival where contracts of power, power caps, quotas and cohorts bind, held against trying every way.
/// </summary>
public sealed class SurvivalCapsTests(ITestOutputHelper output)
{
    [Fact]
    public void Survivors_and_shortages_under_caps_are_those_of_trying_every_way()
    {
        var (met, bound, short_) = (0, 0, 0);
        Seeds.ForEach(500, dice =>
        {
            var world = Capped(dice, most: 6);
            var scenario = AnyScenario(dice, world);
            var trying = new SurvivalByTrying(world, scenario);
            if (trying.Count > 12 || trying.Recovered() is not { } expected) return;

            var report = Survival.Assess(world.World, world.Law.Policies, scenario, world.AsOf);

            Assert.Equal(expected, trying.Of(report));
            Assert.Equal(trying.Count, report.Workloads.Sum(workload => workload.Displaced));
            Assert.Equal(
                trying.Count - expected.Sum(), report.Shortages.Sum(shortage => (long)shortage.Units));
            met++;
            if (expected.Sum() < trying.Count) short_++;
            var free = Without<CapacityRule>(world);
            if (Survival.Assess(free.World, free.Law.Policies, scenario, free.AsOf).Workloads
                .Sum(workload => workload.Recovered) > expected.Sum()) bound++;
        });
        output.WriteLine($"{met} fleets, {short_} with a shortage, in {bound} a cap of a policy was in the way");
        Assert.True(met > 400 && short_ > 100 && bound > 50, $"{met} fleets, {short_} short, {bound} bound by caps");
    }

    // Above a dozen pieces the plan is no longer searched: never more than the best, and seldom less.
    [Fact]
    public void Larger_fleets_lose_next_to_nothing_against_trying_every_way()
    {
        var (met, off, served, most) = (0, 0, 0L, 0L);
        Seeds.ForEach(300, dice =>
        {
            var world = Capped(dice, most: 18);
            var scenario = new RegionsLost([world.World.Fleet.Regions.MaxBy(region => world.World.Placements.Sum(item =>
                item.Units.Count(unit => world.World.Fleet.FindPool(unit.Node.Pool)!.Region == region)))!.Id]);
            var trying = new SurvivalByTrying(world, scenario);
            if (trying.Count <= RescueSearch.MostPieces || trying.Recovered() is not { } expected) return;

            var report = Survival.Assess(world.World, world.Law.Policies, scenario, world.AsOf);

            var found = trying.Of(report);
            Assert.True(found.AsSpan().SequenceCompareTo(expected) <= 0, "more than can be");
            met++;
            if (!found.SequenceEqual(expected))
            {
                off++;
                output.WriteLine($"seed {dice.Seed}: {string.Join(' ', found)} of {string.Join(' ', expected)}");
            }

            (served, most) = (served + found.Sum(), most + expected.Sum());
        });
        output.WriteLine($"{met} fleets, {off} with less than the best; {served} units of {most}");
        Assert.True(met > 20 && served >= most * 0.98, $"{met} fleets, {off} off; {served} units of {most}");
    }

    [Fact]
    public void More_capacity_never_worsens_what_survives_under_caps()
    {
        var met = 0;
        Seeds.ForEach(300, dice =>
        {
            var world = Capped(dice, most: 6);
            var scenario = AnyScenario(dice, world);
            var grown = world.On(FleetChanges.Grown(dice, world.Declared));
            if (scenario.Check(grown.World.Fleet).Any() || scenario is PowerSlips) return;
            if (new SurvivalByTrying(world, scenario).Count > RescueSearch.MostPieces) return;

            var before = Survival.Assess(world.World, world.Law.Policies, scenario, world.AsOf);
            var after = Survival.Assess(grown.World, grown.Law.Policies, scenario, grown.AsOf);

            foreach (var priority in before.Workloads.Select(item => item.Placement.Request.Priority).Distinct())
            {
                // Of the highest, of the highest two, and so on: what more room gives a higher one a lower may lose.
                Assert.True(Recovered(after, priority) >= Recovered(before, priority)
                    || before.Workloads.Any(item => item.Placement.Request.Priority > priority
                        && Recovered(after, item.Placement.Request.Priority)
                            > Recovered(before, item.Placement.Request.Priority)));
            }

            met++;
        });
        Assert.True(met > 200, $"{met}");
    }

    [Fact]
    public void What_a_report_would_buy_closes_the_shortage()
    {
        var (bought, closed) = (0, 0);
        Seeds.ForEach(400, dice =>
        {
            var world = dice.Chance(50) ? Capped(dice, most: 8) : SurvivalTests.Powered(dice, single: false);
            if (world.Law.Policies.Policies.Any(policy => policy.Rules.Any(rule => rule is CohortQuotaRule))) return;
            var scenario = new RegionsLost([dice.Pick(world.World.Fleet.Regions).Id]);
            var report = Survival.Assess(world.World, world.Law.Policies, scenario, world.AsOf);
            if (report.Purchases.Count == 0) return;

            var after = Survival.Assess(
                Bought(world, report, dice).World, world.Law.Policies, scenario, world.AsOf);

            bought++;
            if (after.Purchases.Count == 0) closed++;
            else output.WriteLine($"seed {dice.Seed}: {report.Purchases} then {after.Purchases}");
            Assert.True(after.Shortages.Sum(item => item.Units) < report.Shortages.Sum(item => item.Units),
                $"{report.Purchases} closes nothing of {report.Shortages}");
        });
        output.WriteLine($"{closed} of {bought} closed in full by what was bought");
        Assert.True(bought > 50 && closed >= bought * 0.95, $"{closed} of {bought}");
    }

    private static long Recovered(SurvivalReport report, int priority) => report.Workloads
        .Where(item => item.Placement.Request.Priority == priority).Sum(item => (long)item.Recovered);

    private static RandomWorld Bought(RandomWorld world, SurvivalReport report, Dice dice)
    {
        var nodes = report.Purchases.ToDictionary(item => item.Pool, item => item.Nodes);
        var power = report.Purchases.GroupBy(item => item.Site)
            .ToDictionary(items => items.Key, items => items.Sum(item => item.MissingMilliwatts));
        return world.On(world.Declared.With(dice, world.World.Fleet.Regions.Select(region => region.Spec with
        {
            Sites = region.Spec.Sites.Select(site => site with
            {
                Power = site.Power with
                {
                    Phases = site.Power.Phases.Select(phase => phase with
                    {
                        Megawatts = phase.Megawatts + (power.GetValueOrDefault(site.Site) / 1_000_000_000m),
                    }).ToSeq(),
                },
                Clusters = site.Clusters.Select(cluster => cluster with
                {
                    NodePools = cluster.NodePools.Select(pool => pool with
                    {
                        Nodes = pool.Nodes + nodes.GetValueOrDefault(pool.Pool),
                        AllocatableNodes = pool.AllocatableNodes + nodes.GetValueOrDefault(pool.Pool),
                    }).ToSeq(),
                }).ToSeq(),
            }).ToSeq(),
        })));
    }

    private static RandomWorld Without<TRule>(RandomWorld world)
        where TRule : PolicyRule => world.On(world.Declared, world.Law.Policies with
    {
        Policies = world.Law.Policies.Policies
            .Select(policy => policy with { Rules = policy.Rules.Where(rule => rule is not TRule).ToSeq() }).ToSeq(),
    });

    /// <summary>
    /// Units of one accelerator each, at sites of little power, under caps that were there before them or came later.
    /// </summary>
    private static RandomWorld Capped(Dice dice, int most)
    {
        var declared = RandomFleet.Of(dice, FleetSize.Middle);
        while (declared.Specs.Count < 2) declared = RandomFleet.Of(dice, FleetSize.Middle);
        var tight = declared.With(dice, declared.Specs.Select(region => region with
        {
            Sites = region.Sites.Select(site => site with
            {
                Power = site.Power with
                {
                    Phases =
                    [
                        site.Power.Phases[0] with
                        {
                            From = RandomFleet.Day.AddDays(-100), Megawatts = dice.Int(1, 12) * 0.0011m,
                        },
                        site.Power.Phases[0] with { From = RandomFleet.Day.AddDays(9), Megawatts = 0.05m },
                    ],
                },
            }).ToSeq(),
        }));
        var world = RandomWorld.Of(dice, FleetSize.Middle, placements: 0).On(tight).ExpectingNothing();
        var law = Without<CapacityRule>(world).Law.Policies;
        world.Law = new Law(world.World.Fleet, dice.Chance(60) ? law with { Policies = [] } : law);
        var caps = new Law(world.World.Fleet, world.Law.Policies with
        {
            Policies = [.. world.Law.Policies.Policies, CapsOf(dice)],
        });
        if (dice.Chance(50)) world.Law = caps;
        for (var index = dice.Int(2, most); index > 0; index--)
        {
            var request = RandomRequest.Of(dice, world.World.Fleet, mostUnits: 4);
            var one = new UnitNeed { Accelerators = 1, CpuMilli = 0, MemoryMib = 0 };
            request = request with
            {
                Kind = WorkloadKind.Batch, Spread = null,
                Unit = dice.Chance(60) ? one : request.Unit with
                {
                    Accelerators = 1, AcceleratorShareMilli = 0, CpuMilli = 0, MemoryMib = 0,
                },
                Residency = dice.Chance(60) ? [] : request.Residency,
                AllowRegions = dice.Chance(60) ? [] : request.AllowRegions,
            };
            world.TryPlace(request, new DecisionId(dice.Guid()), hold: false);
        }

        world.Law = caps;
        return world;
    }

    private static Policy CapsOf(Dice dice)
    {
        var rules = new List<PolicyRule>();
        if (dice.Chance(50))
            rules.Add(new PowerCapRule
            {
                Rule = "cap", PercentOfContract = dice.Chance(50) ? dice.Int(30, 99) : null,
                Megawatts = dice.Int(1, 12) * 0.0007m, OpenFromPriority = dice.Chance(30) ? 500 : null,
            });
        if (dice.Chance(40))
            rules.Add(new QuotaRule { Rule = "region", Accelerators = dice.Int(1, 5), Over = QuotaScope.Region });
        if (dice.Chance(20))
            rules.Add(new QuotaRule { Rule = "all", Accelerators = dice.Int(2, 9), Over = QuotaScope.All });
        if (dice.Chance(30))
            rules.Add(new CohortQuotaRule
            {
                Rule = "cohort", Over = dice.Pick(QuotaScope.Region, QuotaScope.All),
                Members = RandomLaw.Tenants.Select(tenant => new CohortMember
                {
                    Tenant = tenant, Accelerators = dice.Int(0, 4), BorrowAtMost = dice.Int(0, 3),
                }).ToSeq(),
            });
        return new Policy
        {
            Id = new("caps"), Because = "b", Source = new() { Law = "l" }, Owner = "o",
            ValidFrom = RandomFleet.Day.AddDays(-1_000), Enforcement = Enforcement.Mandatory,
            Match = new() { Everything = true }, Rules = rules.ToSeq(),
        };
    }

    private static Scenario AnyScenario(Dice dice, RandomWorld world)
    {
        var fleet = world.World.Fleet;
        return dice.Int(0, 8) switch
        {
            0 or 1 or 2 => new RegionsLost([dice.Pick(fleet.Regions).Id]),
            3 => new RegionsLost(dice.AtLeastOne([.. fleet.Regions.Select(region => region.Id)], 2)),
            4 => new SiteLost(dice.Pick(fleet.Sites).Id),
            5 => new ProviderLeaves(dice.Pick(fleet.Clusters).Spec.Provider),
            6 => new PowerSlips(dice.Pick(fleet.Sites).Id, dice.Int(1, 90), RandomFleet.Day.AddDays(-200)),
            7 => TransferBasisOf(dice, fleet),
            _ => new OperatorSold(dice.Pick(fleet.Catalog.LegalEntities).Id, dice.Pick(RandomFleet.Countries)),
        };
    }

    /// <summary>Some transfer basis that ends, or a region where there is none.</summary>
    private static Scenario TransferBasisOf(Dice dice, Fleet fleet)
    {
        var bases = fleet.Catalog.Jurisdictions.SelectMany(item => item.TransferBases
            .Select(basis => new TransferBasisEnds(item.Id, basis.To))).ToSeq();
        return bases.Count == 0 ? new RegionsLost([dice.Pick(fleet.Regions).Id]) : dice.Pick(bases);
    }
}
