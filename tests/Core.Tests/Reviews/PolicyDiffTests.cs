using ControlPlane.Core.Tests.Worlds;
using ControlPlane.Policies;
using ControlPlane.Reviews;

namespace ControlPlane.Core.Tests.Reviews;

public sealed class PolicyDiffTests
{
    private const int Worlds = 200;

    [Fact]
    public void A_side_compared_with_itself_gives_nothing() => Seeds.ForEach(Worlds, dice =>
    {
        var (question, side, _) = Change(dice);

        var effect = PolicyDiff.Of(question, side, side);

        Assert.True(effect.IsEmpty);
        Assert.Empty(effect.MustMove);
    });

    [Fact]
    public void The_other_way_round_before_and_after_are_exchanged() => Seeds.ForEach(Worlds, dice =>
    {
        var (question, before, after) = Change(dice);

        var there = PolicyDiff.Of(question, before, after);
        var back = PolicyDiff.Of(question, after, before);

        Assert.Equal(there.NewlyUnlawful.Select(Mirrored), back.NewlyLawful);
        Assert.Equal(there.NewlyLawful.Select(Mirrored), back.NewlyUnlawful);
        Assert.Equal(there.StillUnlawful, back.StillUnlawful);
        Assert.Equal(there.Failover.Select(item => item with { Before = item.After, After = item.Before }),
            back.Failover);
        Assert.Equal(there.Open.Select(row => row with { Before = row.After, After = row.Before }), back.Open);
        Assert.Equal(Declared(there).Select(row => (row.Id, row.Sku, row.After, row.Before)), Declared(back));
    });

    [Fact]
    public void Equals_judging_every_rule_at_every_pool_for_every_placement()
    {
        var (unlawful, lawful, failover) = (0, 0, 0);
        Seeds.ForEach(Worlds, dice =>
        {
            var (question, before, after) = Change(dice);
            var oracle = new EffectOracle(question, before, after);

            var effect = PolicyDiff.Of(question, before, after);

            Assert.Equal(oracle.NewlyUnlawful().Order(), effect.NewlyUnlawful.Select(change => change.Placement.Id)
                .Order());
            Assert.Equal(oracle.NewlyLawful().Order(), effect.NewlyLawful.Select(change => change.Placement.Id)
                .Order());
            Assert.Equal(oracle.StillUnlawful(), effect.StillUnlawful);
            Assert.Equal(oracle.Failover(), effect.Failover
                .Select(change => (change.Placement.Id, change.Before, change.After)));
            Assert.Equal(Different(oracle.Open(before), oracle.Open(after)), effect.Open.Select(row =>
                ((row.DataClass, row.Region, row.Sku), row.Before.AcceleratorMilli, row.After.AcceleratorMilli)));
            (unlawful, lawful, failover) =
                (unlawful + effect.NewlyUnlawful.Count, lawful + effect.NewlyLawful.Count, failover
                    + effect.Failover.Count);
        });
        // A comparison of nothing with nothing proves nothing.
        Assert.True(unlawful > 50 && lawful > 20 && failover > 10,
            $"{unlawful} unlawful, {lawful} lawful, {failover} failover");
    }

    [Fact]
    public void Everything_that_must_move_gets_a_lawful_place_with_room_or_is_stranded() =>
        Seeds.ForEach(Worlds, dice =>
    {
        var (question, before, after) = Change(dice);

        var effect = PolicyDiff.Of(question, before, after);

        Assert.Equal(effect.NewlyUnlawful.Select(change => change.Placement.Id), effect.MustMove
            .Select(move => move.Placement.Id));
        var law = new Law(after.Fleet, after.Policies);
        foreach (var move in effect.MustMove.OfType<MovesTo>())
        {
            var lawful = law.LawfulPools(LawSubject.Of(move.Placement.Request), question.AsOf);
            Assert.Equal(move.Placement.Request.Units, move.Units.Count);
            Assert.All(move.Units, unit => Assert.True(lawful.Contains(after.Fleet.FindPool(unit.Node.Pool)!.Index)));
        }
    });

