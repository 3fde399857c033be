using System.Diagnostics;
using ControlPlane.Capacity;
using ControlPlane.Core.Tests.Worlds;
using ControlPlane.Placements;
using ControlPlane.Policies;
using ControlPlane.Workloads;
using Xunit.Abstractions;

namespace ControlPlane.Core.Tests.Capacity;

public sealed class AdmissionTests(ITestOutputHelper output)
{
    [Fact]
    public void What_is_admitted_keeps_the_promise_and_what_is_refused_would_break_it_wherever_it_went()
    {
        var (admitted, refused) = (0, 0);
        var (plain, kept) = (new Stopwatch(), new Stopwatch());
        Seeds.ForEach(80, dice =>
        {
            var world = SurvivalTests.Powered(dice, single: true);
            Promise(dice, world);
            for (var index = 0; index < 4; index++)
            {
                var request = RandomRequest.Of(dice, world.World.Fleet) with
                {
                    Kind = WorkloadKind.Batch, Spread = null, Units = 1,
                    Unit = new UnitNeed { Accelerators = 1, CpuMilli = 0, MemoryMib = 0 },
                };
                plain.Start();
                var first = Placer.Decide(world.World, world.Law, request, world.AsOf);
                plain.Stop();
                kept.Start();
                var decision = Admission.Decide(world.World, world.Law, request, world.AsOf);
                kept.Stop();

                Assert.Equal(decision, Admission.Explain(world.World, world.Law, request, world.AsOf).Decision);
                switch (decision)
                {
                    case Placed placed:
                        Assert.False(Breaks(world, request, placed));
                        world.World.Add(PlacementOf(new DecisionId(dice.Guid()), request, placed, world.AsOf));
                        admitted++;
                        break;
                    case Refused { Reason: RefusalReason.LossUnsurvivable }:
                        AssertBreaksEverywhere(world, request);
                        refused++;
                        break;
                    default:
                        Assert.Equal(first, decision);
                        break;
                }
            }
        });
        output.WriteLine($"{admitted} admitted, {refused} refused; each decision took "
            + $"{plain.Elapsed.TotalMicroseconds / 320:0} us without a promise and "
            + $"{kept.Elapsed.TotalMicroseconds / 320:0} us with one or two");
        Assert.True(admitted > 50 && refused > 50, $"{admitted} {refused}");
    }

    [Fact]
    public void A_refusal_names_the_rule_the_region_the_model_and_what_is_missing()
    {
        var named = 0;
        Seeds.ForEach(60, dice =>
        {
            var world = SurvivalTests.Powered(dice, single: true);
            Promise(dice, world);
            var request = RandomRequest.Of(dice, world.World.Fleet) with
            {
                Kind = WorkloadKind.Batch, Spread = null, Units = 1,
                Unit = new UnitNeed { Accelerators = 1, CpuMilli = 0, MemoryMib = 0 },
            };

            var why = Admission.Explain(world.World, world.Law, request, world.AsOf);

            if (why.Decision is not Refused { Reason: RefusalReason.LossUnsurvivable }) return;
            var verdicts = why.Trials.Select(trial => trial.Denial!).ToList();
            Assert.All(verdicts, Assert.NotNull);
            var breach = verdicts.First(verdict => verdict.Reason == ReasonCode.RegionLoss);
            Assert.Equal(Admission.Rule, breach.Rule);
            Assert.Matches(
                "^if r[0-9] were lost, [0-9]+ units would find no room; missing: [0-9]+ sku-", breach.Because);
            named++;
        });
        Assert.True(named > 5, $"{named}");
    }

    private static void AssertBreaksEverywhere(RandomWorld world, PlacementRequest request)
    {
        foreach (var region in world.World.Fleet.Regions)
        {
            var here = Placer.DecideWithin(
                world.World, world.Law, (request, world.AsOf), pool => pool.Region.Id == region.Id);
            if (here is Placed placed) Assert.True(Breaks(world, request, placed), $"{region} would do");
        }
    }

    /// <summary>Whether a promised loss leaves more without room when the request is placed.</summary>
    private static bool Breaks(RandomWorld world, PlacementRequest request, Placed placed)
    {
        var trial = world.World.Copy();
        trial.Add(PlacementOf(new DecisionId(Guid.AllBitsSet), request, placed, world.AsOf));
        return world.Law.Policies.Preferences.SurviveLossOf.Any(region =>
            Missing(trial, world, region) > Missing(world.World, world, region));
    }

    private static int Missing(World world, RandomWorld under, RegionId region) => Survival
        .Assess(world, under.Law.Policies, new RegionsLost([region]), under.AsOf)
        .Shortages.Sum(shortage => shortage.Units);

    private static void Promise(Dice dice, RandomWorld world)
    {
        var policies = world.Law.Policies;
        world.Law = new Law(world.World.Fleet, policies with
        {
            Preferences = policies.Preferences with
            {
                SurviveLossOf = dice.AtLeastOne([.. world.World.Fleet.Regions.Select(region => region.Id)], 2),
            },
        });
    }

    private static Placement PlacementOf(
        DecisionId id, PlacementRequest request, Placed placed, DateTimeOffset asOf) => new()
    {
        Id = id, Request = request, State = PlacementState.Bound, Epoch = 1, Units = placed.Units, DecidedAt = asOf,
        Isolation = placed.Isolation,
    };
}
