using ControlPlane.Core.Tests.Policies;
using ControlPlane.Failover;
using ControlPlane.Inventory;
using ControlPlane.Placements;
using ControlPlane.Policies;
using ControlPlane.Workloads;

namespace ControlPlane.Core.Tests.Placements;

/// <summary>
/// A reserve for failover that work uses which may end at any time. Each site has room for four requests.
/// </summary>
public sealed class LentReserveTests
{
    private static readonly PlacementRequest Ordinary = KindFleet.Request.In("de-one") with
    {
        Unit = new UnitNeed { Accelerators = 2, CpuMilli = 1000, MemoryMib = 1024 },
    };

    private static readonly PlacementRequest Borrower = Ordinary with { Labels = [new("preemptible", "true")] };

    [Fact]
    public void Work_that_may_end_uses_the_reserve_and_other_work_stops_before_it()
    {
        var (lending, kept) = (new Bench(lends: true), new Bench(lends: false));

        var (borrowed, refused) = (lending.Fill(Borrower), kept.Fill(Borrower));

        Assert.Equal((8, 4), (borrowed, refused));
        Assert.Equal(4, new Bench(lends: true).Fill(Ordinary));
    }

    [Fact]
    public void What_is_lent_comes_back_in_the_decision_that_needs_it_and_no_more_than_that()
    {
        var bench = new Bench(lends: true);
        bench.Fill(Borrower);

        var placed = Enumerable.Range(0, 4).Select(_ => (Placed)bench.Place(Ordinary)).ToList();

        // Half of the region is for what must survive the loss of a site; the other half stays lent.
        Assert.All(placed, decision => Assert.Single(decision.Preempted));
        Assert.Equal(new Refused(RefusalReason.NoCapacity), bench.Place(Ordinary));
        Assert.Equal(4, bench.World.Placements.Count(item => item.Request.Labels.Count > 0));
        Assert.Equal(new Refused(RefusalReason.NoCapacity), bench.Place(Borrower with { Priority = 900 }));
    }

    [Fact]
    public void When_a_site_is_lost_one_plan_gives_all_its_work_the_room_that_was_lent()
    {
        var bench = new Bench(lends: true);
        bench.Fill(Borrower);
        for (var index = 0; index < 4; index++) bench.Place(Ordinary);
        foreach (var site in KindFleet.Fleet.Sites.Where(site => site.Region.Id.Value == "de-one"))
        {
            var world = bench.World.Copy();
            world.Set(new SiteCondition
            {
                Site = site.Id, Health = SiteHealth.Lost, Since = KindFleet.Now, WasGuarded = true, Losses = 1,
            });
            var leaving = world.WorkAt(site.Id).Select(id => world.Find(id)!)
                .Where(item => item.Request.Labels.Count == 0).Select(item => item.Id).Order();

            var plan = FailoverPlanner.Plan(world, bench.Law, new PlanQuestion
            {
                Id = new(1, 0, 0, new byte[8]), Kind = MoveKind.Failover, Sites = [site.Id], AsOf = KindFleet.Now,
            });

            var moved = plan.Moves.Where(move => world.Find(move.Placement)!.Request.Labels.Count == 0).ToList();
            Assert.Equal(leaving, moved.Select(move => move.Placement).Order());
            Assert.All(plan.Stays, stay => Assert.NotEmpty(world.Find(stay.Placement)!.Request.Labels));
            Assert.All(moved.SelectMany(move => move.Preempted), id =>
                Assert.NotEmpty(world.Find(id)!.Request.Labels));
        }
    }

    private sealed class Bench
    {
        private int number;

        public Bench(bool lends)
        {
            World = KindFleet.World();
            Law = new Law(KindFleet.Fleet, new PolicySet
            {
                Preferences = Preferences.Default, Digest = "test",
                Policies =
                [
                    new Policy
                    {
                        Id = new("reserve"), Because = "Sites die.", Source = new() { Law = "Law" }, Owner = "owner",
                        ValidFrom = new(2026, 1, 1), Enforcement = Enforcement.Mandatory,
                        Match = new() { Everything = true },
                        Rules = [new FailoverReserveRule { Rule = "r", OpenFromPriority = 1000, Lends = lends }],
                    },
                ],
            });
        }

        public World World { get; }

        public Law Law { get; }

        /// <summary>Places until there is no room, and counts.</summary>
        public int Fill(PlacementRequest request)
        {
            for (var count = 0;; count++)
            {
                if (Place(request) is Refused) return count;
            }
        }

        public PlacementDecision Place(PlacementRequest request)
        {
            var decision = Placer.Decide(World, Law, request, KindFleet.Now);
            if (decision is not Placed placed) return decision;
            foreach (var id in placed.Preempted) World.Remove(id);
            World.Add(new Placement
            {
                Id = new(new Guid(++number, 0, 0, new byte[8])), Request = request, State = PlacementState.Bound,
                Epoch = 1, Units = placed.Units, DecidedAt = KindFleet.Now.AddSeconds(number),
                Isolation = placed.Isolation, Preempted = placed.Preempted,
            });
            return decision;
        }
    }
}
