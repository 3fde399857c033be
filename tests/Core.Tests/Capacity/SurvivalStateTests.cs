using ControlPlane.Capacity;
using ControlPlane.Core.Tests.Worlds;
using ControlPlane.Inventory;
using ControlPlane.Placements;
using ControlPlane.Policies;
using ControlPlane.Regions;
using ControlPlane.Workloads;

namespace ControlPlane.Core.Tests.Capacity;

/// <summary>What operators, owners of reservations and policies on moving hold against a place counts when something
/// is lost.</summary>
public sealed class SurvivalStateTests
{
    [Fact]
    public void Nothing_goes_to_a_site_or_node_that_is_closed()
    {
        var kept = 0;
        Seeds.ForEach(200, dice =>
        {
            var world = SurvivalTests.Powered(dice, single: true);
            var scenario = new RegionsLost([dice.Pick(world.World.Fleet.Regions).Id]);
            var open = Survival.Assess(world.World, world.Law.Policies, scenario, world.AsOf);
            var site = dice.Pick(world.World.Fleet.Sites);
            if (dice.Chance(50)) world.World.Set(Closed(site.Id, world.AsOf, dice));
            else foreach (var node in NodesAt(world.World.Fleet, site)) world.World.Set(node, Closed(node, world.AsOf));

            var report = Survival.Assess(world.World, world.Law.Policies, scenario, world.AsOf);

            Assert.DoesNotContain(
                report.Workloads.SelectMany(item => item.Targets),
                target => world.World.Fleet.FindPool(target.Pool)!.Site == site);
            if (report.Workloads.Sum(item => item.Recovered) < open.Workloads.Sum(item => item.Recovered)) kept++;
        });
        Assert.True(kept > 10, $"{kept}");
    }

    [Fact]
    public void Room_that_others_have_reserved_is_left_to_them()
    {
        var tight = 0;
        Seeds.ForEach(300, dice =>
        {
            var world = SurvivalTests.Powered(dice, single: true);
            var scenario = new RegionsLost([dice.Pick(world.World.Fleet.Regions).Id]);
            var open = Survival.Assess(world.World, world.Law.Policies, scenario, world.AsOf);
            if (open.Workloads.SelectMany(item => item.Targets).FirstOrDefault() is not { Units: > 0 } any) return;
            var pool = world.World.Fleet.FindPool(any.Pool)!;
            var free = FreeMilli(world, pool);
            world.World.Reservations = world.World.Reservations.With(new Reservation
            {
                Id = new(dice.Guid()), Tenant = new("owner"), Name = "kept", Region = pool.Region.Id,
                Sku = pool.Sku!.Id, Accelerators = (int)(free / 1000), From = world.AsOf.AddDays(3),
                Until = world.AsOf.AddDays(4), Repeat = ReservationRepeat.Once,
            });

            var report = Survival.Assess(world.World, world.Law.Policies, scenario, world.AsOf);

            // All that was free there is reserved; what the loss itself frees elsewhere is not.
            Assert.DoesNotContain(report.Workloads.SelectMany(item => item.Targets), target =>
                world.World.Fleet.FindPool(target.Pool) is { } to && to.Region == pool.Region && to.Sku == pool.Sku
                && !ReservationBook.IsPreemptible(world.World.Placements.First().Request));
            if (report.Workloads.Sum(item => item.Recovered) < open.Workloads.Sum(item => item.Recovered)) tight++;
        });
        Assert.True(tight > 10, $"{tight}");
    }

    [Theory]
    [InlineData(8)]
    [InlineData(0)]
    public void What_is_free_on_closed_nodes_is_no_bound(int accelerators)
    {
        var (world, fleet) = (new World(), SmallFleet.Fleet);
        var asOf = new DateTimeOffset(2026, 11, 21, 0, 0, 0, TimeSpan.Zero);
        world.Declare(fleet, asOf);
        var law = new Law(fleet, PolicyFiles.Parse([], fleet).Value);
        var request = new PlacementRequest
        {
            Tenant = new("klinik"), Workload = "lost", Kind = WorkloadKind.Batch, DataClass = new("public"),
            Residency = [], Units = 2, AllowRegions = [new("de-one"), new("fr-one")], HomeRegion = new("de-one"),
            Unit = new UnitNeed { Accelerators = accelerators, CpuMilli = 4_000, MemoryMib = 0 },
        };
        var placed = Assert.IsType<Placed>(
            Placer.DecideWithin(world, law, (request, asOf), pool => pool.Region.Id.Value == "de-one"));
        world.Add(new Placement
        {
            Id = new(new Guid(1, 0, 0, new byte[8])), Request = request, State = PlacementState.Bound, Epoch = 1,
            Units = placed.Units, DecidedAt = asOf,
        });
        foreach (var site in fleet.Sites.Where(site => site.Id.Value == "fr-one-a"))
        {
            foreach (var node in NodesAt(fleet, site)) world.Set(node, Closed(node, asOf));
        }

        var report = Survival.Assess(world, law.Policies, new RegionsLost([new("de-one")]), asOf);

        Assert.Equal((2, 0, 0.0), (report.Workloads[0].Displaced, report.Workloads[0].Recovered, report.GapToBound));
    }

