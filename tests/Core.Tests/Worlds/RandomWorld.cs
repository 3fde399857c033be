using ControlPlane.Placements;
using ControlPlane.Policies;
using ControlPlane.Workloads;

namespace ControlPlane.Core.Tests.Worlds;

/// <summary>A random fleet under random law, on which some random requests have been placed.</summary>
internal sealed class RandomWorld
{
    private RandomWorld(RandomFleet declared, PolicySet policies, DateTimeOffset asOf)
    {
        Declared = declared;
        World = new World();
        Assert.Equal([], World.Declare(declared.Fleet, asOf));
        Law = new Law(World.Fleet, policies);
        AsOf = asOf;
    }

    public RandomFleet Declared { get; }

    public World World { get; }

    public Law Law { get; set; }

    public DateTimeOffset AsOf { get; set; }

    public static RandomWorld Of(Dice dice, FleetSize size, int placements)
    {
        var declared = RandomFleet.Of(dice, size);
        var world = new RandomWorld(
            declared,
            RandomLaw.Policies(dice, declared.Fleet, most: 3, percentCapacity: 75),
            RandomFleet.Instant(dice));
        for (var index = 0; index < placements; index++)
            world.TryPlace(
                RandomRequest.Of(dice, world.World.Fleet), new DecisionId(dice.Guid()), hold: dice.Chance(20));
        return world;
    }

    /// <summary>The same without expected work, for what is counted and told of worlds that expect none.</summary>
    public RandomWorld ExpectingNothing()
    {
        Law = new Law(World.Fleet, Law.Policies with
        {
            Preferences = Law.Policies.Preferences with { ExpectedWork = [] },
        });
        return this;
    }

    public PlacementDecision Decide(PlacementRequest request) => Placer.Decide(World, Law, request, AsOf);

    /// <summary>Decides and, when there is a place, takes it.</summary>
    public PlacementDecision TryPlace(PlacementRequest request, DecisionId id, bool hold)
    {
        var decision = Decide(request);
        if (decision is Placed placed)
        {
            World.Add(new Placement
            {
                Id = id, Request = request, State = hold ? PlacementState.Held : PlacementState.Bound,
                HoldUntil = hold ? AsOf.AddMinutes(10) : null, Epoch = 1, Units = placed.Units, DecidedAt = AsOf,
                Isolation = placed.Isolation,
            });
        }

        return decision;
    }

    /// <summary>The same placements on another fleet and, if asked for, under other policies.</summary>
    public RandomWorld On(RandomFleet fleet, PolicySet? policies = null)
    {
        var other = new RandomWorld(fleet, policies ?? Law.Policies, AsOf);
        foreach (var placement in World.Placements) other.World.Add(placement);
        return other;
    }
}
