using ControlPlane.Core.Tests.Worlds;
using ControlPlane.Ledger;
using ControlPlane.Placements;
using ControlPlane.Policies;
using ControlPlane.Workloads;

namespace ControlPlane.Core.Tests.Placements;

public sealed class PreemptionTests
{
    [Fact]
    public void What_ends_is_the_cheapest_that_trying_every_set_of_placements_finds()
    {
        var (ended, several, refused, judged) = (0, 0, 0, 0);
        Seeds.ForEach(600, dice =>
        {
            var (world, rule) = Crowded(dice, onlyCapsThatEndingHelps: true);
            for (var step = 0; step < 4; step++)
            {
                var request = Urgent(dice, world);
                if (world.Law.Shape(request, world.AsOf).IsDenied || Without(world, request) is not Refused
                    { Reason: RefusalReason.NoCapacity })
                    continue;
                var oracle = new PreemptionOracle(world, rule, request);
                var best = oracle.Best();
                if (oracle.IsTooLarge) continue;

                var decided = world.Decide(request);

                // The second time a walk is made of the class of the request, the third time it is known.
                for (var again = 0; again < 2; again++)
                    Assert.Equal(DecisionCodec.ToBytes(decided), DecisionCodec.ToBytes(world.Decide(request)));
                judged++;
                if (best is null)
                {
                    Assert.IsType<Refused>(decided);
                    refused++;
                    continue;
                }

                var placed = Assert.IsType<Placed>(decided);
                Assert.Equal(best.Victims.Select(victim => victim.Id).Order(), placed.Preempted);
                Assert.All(placed.Units, unit => Assert.Equal(best.Pool.Id, unit.Node.Pool));
                Assert.Equal(PackingOracle.Bind(world.World, world.Law, (request, placed)), placed.Units);
                ended++;
                several += best.Victims.Count > 1 ? 1 : 0;
            }
        });
        Assert.True(
            ended > 150 && several > 20 && refused > 150, $"{ended} made room, {several} with several, {refused} of "
            + $"{judged} did not: too easy");
    }

    [Fact]
    public void Nothing_unlawful_nothing_overcommitted_and_nothing_protected_comes_of_ending_work()
    {
        var ended = 0;
        Seeds.ForEach(120, dice =>
        {
            var (world, rule) = Crowded(dice, onlyCapsThatEndingHelps: false);
            for (var step = 0; step < 8; step++)
            {
                var request = Urgent(dice, world);
                var before = DecisionCodec.ToBytes(world.Decide(request));

                if (world.Decide(request) is not Placed { Preempted: { Count: > 0 } victims } placed) continue;

                Assert.Equal(before, DecisionCodec.ToBytes(placed));
                var oracle = new PreemptionOracle(world, rule, request);
                var pool = world.World.Fleet.FindPool(placed.Units[0].Node.Pool)!;
                Assert.All(victims, id => Assert.True(oracle.MayEnd(world.World.Find(id)!, pool)));
                foreach (var id in victims) world.World.Remove(id);
                Assert.True(BruteForce.MayUse(world, pool, request));
                Assert.Empty(BruteForce.Faults(world, request, [(pool, placed.Units.Count)]));
                world.World.Add(new Placement
                {
                    Id = new(dice.Guid()), Request = request, State = PlacementState.Bound, Epoch = 1,
                    Units = placed.Units, DecidedAt = world.AsOf, Isolation = placed.Isolation, Preempted = victims,
                });
                Assert.Empty(Audit.Of(world.World, world.AsOf));
                ended++;
            }
        });
        Assert.True(ended > 50, $"{ended}: too easy");
    }

    [Fact]
    public void Without_a_policy_nothing_ends_and_the_refusal_says_what_would_have_helped()
    {
        var (barred, ended) = (0, 0);
        Seeds.ForEach(60, dice =>
        {
            var (world, rule) = Crowded(dice, onlyCapsThatEndingHelps: true);
            rule = rule with { Whose = PreemptionReach.Any, FromPriority = null, VictimsBelow = null };
            world.Law = With(world, rule, Enforcement.Mandatory);
            var (allowing, none) = (world.Law, With(world, rule, Enforcement.Advisory));
            for (var step = 0; step < 6; step++)
            {
                var request = Urgent(dice, world);
                world.Law = none;
                var refused = Placer.Explain(world.World, none, request, world.AsOf);
                world.Law = allowing;
                var allowed = Placer.Explain(world.World, allowing, request, world.AsOf);

                Assert.True(refused.Decision is Refused or Placed { Preempted.Count: 0 });
                Assert.Equal(
                    allowed.Decision is Placed { Preempted.Count: > 0 }, refused.Barred is not null);
                if (refused.Barred is not null) barred++;
                if (allowed.Decision is not Placed { Preempted: { Count: > 0 } victims } placed) continue;
                var chosen = allowed.Trials.Single(trial => trial.Units > 0);
                Assert.Null(chosen.Denial);
                Assert.Contains(chosen.Verdicts, verdict => verdict.Reason == ReasonCode.Preempts
                    && verdict.Rule == "preempting/urgent" && victims.All(id => verdict.Because.Contains($"{id}")));
                ended++;
            }
        });
        Assert.True(barred > 20 && ended > 20, $"{barred} barred, {ended} ended: too easy");
    }

