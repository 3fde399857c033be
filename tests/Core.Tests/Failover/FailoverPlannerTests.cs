using ControlPlane.Failover;
using ControlPlane.Inventory;
using ControlPlane.Ledger;
using ControlPlane.Placements;
using ControlPlane.Policies;
using ControlPlane.Simulation;
using ControlPlane.Workloads;

namespace ControlPlane.Core.Tests.Failover;

public sealed class FailoverPlannerTests
{
    private static readonly DateTimeOffset At = VirtualTime.Start;

    [Fact]
    public void Two_regions_lost_together_leave_the_lawful_part_placed_by_priority_and_the_rest_with_reasons()
    {
        var state = Lost("de-a", "us-a", "us-b");
        var before = Seen(state);

        var plan = Plan(state, "de-a", "us-a", "us-b");

        Assert.Equal(before, Seen(state));
        var priorities = plan.Moves.Select(move => state.World.Find(move.Placement)!.Request.Priority).ToList();
        Assert.Equal(priorities.OrderDescending(), priorities);
        // What must be in the US has nowhere to go, whatever room there is elsewhere.
        var index = plan.Stays.Single(stay => state.World.Find(stay.Placement)!.Request.Workload == "index");
        Assert.Equal(RefusalReason.NoActiveSite, index.Reason);
        foreach (var move in plan.Moves)
        {
            var lawful = state.Law.LawfulPools(LawSubject.Of(state.World.Find(move.Placement)!.Request), At);
            foreach (var unit in move.To)
                Assert.True(lawful.Contains(state.World.Fleet.FindPool(unit.Node.Pool)!.Index));
        }
    }

    [Fact]
    public void Sticky_work_stays_put_until_an_operator_states_that_its_site_is_dead()
    {
        var state = Lost("de-a", "de-b", "fr-a", "us-a", "us-b");
        var home = state.World.Placements.Where(placement => placement.Request.RunClass == RunClass.Sticky)
            .Select(placement => state.World.Fleet.FindPool(placement.Units[0].Node.Pool)!.Site.Id).First();
        var alone = Lost(home.Value);
        var dead = Lost(home.Value);
        dead.Append(new SiteChanged(
            SiteChangeKind.DeclaredDead, dead.World.Sites.Find(home)! with { DeclaredDead = true }, "burnt down"), At);

        var reasons = Plan(alone, home.Value).Stays.Select(stay => stay.Reason);
        var stated = Plan(dead, home.Value).Stays.Select(stay => stay.Reason);

        Assert.Contains(StayReason.Sticky, reasons);
        Assert.DoesNotContain(StayReason.Sticky, stated);
    }

    [Fact]
    public void Exclusive_work_of_a_site_that_does_not_stop_by_itself_stays_put()
    {
        var state = Lost("de-a");
        state.Append(new SiteChanged(
            SiteChangeKind.Lost, state.World.Sites.Find(new("de-a"))! with { WasGuarded = false }, "test"), At);

        Assert.Empty(Plan(state, "de-a").Moves);
        Assert.Contains(StayReason.NotGuarded, Plan(state, "de-a").Stays.Select(stay => stay.Reason));
    }

    [Fact]
    public void Plans_that_lead_the_same_way_have_the_same_digest_whenever_they_were_made()
    {
        var state = Lost("de-a");
        var plan = Plan(state, "de-a");

        Assert.Equal(PlanDigest.Of(plan), PlanDigest.Of(plan with { Id = Guid.Empty, Parent = 7 }));
        Assert.NotEqual(PlanDigest.Of(plan), PlanDigest.Of(plan with { Moves = plan.Moves.Skip(1).ToSeq() }));
    }

    private static LedgerState Lost(params string[] sites)
    {
        var state = SimFleet.Origin.CopyWithoutKeys();
        foreach (var site in sites)
        {
            var condition = new SiteCondition
            {
                Site = new(site), Health = SiteHealth.Lost, Since = At, WasGuarded = true, Losses = 1,
            };
            state.Append(new SiteChanged(SiteChangeKind.Lost, condition, "test"), At);
        }

        return state;
    }

    private static MovePlan Plan(LedgerState state, params string[] sites) => FailoverPlanner.Plan(
        state.World, state.Law, new PlanQuestion
        {
            Id = new Guid(1, 2, 3, new byte[8]), Kind = MoveKind.Failover,
            Sites = [.. sites.Select(site => new SiteId(site))], AsOf = At,
        });

    /// <summary>What is where, and what is free.</summary>
    private static Seq<string> Seen(LedgerState state) =>
    [
        .. state.World.Placements.OrderBy(placement => placement.Id).Select(placement => $"{placement}"),
        .. state.World.Fleet.Pools.Select(pool => $"{state.World.Nodes.FreeAcceleratorMilli(pool.Index)}"),
    ];
}