    [Fact]
    public void What_policies_keep_from_moving_goes_nowhere()
    {
        var met = 0;
        Seeds.ForEach(100, dice =>
        {
            var world = SurvivalTests.Powered(dice, single: true);
            var scenario = new RegionsLost([dice.Pick(world.World.Fleet.Regions).Id]);
            var fixedPolicies = world.Law.Policies with
            {
                Policies =
                [
                    .. world.Law.Policies.Policies,
                    new Policy
                    {
                        Id = new("fixed"), Because = "b", Source = new() { Law = "l" }, Owner = "o",
                        ValidFrom = RandomFleet.Day.AddDays(-1_000), Enforcement = Enforcement.Mandatory,
                        Match = new() { Tenants = [RandomLaw.Tenants[0]] },
                        Rules = [new MobilityRule { Rule = "stay", MayMove = false }],
                    },
                ],
            };

            var report = Survival.Assess(world.World, fixedPolicies, scenario, world.AsOf);

            foreach (var item in report.Workloads.Where(item =>
                item.Placement.Request.Tenant == RandomLaw.Tenants[0] && item.Displaced > 0))
            {
                Assert.Equal((0, SurvivalOutcome.NoLawfulPlace), (item.Recovered, item.Displaced
                    == item.Placement.Units.Count ? item.Outcome : SurvivalOutcome.NoLawfulPlace));
                met++;
            }
        });
        Assert.True(met > 20, $"{met}");
    }

    [Fact]
    public void A_planted_shortage_is_found_with_its_very_size()
    {
        var found = 0;
        Seeds.ForEach(500, dice =>
        {
            var world = SurvivalTests.Powered(dice, single: true);
            world.Law = new Law(world.World.Fleet, world.Law.Policies with { Policies = [] });
            foreach (var id in world.World.Placements.Select(item => item.Id).ToList()) world.World.Remove(id);
            if (world.World.Fleet.Regions.Count < 2) return;
            var lost = dice.Pick(world.World.Fleet.Regions).Id;
            var (here, elsewhere) = (Room(world, region => region == lost), Room(world, region => region != lost));
            // So many run here, and so much is left elsewhere, that as many are short as was planted.
            var running = dice.Int(0, here);
            var planted = dice.Int(0, running);
            var left = running - planted;
            if (left > elsewhere) return;
            Fill(world, running, dice, region => region == lost);
            Fill(world, elsewhere - left, dice, region => region != lost);

            var report = Survival.Assess(world.World, world.Law.Policies, new RegionsLost([lost]), world.AsOf);

            Assert.Equal(planted, report.Shortages.Sum(item => item.Units));
            Assert.Equal(planted * 1_000L, report.Shortages.Sum(item => item.AcceleratorMilli));
            Assert.Equal(planted == 0, report.Survives);
            if (planted > 0 && elsewhere > 0) Assert.NotEmpty(report.Purchases);
            if (planted > 0) found++;
        });
        Assert.True(found > 100, $"{found}");
    }

    private static int Room(RandomWorld world, Func<RegionId, bool> within) => world.World.Fleet.Pools
        .Where(pool => within(pool.Region.Id) && pool.Site.Spec.Status == SiteStatus.Active && pool.Sku is not null)
        .Sum(pool => pool.Nodes * pool.Spec.AcceleratorsPerNode);

    private static void Fill(RandomWorld world, int units, Dice dice, Func<RegionId, bool> within)
    {
        for (var unit = 0; unit < units; unit++)
        {
            var request = RandomRequest.Of(new Dice(1), world.World.Fleet) with
            {
                Kind = WorkloadKind.Batch, Units = 1, Spread = null, Priority = 0, Residency = [],
                ExcludeAccessLaws = [], DenyRegions = [], DataCopies = null, HomeRegion = null,
                AllowRegions = [], Unit = new UnitNeed { Accelerators = 1, CpuMilli = 0, MemoryMib = 0 },
            };
            var placed = Assert.IsType<Placed>(Placer.DecideWithin(
                world.World, world.Law, (request, world.AsOf), pool => within(pool.Region.Id)));
            world.World.Add(new Placement
            {
                Id = new(dice.Guid()), Request = request, State = PlacementState.Bound, Epoch = 1,
                Units = placed.Units, DecidedAt = world.AsOf,
            });
        }
    }

    private static long FreeMilli(RandomWorld world, FleetPool like) => world.World.Fleet.Pools
        .Where(pool => pool.Region == like.Region && pool.Sku == like.Sku && pool.Site.Spec.Status == SiteStatus.Active)
        .Sum(pool => world.World.Nodes.FreeAcceleratorMilli(pool.Index));

    private static SiteCondition Closed(SiteId site, DateTimeOffset at, Dice dice) => dice.Int(0, 3) switch
    {
        0 => new() { Site = site, Health = SiteHealth.Healthy, Since = at, Cordoned = true },
        1 => new() { Site = site, Health = SiteHealth.Suspect, Since = at },
        2 => new() { Site = site, Health = SiteHealth.Lost, Since = at, Losses = 1 },
        _ => new() { Site = site, Health = SiteHealth.Healthy, Since = at, Draining = true },
    };

    private static NodeCondition Closed(NodeId node, DateTimeOffset at) =>
        new(node, NodeDuty.Cordoned, at, "kept");

    private static IEnumerable<NodeId> NodesAt(Fleet fleet, FleetSite site) => fleet.Pools
        .Where(pool => pool.Site == site)
        .SelectMany(pool => Enumerable.Range(0, pool.Nodes).Select(node => new NodeId(pool.Id, node)));
}
