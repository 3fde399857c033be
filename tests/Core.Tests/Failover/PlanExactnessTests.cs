using ControlPlane.Core.Tests.Worlds;
using ControlPlane.Failover;
using ControlPlane.Inventory;
using ControlPlane.Workloads;

namespace ControlPlane.Core.Tests.Failover;

public sealed class PlanExactnessTests
{
    [Fact]
    public void A_plan_leads_everything_where_trying_one_placement_after_the_other_leads_it()
    {
        var (moves, stays) = (0, 0);
        Seeds.ForEach(400, dice =>
        {
            var random = RandomWorld.Of(dice, FleetSize.Middle, placements: dice.Int(5, 60));
            var question = Loses(random, dice);
            var before = Counted(random.World);

            var plan = FailoverPlanner.Plan(random.World, random.Law, question);

            Assert.Equal(before, Counted(random.World));
            var plain = PlanOneByOne.Plan(random.World, random.Law, question);
            Assert.Equal(plain.Moves, plan.Moves);
            Assert.Equal(plain.Stays.Select(stay => stay.Placement), plan.Stays.Select(stay => stay.Placement));
            Assert.Equal(before, Counted(random.World));
            (moves, stays) = (moves + plan.Moves.Count, stays + plan.Stays.Count);
        });
        // Worlds in which nothing moves, or nothing stays, would show little.
        Assert.True(moves > 200 && stays > 200, $"{moves} moves and {stays} stays");
    }

    // Pools of several blocks of nodes, that fill, empty and are asked for nodes again.
    [Fact]
    public void A_plan_over_many_nodes_is_the_plain_one_too()
    {
        var moves = 0;
        Seeds.ForEach(12, dice =>
        {
            var random = RandomWorld.Of(dice, FleetSize.Middle with { Nodes = 400 }, placements: 600);
            var question = Loses(random, dice);

            var plan = FailoverPlanner.Plan(random.World, random.Law, question);

            Assert.Equal(PlanOneByOne.Plan(random.World, random.Law, question).Moves, plan.Moves);
            moves += plan.Moves.Count;
        });
        Assert.True(moves > 100, $"{moves} moves");
    }

    private static PlanQuestion Loses(RandomWorld random, Dice dice)
    {
        var sites = dice.AtLeastOne([.. random.World.Fleet.Sites.Select(site => site.Id)], 2);
        foreach (var site in sites)
        {
            random.World.Set(new SiteCondition
            {
                Site = site, Health = SiteHealth.Lost, Since = random.AsOf, WasGuarded = dice.Chance(90),
                DeclaredDead = dice.Chance(20), Losses = 1,
            });
        }

        return new PlanQuestion
        {
            Id = dice.Guid(), Kind = MoveKind.Failover, Sites = sites, AsOf = random.AsOf,
        };
    }

    /// <summary>What is where, and everything that is counted of it.</summary>
    private static Seq<string> Counted(World world) =>
    [
        .. world.Placements.OrderBy(placement => placement.Id).Select(placement => $"{placement}"),
        .. world.Fleet.Pools.Select(pool => $"{world.Nodes.FreeAcceleratorMilli(pool.Index)}"
            + $" {world.Nodes.FreeCpuMilli(pool.Index)} {world.Nodes.FreeMemoryMib(pool.Index)}"
            + $" {world.Nodes.MostWholeFree(pool.Index)}"),
        .. world.Fleet.Sites.Select(site => $"{world.SiteMilliwatts(site.Index)}"),
        .. RandomLaw.Tenants.SelectMany(tenant => world.Fleet.Regions.SelectMany(region => world.Fleet.Skus
            .Select((_, sku) => $"{world.UsageOf(tenant, region.Index, sku)}"))),
    ];
}