    [Fact]
    public void A_pool_that_goes_displaces_what_runs_there() => Seeds.ForEach(Worlds, dice =>
    {
        var world = RandomWorld.Of(dice, FleetSize.Middle, placements: 20);
        var side = new ReviewSide(world.World.Fleet, PolicySet.None);
        var question = ReviewQuestion.Of(world.World, world.AsOf);
        var specs = world.Declared.Specs;
        var kept = specs.Skip(1).Select(spec => spec with { Links = [] }).ToList();
        var gone = specs[0].Region;

        var effect = PolicyDiff.Of(question, side, side with { Fleet = new(world.Declared.Catalog, kept) });

        var runsThere = question.Running.Where(item =>
            item.Units.Any(unit => side.Fleet.FindPool(unit.Node.Pool)!.Region.Id == gone)
            && new Law(side.Fleet, PolicySet.None).LawfulPools(LawSubject.Of(item.Request), question.AsOf) is var lawful
            && item.Units.All(unit => lawful.Contains(side.Fleet.FindPool(unit.Node.Pool)!.Index)));
        Assert.Equal(
            runsThere.Select(item => item.Id),
            effect.NewlyUnlawful.Where(change => change.After.Kind == StandingKind.Displaced)
                .Select(change => change.Placement.Id).Order());
    });

    [Fact]
    public void Decisions_made_once_more_are_the_same_under_the_same_policies_and_mirrored_the_other_way_round() =>
        Seeds.ForEach(Worlds, dice =>
    {
        var world = RandomWorld.Of(dice, FleetSize.Middle, placements: 10);
        var other = RandomLaw.Policies(dice, world.World.Fleet, most: 3, percentCapacity: 50) with { Digest = "other" };
        var there = new Rejudgement(world.Law.Policies, other, world.AsOf);
        var back = new Rejudgement(other, world.Law.Policies, world.AsOf);
        var same = new Rejudgement(other, other with { Digest = "equal but by name" }, world.AsOf);
        for (var index = 0; index < 10; index++)
        {
            var (id, request) = (new DecisionId(dice.Guid()), RandomRequest.Of(dice, world.World.Fleet));
            there.Add(world.World, id, request);
            back.Add(world.World, id, request);
            same.Add(world.World, id, request);
        }

        Assert.Equal(10, same.Count(RejudgedOutcome.Same));
        Assert.Equal(there.Count(RejudgedOutcome.Same), back.Count(RejudgedOutcome.Same));
        Assert.Equal(there.Count(RejudgedOutcome.DeniedNow), back.Count(RejudgedOutcome.PlacedNow));
        Assert.Equal(there.Count(RejudgedOutcome.Elsewhere), back.Count(RejudgedOutcome.Elsewhere));
    });

    /// <summary>What runs was placed without policies, so that each side finds something to deny.</summary>
    private static (ReviewQuestion Question, ReviewSide Before, ReviewSide After) Change(Dice dice)
    {
        var world = RandomWorld.Of(dice, FleetSize.Middle, placements: 0);
        world.Law = new Law(world.World.Fleet, PolicySet.None);
        for (var index = 0; index < 12; index++)
            world.TryPlace(RandomRequest.Of(dice, world.World.Fleet), new DecisionId(dice.Guid()),
                hold: dice.Chance(20));
        ReviewSide Side(string digest) => new(
            world.World.Fleet,
                RandomLaw.Policies(dice, world.World.Fleet, most: 3, percentCapacity: 20) with { Digest = digest });
        return (ReviewQuestion.Of(world.World, world.AsOf), Side("before"), Side("after"));
    }

    private static StandingChange Mirrored(StandingChange change) =>
        change with { Before = change.After, After = change.Before };

    private static IEnumerable<(RegionId Id, SkuId Sku, Amount Before, Amount After)> Declared(ChangeEffect effect) =>
        effect.Capacity
        .Where(row => row.Before != row.After)
        .Select(row => (row.Region, row.Sku, row.Before, row.After));

    private static IEnumerable<((DataClassId, RegionId, SkuId) Key, long Before, long After)> Different(
        Dictionary<(DataClassId, RegionId, SkuId), long> before, Dictionary<(DataClassId, RegionId, SkuId),
            long> after) =>
        before.Keys.Union(after.Keys)
            .Select(key => (key, before.GetValueOrDefault(key), after.GetValueOrDefault(key)))
            .Where(row => row.Item2 != row.Item3)
            .OrderBy(row => row.key.Item1).ThenBy(row => row.key.Item2).ThenBy(row => row.key.Item3);
}
