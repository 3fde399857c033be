using ControlPlane.Core.Tests.Worlds;
using ControlPlane.Failover;
using ControlPlane.Ledger;
using ControlPlane.Placements;
using ControlPlane.Policies;
using ControlPlane.Regions;
using ControlPlane.Simulation;
using ControlPlane.Workloads;
using static ControlPlane.Core.Tests.Failover.GroupWorld;

namespace ControlPlane.Core.Tests.Failover;

/// <summary>Placements that are bound to each other, held against trying every way they could go.</summary>
public sealed class GroupPlanTests
{
    [Fact]
    public void A_group_moves_together_exactly_when_trying_every_way_finds_one()
    {
        var (moved, kept) = (0, 0);
        Seeds.ForEach(1_500, dice =>
        {
            var loss = Losing(dice);
            var (state, group, lost, leavers) = loss;
            Lose(state, lost);

            var plan = PlanFor(state, lost);

            var moves = plan.Moves.Select(move => move.Placement).Where(group.Contains).ToHashSet();
            var alone = CanGo(state, group, leavers);
            var together = alone || CanGo(state, group, group);
            var said = $"{loss.Said}; moves {moves.Count}, alone {alone}, together {together}";
            Assert.True(moves.Count > 0 == together, said);
            if (alone) Assert.True(moves.SetEquals(leavers), said);
            Assert.Equal(
                moves.Count == 0 ? leavers.Count : 0, plan.Stays.Count(stay => group.Contains(stay.Placement)));
            state.Append(new PlanLanded(plan), At);
            if (moves.Count > 0)
                Assert.All(group, id => Assert.True(Dependencies.Hold(state.World, state.World.Find(id)!), said));
            if (moves.Count > 0) moved++;
            else kept++;
        });
        Assert.True(moved > 300 && kept > 100, $"{moved} moved, {kept} kept");
    }

    [Fact]
    public void What_keeps_one_keeps_all_and_each_says_why()
    {
        var state = Empty();
        var first = Place(state, 1, SimFleet.Request("store", RunClass.Sticky, "DE", 1));
        var second = Place(state, 2, Bound("front", "store", DependencyScope.Site));
        var lost = SiteOf(state, first);
        Lose(state, lost);

        var plan = PlanFor(state, lost);

        Assert.Empty(plan.Moves);
        var why = $"it is sticky and may still run at {lost}; nobody confirmed that it stopped";
        Assert.Equal(
            [
                new StayPut(first, StayReason.Sticky, why),
                new StayPut(second, StayReason.Dependency, $"'store', to which it is bound, stays: {why}"),
            ],
            plan.Stays);
    }

    [Fact]
    public void What_came_apart_is_brought_together_again()
    {
        var state = Empty();
        var store = Place(state, 1, SimFleet.Request("store", RunClass.Exclusive, "DE", 1));
        var front = Place(state, 2, Bound("front", "gone", DependencyScope.Site) with { DenyRegions = [new("de-a")] });
        state.Append(new PlacementReleased(front, ReleaseReason.Released), At);
        // It was placed while nobody had the name that it needs; then somebody has.
        front = Place(state, 3, Bound("front", "later", DependencyScope.Site) with { DenyRegions = [new("de-a")] });
        var later = Place(state, 4, SimFleet.Request("later", RunClass.Exclusive, "FR", 1));
        Assert.NotEqual(SiteOf(state, front), SiteOf(state, later));

        var plan = FailoverPlanner.PlanReunion(state.World, state.Law, Question(MoveKind.Planned));

        Assert.Equal([front], plan.Moves.Select(move => move.Placement));
        Assert.Equal("fr-a-p", plan.Moves[0].To[0].Node.Pool.Value);
        Assert.NotNull(state.World.Find(store));
    }

    [Fact]
    public void Nothing_ends_at_home_for_a_group_that_is_away()
    {
        var state = Empty();
        var home = state.World.Fleet.FindPool(new NodePoolId("de-a-p"))!;
        var law = new Law(state.World.Fleet, OnePolicy.Beside(state.Law.Policies, OnePolicy.Of(
            new PreemptionRule { Rule = "first", Whose = PreemptionReach.Any })));
        var away = new[]
        {
            Place(state, 1, SimFleet.Request("store", RunClass.Exclusive, "FR", 1)),
            Place(state, 2, Bound("front", "store", DependencyScope.Site)),
        };
        foreach (var id in away)
        {
            var there = state.World.Find(id)!;
            state.World.Remove(id);
            state.World.Add(there with
            {
                Request = there.Request with { Priority = 900, Residency = [] },
                Former = new FormerPlace([home.Id], At.AddDays(-2)),
                Moved = [new SiteEpoch(state.World.Fleet.FindPool(there.Units[0].Node.Pool)!.Site.Id, new(1, 2))],
            });
        }

        Crowd(state, home);
        var question = Question(MoveKind.Failback);
        var urgent = SimFleet.Request("urgent", RunClass.Exclusive, null, 1) with { Priority = 900 };

        var plan = FailoverPlanner.PlanFailback(state.World, law, question, new LossTerms());

        Assert.NotEmpty(Assert.IsType<Placed>(
            Placer.DecideWithin(state.World, law, (urgent, At), pool => pool == home)).Preempted);
        Assert.Empty(plan.Moves);
        Assert.Equal(away.Order(), plan.Stays.Select(stay => stay.Placement).Order());
    }

    /// <summary>Fills a pool with work of low priority.</summary>
    private static void Crowd(LedgerState state, FleetPool pool)
    {
        for (var id = 100;; id++)
        {
            var filler = SimFleet.Request($"filler-{id}", RunClass.Exclusive, null, 1) with { Priority = 1 };
            var decided = Placer.DecideWithin(state.World, state.Law, (filler, At), at => at == pool);
            if (decided is not Placed placed) return;
            state.World.Add(new Placement
            {
                Id = new(new Guid(id, 0, 0, new byte[8])), Request = filler, State = PlacementState.Bound, Epoch = 1,
                Units = placed.Units, DecidedAt = At,
            });
        }
    }
}
