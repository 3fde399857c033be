using ControlPlane.Core.Tests.Worlds;
using ControlPlane.Failover;
using ControlPlane.Inventory;
using ControlPlane.Ledger;
using ControlPlane.Placements;
using ControlPlane.Policies;
using ControlPlane.Simulation;
using ControlPlane.Workloads;

namespace ControlPlane.Core.Tests.Failover;

/// <summary>Placements that are bound to each other, held against trying every way they could go.</summary>
public sealed class GroupPlanTests
{
    private static readonly DateTimeOffset At = VirtualTime.Start;
    private static readonly string?[] Laws = [null, null, "EU", "DE"];

    [Fact]
    public void A_group_moves_together_exactly_when_trying_every_way_finds_one()
    {
        var (moved, kept) = (0, 0);
        Seeds.ForEach(1_500, dice =>
        {
            var state = Empty();
            var group = Group(dice, state);
            Fill(dice, state);
            var lost = SiteOf(state, group[dice.Int(0, group.Count - 1)]);
            Lose(state, lost);
            var leavers = group.Where(id => SiteOf(state, id) == lost).ToList();

            var plan = Plan(state, lost);

            var moves = plan.Moves.Select(move => move.Placement).Where(group.Contains).ToHashSet();
            var alone = CanGo(state, group, leavers);
            var together = alone || CanGo(state, group, group);
            var said = $"lost {lost}; group {string.Join(", ", group.Select(id => Said(state, id)))}; "
                + $"moves {moves.Count}, alone {alone}, together {together}";
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

        var plan = Plan(state, lost);

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

    /// <summary>Whether some way takes these placements to other sites such that all are near what they need.</summary>
    private static bool CanGo(LedgerState state, List<DecisionId> group, List<DecisionId> leavers)
    {
        var site = group.ToDictionary(id => id, id => SiteOf(state, id));
        var room = SimFleet.Sites.ToDictionary(id => id, id => Enumerable.Range(0, 5).Count(node =>
            state.World.Nodes.FreeCpuMilli(state.World.Fleet.FindPool(new($"{id}-p"))!.Index, node) == 96_000));
        return Try(0);

        bool Try(int index)
        {
            if (index == leavers.Count) return group.TrueForAll(id => IsNear(state, id, site));
            var (id, home) = (leavers[index], site[leavers[index]]);
            var lawful = state.Law.LawfulPools(LawSubject.Of(state.World.Find(id)!.Request), At);
            foreach (var next in SimFleet.Sites)
            {
                var pool = state.World.Fleet.FindPool(new($"{next}-p"))!;
                if (next == home || room[next] == 0 || !lawful.Contains(pool.Index)
                    || !state.World.Sites.IsOpen(pool.Site)) continue;
                (site[id], room[next]) = (next, room[next] - 1);
                if (Try(index + 1)) return true;
                (site[id], room[next]) = (home, room[next] + 1);
            }

            return false;
        }
    }

    private static bool IsNear(LedgerState state, DecisionId id, Dictionary<DecisionId, SiteId> site) =>
        state.World.Find(id)!.Request.DependsOn.All(dependency => site.Any(other =>
            state.World.Find(other.Key)!.Request.Workload == dependency.Workload && other.Value == site[id]));

    private static List<DecisionId> Group(Dice dice, LedgerState state)
    {
        var group = new List<DecisionId> { Place(state, 1, Random(dice, 1)) };
        for (var index = 2; index <= 4; index++)
        {
            var target = state.World.Find(dice.Pick(group))!.Request.Workload;
            var request = Random(dice, index) with
            {
                DependsOn = [new(target, dice.Pick(DependencyScope.Site, DependencyScope.Region))],
            };
            if (Placer.Decide(state.World, state.Law, request, At) is Placed) group.Add(Place(state, index, request));
        }

        return group;
    }

    private static PlacementRequest Random(Dice dice, int index) =>
        SimFleet.Request($"w{index}", RunClass.Exclusive, dice.Pick(Laws), 1) with { Priority = dice.Int(0, 9) };

    /// <summary>Takes room that nothing else gets; what fills a lost site has nowhere to go.</summary>
    private static void Fill(Dice dice, LedgerState state)
    {
        foreach (var site in SimFleet.Sites)
        {
            var request = SimFleet.Request($"fill-{site}", RunClass.Exclusive, null, dice.Int(1, 5)) with
            {
                AllowRegions = [new(site.Value)],
            };
            if (Placer.Decide(state.World, state.Law, request, At) is Placed)
                Place(state, 50 + SimFleet.Sites.ToList().IndexOf(site), request);
        }
    }

    private static PlacementRequest Bound(string workload, string target, DependencyScope within) =>
        SimFleet.Request(workload, RunClass.Exclusive, null, 1) with { DependsOn = [new(target, within)] };

    private static LedgerState Empty()
    {
        var state = SimFleet.Origin.CopyWithoutKeys();
        foreach (var placement in state.World.Placements.ToList())
            state.Append(new PlacementReleased(placement.Id, ReleaseReason.Released), At);
        return state;
    }

    private static DecisionId Place(LedgerState state, int id, PlacementRequest request)
    {
        var decided = SimFleet.Decide(state, request, new Guid(id, 0, 0, new byte[8]), At);
        Assert.IsType<Placed>(decided.Decision);
        state.Append(decided, At);
        return decided.Id;
    }

    private static void Lose(LedgerState state, SiteId site) => state.Append(
        new SiteChanged(
            SiteChangeKind.Lost,
            new SiteCondition { Site = site, Health = SiteHealth.Lost, Since = At, WasGuarded = true, Losses = 1 },
            "test"),
        At);

    private static MovePlan Plan(LedgerState state, SiteId lost) =>
        FailoverPlanner.Plan(state.World, state.Law, Question(MoveKind.Failover, lost));

    private static PlanQuestion Question(MoveKind kind, params SiteId[] sites) =>
        new() { Id = new Guid(1, 2, 3, new byte[8]), Kind = kind, Sites = [.. sites], AsOf = At };

    private static SiteId SiteOf(LedgerState state, DecisionId id) =>
        state.World.Fleet.FindPool(state.World.Find(id)!.Units[0].Node.Pool)!.Site.Id;

    private static string Said(LedgerState state, DecisionId id)
    {
        var request = state.World.Find(id)!.Request;
        return $"{request.Workload} at {SiteOf(state, id)} {request.Residency} needs {request.DependsOn}";
    }
}
