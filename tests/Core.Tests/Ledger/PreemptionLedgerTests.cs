using ControlPlane.Failover;
using ControlPlane.Files;
using ControlPlane.Inventory;
using ControlPlane.Ledger;
using ControlPlane.Placements;
using ControlPlane.Regions;
using ControlPlane.Simulation;
using ControlPlane.Workloads;

namespace ControlPlane.Core.Tests.Ledger;

/// <summary>Work that ends for other work, from the record to the agent.</summary>
public sealed class PreemptionLedgerTests
{
    private const string UrgentFirst = """
        schemaVersion: 1
        id: urgent-first
        because: Urgent work goes first.
        source: { law: Contract }
        owner: owner
        validFrom: 2020-01-01
        enforcement: mandatory
        match: { everything: true }
        rules:
          - { rule: displace, kind: preemption, whose: any, fromPriority: 500 }
        """;

    private static readonly DateTimeOffset At = VirtualTime.Start;

    [Fact]
    public void One_record_places_the_new_work_and_ends_the_old_and_decides_again_to_the_byte()
    {
        var state = Full();
        var before = state.Copy();
        var mark = state.Mark();
        var (digest, free) = (LedgerSnapshot.DigestOf(state), FreeMilli(state.World));

        var decided = SimFleet.Decide(state, Urgent("urgent"), Id(900), At);
        var record = state.Append(decided, At);

        var placed = Assert.IsType<Placed>(decided.Decision);
        var victim = Assert.Single(placed.Preempted);
        Assert.Null(state.World.Find(victim));
        Assert.Equal([victim], state.World.Find(decided.Id)!.Preempted);
        Assert.Equal(free, FreeMilli(state.World));
        Assert.All(state.World.Fleet.Pools, pool => Assert.All(
            Enumerable.Range(0, pool.Nodes), node => Assert.True(state.World.Nodes.IsSound(pool.Index, node))));
        Assert.IsType<ReplaySame>(Replay.Of(before, record));
        Assert.Equal(record.Event, LedgerRecord.Read(record.Body.ToArray(), before.Hash).Event);
        before.Fold(LedgerRecord.Read(record.Body.ToArray(), before.Hash));
        Assert.Equal(LedgerSnapshot.Write(state), LedgerSnapshot.Write(before));
        Assert.Equal(
            LedgerSnapshot.Write(state), LedgerSnapshot.Write(
                LedgerSnapshot.Read(new FleetReader(), LedgerSnapshot.Write(state))));
        state.UndoTo(mark);
        Assert.Equal(digest, LedgerSnapshot.DigestOf(state));
    }

    [Fact]
    public void The_youngest_of_the_lowest_priority_ends()
    {
        var state = Full();

        var placed = Assert.IsType<Placed>(SimFleet.Decide(state, Urgent("urgent"), Id(900), At).Decision);

        var pool = placed.Units[0].Node.Pool;
        var cheapest = state.World.Placements
            .Where(item => item.Request.RunClass == RunClass.Exclusive
                && item.Units.Any(unit => unit.Node.Pool == pool))
            .OrderBy(item => item.Request.Priority).ThenByDescending(item => item.DecidedAt)
            .ThenByDescending(item => item.Id).First();
        Assert.Equal([cheapest.Id], placed.Preempted);
    }

    [Fact]
    public void A_site_stops_what_ended_and_starts_what_came_only_when_that_is_gone()
    {
        var state = Full();
        var site = new SiteId("de-a");
        var decided = SimFleet.Decide(state, Urgent("urgent") with { AllowRegions = [new("de-a")] }, Id(900), At);
        var victim = ((Placed)decided.Decision).Preempted[0];
        var agent = new AgentWork();
        var all = SiteWork.OrdersFor(state.World, site);
        agent.Take(Desired(all, 1));
        agent.Look();
        agent.Take(all.Select(order => Seen(order, WorkStatus.Running)).ToSeq());
        Assert.Empty(agent.Act(leaseHolds: true, leaseIsOver: false));

        state.Append(decided, At);
        var orders = SiteWork.OrdersFor(state.World, site);
        agent.Take(Desired(orders, 2));
        var first = agent.Act(leaseHolds: true, leaseIsOver: false).ToList();
        agent.Acted(victim, all.Single(order => order.Placement == victim).Epoch);
        var second = agent.Act(leaseHolds: true, leaseIsOver: false).ToList();
        agent.Look();
        agent.Take(all.Select(order => Seen(
            order, order.Placement == victim ? WorkStatus.Stopping : WorkStatus.Running)).ToSeq());
        var third = agent.Act(leaseHolds: true, leaseIsOver: false).ToList();
        agent.Acted(victim, all.Single(order => order.Placement == victim).Epoch);
        agent.Look();
        agent.Take(all.Where(order => order.Placement != victim)
            .Select(order => Seen(order, WorkStatus.Running)).ToSeq());
        var last = agent.Act(leaseHolds: true, leaseIsOver: false).ToList();

        Assert.Equal([victim], orders.Single(order => order.Placement == decided.Id).After!.Value);
        Assert.Equal([victim], first.Cast<StopWork>().Select(stop => stop.Placement));
        Assert.Empty(second);
        Assert.Equal([victim], third.Cast<StopWork>().Select(stop => stop.Placement));
        Assert.Equal([decided.Id], last.Cast<StartWork>().Select(start => start.Order.Placement));
    }

