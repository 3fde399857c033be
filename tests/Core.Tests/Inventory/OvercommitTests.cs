using ControlPlane.Core.Tests.Worlds;
using ControlPlane.Placements;
using ControlPlane.Regions;
using ControlPlane.Workloads;

namespace ControlPlane.Core.Tests.Inventory;

public sealed class OvercommitTests
{
    [Fact]
    public void No_sequence_of_requests_holds_releases_and_fleet_changes_overcommits()
    {
        Seeds.ForEach(600, dice =>
        {
            var question = RandomWorld.Of(dice, FleetSize.Small, placements: 0);
            var declared = question.Declared;
            for (var step = 0; step < 40; step++)
            {
                declared = Step(dice, question, declared);

                Assert.Equal([], Audit.Of(question.World, question.AsOf));
            }
        });
    }

    [Fact]
    public void Every_placement_keeps_reserves_and_quotas_as_they_were_when_it_was_decided()
    {
        Seeds.ForEach(600, dice =>
        {
            var question = RandomWorld.Of(dice, FleetSize.Small, placements: 0);
            for (var step = 0; step < 30; step++)
            {
                var request = RandomRequest.Of(dice, question.World.Fleet);
                if (question.Decide(request) is Placed placed)
                {
                    var fleet = question.World.Fleet;
                    var units = placed.Units
                        .GroupBy(unit => unit.Node.Pool)
                        .Select(group => (fleet.FindPool(group.Key)!, group.Count()))
                        .ToList();
                    Assert.Equal([], CapAudit.Broken(question, request, units));
                }

                question.TryPlace(request, new DecisionId(dice.Guid()), hold: false);
            }
        });
    }

    /// <summary>One thing that happens; gives the fleet that is declared afterwards.</summary>
    private static RandomFleet Step(Dice dice, RandomWorld question, RandomFleet declared)
    {
        var world = question.World;
        switch (dice.Int(0, 9))
        {
            case 0 when world.Placements.Count > 0:
                world.Remove(dice.Pick(world.Placements.ToList()).Id);
                return declared;
            case 1 when world.Placements.FirstOrDefault(
                placement => placement.State == PlacementState.Held) is { } held:
                world.Replace(held with { State = PlacementState.Bound, HoldUntil = null });
                return declared;
            case 2:
                question.AsOf = question.AsOf.AddHours(dice.Int(0, 36));
                return declared;
            case 3 or 4:
                return Declare(question, declared, FleetChanges.Any(dice, declared));
            default:
                question.TryPlace(
                    RandomRequest.Of(dice, world.Fleet), new DecisionId(dice.Guid()), hold: dice.Chance(30));
                return declared;
        }
    }

    private static RandomFleet Declare(RandomWorld question, RandomFleet before, RandomFleet after)
    {
        var world = question.World;
        var places = PlacesOf(world);
        var problems = world.Declare(after.Fleet, question.AsOf);
        if (problems.Count > 0)
        {
            Assert.All(problems, problem => Assert.Equal("in-use", problem.Slug));
            Assert.Equal(places, PlacesOf(world));
            return before;
        }

        // What runs is where it was: a pool that now stands elsewhere, or holds another model, is not the same place.
        Assert.Equal(places, PlacesOf(world));
        question.Law = new(world.Fleet, question.Law.Policies);
        return after;
    }

    private static List<string> PlacesOf(World world) =>
    [
        .. world.Placements
            .SelectMany(placement => placement.Units.Select(unit => Place(world.Fleet, placement, unit)))
            .Order(StringComparer.Ordinal),
    ];

    private static string Place(Fleet fleet, Placement placement, UnitBinding unit)
    {
        var pool = fleet.FindPool(unit.Node.Pool)!;
        var sku = placement.Request.Unit.NeedsAccelerator ? pool.Sku!.Id.Value : "";
        return $"{placement.Id} {unit.Node} {unit.Devices} {pool.Cluster} {pool.Site} {pool.Region} {sku}";
    }
}
