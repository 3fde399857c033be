using ControlPlane.Core.Tests.Worlds;
using ControlPlane.Failover;
using ControlPlane.Inventory;
using ControlPlane.Ledger;
using ControlPlane.Placements;
using ControlPlane.Policies;
using ControlPlane.Simulation;
using ControlPlane.Workloads;

namespace ControlPlane.Core.Tests.Failover;

/// <summary>A few sites with placements that are bound to each other, and every way in which they could go.</summary>
internal static class GroupWorld
{
    public static readonly DateTimeOffset At = VirtualTime.Start;
    private static readonly string?[] Laws = [null, null, "EU", "DE"];

    /// <summary>A group of some site is lost with what is at the site of one of it.</summary>
    public static GroupLoss Losing(Dice dice)
    {
        var state = Empty();
        var group = Group(dice, state);
        Fill(dice, state);
        var lost = SiteOf(state, group[dice.Int(0, group.Count - 1)]);
        return new GroupLoss(state, group, lost, group.FindAll(id => SiteOf(state, id) == lost))
        {
            Said = $"lost {lost}; group {string.Join(", ", group.Select(id => Said(state, id)))}",
        };
    }

    public static void Lose(LedgerState state, SiteId site) => state.Append(
        new SiteChanged(
            SiteChangeKind.Lost,
            new SiteCondition { Site = site, Health = SiteHealth.Lost, Since = At, WasGuarded = true, Losses = 1 },
            "test"),
        At);

    public static MovePlan PlanFor(LedgerState state, SiteId lost) =>
        FailoverPlanner.Plan(state.World, state.Law, Question(MoveKind.Failover, lost));

    public static PlanQuestion Question(MoveKind kind, params SiteId[] sites) =>
        new() { Id = new Guid(1, 2, 3, new byte[8]), Kind = kind, Sites = [.. sites], AsOf = At };

    /// <summary>Whether some way takes these placements to other sites such that all are near what they need.</summary>
    public static bool CanGo(LedgerState state, List<DecisionId> group, List<DecisionId> leavers)
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

    public static PlacementRequest Bound(string workload, string target, DependencyScope within) =>
        SimFleet.Request(workload, RunClass.Exclusive, null, 1) with { DependsOn = [new(target, within)] };

    public static LedgerState Empty()
    {
        var state = SimFleet.Origin.CopyWithoutKeys();
        foreach (var placement in state.World.Placements.ToList())
            state.Append(new PlacementReleased(placement.Id, ReleaseReason.Released), At);
        return state;
    }

    public static DecisionId Place(LedgerState state, int id, PlacementRequest request)
    {
        var decided = SimFleet.Decide(state, request, new Guid(id, 0, 0, new byte[8]), At);
        Assert.IsType<Placed>(decided.Decision);
        state.Append(decided, At);
        return decided.Id;
    }

    public static SiteId SiteOf(LedgerState state, DecisionId id) =>
        state.World.Fleet.FindPool(state.World.Find(id)!.Units[0].Node.Pool)!.Site.Id;

    private static string Said(LedgerState state, DecisionId id)
    {
        var request = state.World.Find(id)!.Request;
        return $"{request.Workload} at {SiteOf(state, id)} {request.Residency} needs {request.DependsOn}";
    }
}

/// <summary>A group of placements of which a site is lost.</summary>
internal sealed record GroupLoss(LedgerState State, List<DecisionId> Group, SiteId Lost, List<DecisionId> Leavers)
{
    public required string Said { get; init; }
}