    [Fact]
    public void What_fails_over_may_end_lower_work_where_policy_allows_it_and_stays_put_where_not()
    {
        var (with, without) = (Loss(policy: true), Loss(policy: false));

        var (plan, none) = (Plan(with), Plan(without));
        var record = with.Append(new PlanLanded(plan), At);

        var move = plan.Moves.Single(item => with.World.Find(item.Placement)!.Request.Workload == "urgent");
        var victim = Assert.Single(move.Preempted);
        Assert.Null(with.World.Find(victim));
        Assert.Equal([victim], with.World.Find(move.Placement)!.Preempted);
        Assert.Contains(none.Stays, stay => without.World.Find(stay.Placement)!.Request.Workload == "urgent"
            && stay.Reason == RefusalReason.NoCapacity);
        Assert.Equal(plan, ((PlanLanded)LedgerRecord.Read(record.Body.ToArray(), LedgerRecord.NoHash).Event).Plan);
        Assert.All(with.World.Fleet.Pools, pool => Assert.All(
            Enumerable.Range(0, pool.Nodes), node => Assert.True(with.World.Nodes.IsSound(pool.Index, node))));
        Assert.NotEqual(PlanDigest.Of(plan), PlanDigest.Of(plan with
        {
            Moves = plan.Moves.Select(item => item with { Preempted = [] }).ToSeq(),
        }));
    }

    private static LedgerState Loss(bool policy)
    {
        var state = Full(policy, before: Urgent("urgent") with { AllowRegions = [] });
        var home = state.World.Placements.Single(item => item.Request.Workload == "urgent").Units[0].Node.Pool;
        var site = state.World.Fleet.FindPool(home)!.Site.Id;
        state.Append(
            new SiteChanged(SiteChangeKind.Lost, new SiteCondition
            {
                Site = site, Health = SiteHealth.Lost, Since = At, WasGuarded = true, Losses = 1,
            }, "test"),
            At);
        return state;
    }

    private static MovePlan Plan(LedgerState state) => FailoverPlanner.Plan(state.World, state.Law, new PlanQuestion
    {
        Id = Id(7), Kind = MoveKind.Failover, AsOf = At,
        Sites = state.World.Sites.Conditions.Where(item => item.Health == SiteHealth.Lost)
            .Select(item => item.Site).ToSeq(),
    });

    /// <summary>Every node of the German sites is in use, most of them by work of low priority.</summary>
    private static LedgerState Full(bool policy = true, PlacementRequest? before = null)
    {
        var state = SimFleet.Origin.Copy();
        SourceFile[] files = policy ? [new("policies/urgent-first.yaml", UrgentFirst)] : [];
        state.Append(new PoliciesActivated(files.ToSeq(), "test"), At);
        if (before is not null) state.Append(SimFleet.Decide(state, before, Id(99), At), At);
        for (var number = 100;; number++)
        {
            var at = At.AddSeconds(number - 200);
            var filler = SimFleet.Request($"fill-{number}", RunClass.Exclusive, "DE", 1) with
            {
                Priority = number % 3 == 0 ? 10 : 20,
            };
            var decided = SimFleet.Decide(state, filler, Id(number), at);
            if (decided.Decision is Refused) return state;
            state.Append(decided, at);
        }
    }

    private static PlacementRequest Urgent(string name) =>
        SimFleet.Request(name, RunClass.Exclusive, "DE", 1) with { Priority = 900 };

    private static Guid Id(int number) => new(number, 0, 0, new byte[8]);

    private static long FreeMilli(World world) =>
        world.Fleet.Pools.Sum(pool => world.Nodes.FreeAcceleratorMilli(pool.Index));

    private static DesiredWork Desired(Seq<WorkOrder> orders, long revision) => new()
    {
        Session = new AgentSession(1, "n"), Revision = revision, Full = true, After = 0, Orders = orders,
    };

    private static ObservedWork Seen(WorkOrder order, WorkStatus status) => new()
    {
        Placement = order.Placement, Epoch = order.Epoch, RunClass = order.RunClass, Status = status,
    };
}