    [Fact]
    public void The_sums_by_band_follow_every_change_of_the_world_and_its_taking_back()
    {
        Seeds.ForEach(60, dice =>
        {
            var world = RandomWorld.Of(dice, FleetSize.Middle, 10);
            _ = world.World.Bands;
            for (var step = 0; step < 30; step++)
            {
                var mark = world.World.Mark();
                var request = RandomRequest.Of(dice, world.World.Fleet) with { Priority = dice.Int(0, 1000) };
                world.TryPlace(request, new DecisionId(dice.Guid()), hold: dice.Chance(10));
                if (world.World.Placements.Count > 0 && dice.Chance(40))
                    world.World.Remove(dice.Pick<Placement>([.. world.World.Placements]).Id);
                if (dice.Chance(30)) world.World.UndoTo(mark, world.World.Position);
            }

            var (kept, fresh) = (world.World.Bands, world.World.Copy().Bands);
            foreach (var pool in world.World.Fleet.Pools)
            {
                foreach (var missing in (long[])[1, 500, 3_000, 9_000, 50_000])
                {
                    foreach (var (of, onNode) in (((long, long), int)[])
                        [((missing, 0), 0), ((0, missing), 0), ((0, 0), (int)missing)])
                        Assert.Equal(fresh.LowestFor(pool.Index, of, onNode), kept.LowestFor(pool.Index, of, onNode));
                }

                for (var node = 0; node < pool.Nodes; node++)
                {
                    var (some, others) = (new HashSet<DecisionId>(), new HashSet<DecisionId>());
                    fresh.Collect(pool.Index, node, 8, some);
                    kept.Collect(pool.Index, node, 8, others);
                    Assert.Equal(some.Order(), others.Order());
                    Assert.Equal(fresh.Reach(pool.Index, node, 8), kept.Reach(pool.Index, node, 8));
                    Assert.Equal(
                        world.World.Nodes.Devices(pool.Index, node).ToArray().Sum(free => free)
                            + others.Sum(id => MilliOn(world.World.Find(id)!, new(pool.Id, node))),
                        kept.Reach(pool.Index, node, 8));
                }
            }
        });
    }

    private static int MilliOn(Placement placement, NodeId node) =>
        placement.Units.Count(unit => unit.Node == node) * placement.Request.Unit.AcceleratorMilli;

    /// <summary>A world full of work of all priorities, in which a policy lets work end.</summary>
    private static (RandomWorld World, PreemptionRule Rule) Crowded(Dice dice, bool onlyCapsThatEndingHelps)
    {
        var world = RandomWorld.Of(dice, dice.Chance(50) ? FleetSize.Small : FleetSize.Middle, 0);
        if (onlyCapsThatEndingHelps) world.Law = WithoutQuotas(world);
        for (var index = 0; index < 40; index++)
        {
            var request = RandomRequest.Of(dice, world.World.Fleet, mostUnits: 3) with
            {
                Priority = dice.Int(0, 1000), RunClass = dice.Chance(15) ? RunClass.Sticky : RunClass.Exclusive,
            };
            world.TryPlace(request, new DecisionId(dice.Guid()), hold: dice.Chance(10));
            if (dice.Chance(50)) world.AsOf = world.AsOf.AddSeconds(1);
        }

        var rule = new PreemptionRule
        {
            Rule = "urgent", Whose = dice.Pick(PreemptionReach.Any, PreemptionReach.Any, PreemptionReach.Own),
            FromPriority = dice.Chance(30) ? 500 : null, VictimsBelow = dice.Chance(20) ? 400 : null,
        };
        world.Law = With(world, rule, Enforcement.Mandatory);
        return (world, rule);
    }

    private static PlacementRequest Urgent(Dice dice, RandomWorld world) =>
        RandomRequest.Of(dice, world.World.Fleet, mostUnits: 2) with
        {
            Priority = dice.Int(200, 1000), Spread = null,
        };

    private static PlacementDecision Without(RandomWorld world, PlacementRequest request)
    {
        var shaped = world.Law.Shape(request, world.AsOf).Request;
        return Placer.Scan(new Question(world.World, world.Law, shaped, world.AsOf), LawSubject.Of(request));
    }

    private static Law With(RandomWorld world, PreemptionRule rule, Enforcement enforcement) =>
        new(world.World.Fleet, world.Law.Policies with
        {
            Policies = world.Law.Policies.Policies.Where(policy => policy.Id.Value != "preempting").Append(new Policy
            {
                Id = new("preempting"), Because = "Urgent work first.", Source = new() { Law = "Law" }, Owner = "owner",
                ValidFrom = new(2000, 1, 1), Enforcement = enforcement, Match = new() { Everything = true },
                Rules = [rule],
            }).ToSeq(),
        });

    /// <summary>Quotas are held against what is used now: ending one's own work gives no quota back.</summary>
    private static Law WithoutQuotas(RandomWorld world) => new(world.World.Fleet, world.Law.Policies with
    {
        Policies = world.Law.Policies.Policies.Select(policy => policy with
        {
            Rules = policy.Rules.Where(rule => rule is not QuotaRule).ToSeq(),
        }).ToSeq(),
    });
}
