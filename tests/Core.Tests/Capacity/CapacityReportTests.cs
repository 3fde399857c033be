using ControlPlane.Capacity;
using ControlPlane.Core.Tests.Worlds;
using ControlPlane.Inventory;
using ControlPlane.Placements;
using ControlPlane.Policies;
using ControlPlane.Regions;
using ControlPlane.Workloads;

namespace ControlPlane.Core.Tests.Capacity;

public sealed class CapacityReportTests
{
    [Fact]
    public void Every_accelerator_is_counted_once()
    {
        Seeds.ForEach(400, dice =>
        {
            var world = RandomWorld.Of(dice, FleetSize.Middle, placements: dice.Int(0, 12));

            CapacityView[] views =
            [
                CapacityView.Jurisdiction, CapacityView.Region, CapacityView.Site, CapacityView.Sku,
            ];
            foreach (var view in views)
            {
                var total = Report(world, view).Total;

                Assert.Equal(total.FreeMilli, total.UsableMilli + total.StrandedMilli);
                Assert.Equal(total.AllocatableMilli, total.FreeMilli + total.SoldMilli + total.HeldMilli);
                Assert.True(total.InstalledMilli >= total.AllocatableMilli);
                Assert.All(Parts(total), part => Assert.True(part >= 0, $"{total}"));
            }
        });
    }

    [Fact]
    public void Figures_in_other_units_are_what_each_accelerator_gives_or_draws()
    {
        Seeds.ForEach(60, dice =>
        {
            var world = RandomWorld.Of(dice, FleetSize.Middle, placements: dice.Int(0, 12));
            CapacityReport In(CapacityUnit unit) => CapacityReport.Of(
                new CapacityQuestion(world.World, world.Law, [], []) { Unit = unit }, (CapacityView.Sku, world.AsOf));

            var (plain, compute, power) = (
                In(CapacityUnit.Accelerators), In(CapacityUnit.Bf16), In(CapacityUnit.Megawatts));

            foreach (var (row, other) in plain.Rows.Zip(compute.Rows))
            {
                var each = world.World.Fleet.FindSku(row.Sku)!.Teraflops.Bf16 ?? 0;
                Assert.InRange(
                    other.Accelerators.FreeMilli - (row.Accelerators.FreeMilli * each), -100, 100); // rounded by pool
                Assert.InRange(
                    (other.Accelerators.FreeMilli / 1000m) - row.Accelerators.FreeTeraflopsBf16, -0.1m, 0.1m);
            }

            Assert.Equal(
                world.World.Fleet.Pools.Where(pool => pool.Sku is not null).Sum(pool =>
                    (long)pool.Spec.Nodes * pool.Spec.AcceleratorsPerNode * pool.UnitMilliwatts(1_000, 0)),
                power.Total.InstalledMilli);
        });
    }

    [Fact]
    public void What_is_on_a_closed_node_is_installed_and_neither_free_nor_stranded()
    {
        var (world, fleet) = (new World(), SmallFleet.Fleet);
        var asOf = new DateTimeOffset(2026, 11, 21, 0, 0, 0, TimeSpan.Zero);
        world.Declare(fleet, asOf);
        world.Set(new NodeId(new("de-one-a-h100"), 1), new NodeCondition(
            new NodeId(new("de-one-a-h100"), 1), NodeDuty.Cordoned, asOf, "a fan"));

        var row = CapacityReport.Of(world, new Law(fleet, PolicyFiles.Parse([], fleet).Value), [],
            (CapacityView.Region, asOf)).Rows.Single(row => row.Name == "de-one").Accelerators;

        Assert.Equal(
            (32_000, 24_000, 24_000, 24_000, 0),
            (row.InstalledMilli, row.AllocatableMilli, row.FreeMilli, row.UsableMilli, row.StrandedMilli));
    }

    [Fact]
    public void Reserves_keep_no_more_than_is_free_on_nodes_that_take_work()
    {
        var (world, fleet) = (new World(), SmallFleet.Fleet);
        var asOf = new DateTimeOffset(2026, 11, 21, 0, 0, 0, TimeSpan.Zero);
        world.Declare(fleet, asOf);
        var law = new Law(fleet, PolicyFiles.Parse([], fleet).Value with
        {
            Policies =
            [
                OnePolicy.Of(new CapacityReserveRule { Rule = "half", Percent = 50, Over = CapScope.Region }),
            ],
        });
        var kept = new List<(long Free, long Reserved)>();
        for (var node = 0; node < 4; node++)
        {
            var row = CapacityReport.Of(world, law, [], (CapacityView.Region, asOf))
                .Rows.Single(row => row.Name == "de-one").Accelerators;
            kept.Add((row.FreeMilli, row.ReservedMilli));
            var id = new NodeId(new("de-one-a-h100"), node);
            world.Set(id, new NodeCondition(id, NodeDuty.Cordoned, asOf, "a fan"));
        }

        // Ordinary work finds as much as before until more than half is closed.
        Assert.Equal([(32_000, 16_000), (24_000, 8_000), (16_000, 0), (8_000, 0)], kept);
    }

    [Fact]
    public void What_tenants_have_is_what_pools_have_sold_and_held()
    {
        Seeds.ForEach(400, dice =>
        {
            var world = RandomWorld.Of(dice, FleetSize.Middle, placements: dice.Int(0, 12));

            var (bySite, byTenant) = (Report(world, CapacityView.Site).Total, Report(world, CapacityView.Tenant).Total);

            Assert.Equal((byTenant.SoldMilli, byTenant.HeldMilli), (bySite.SoldMilli, bySite.HeldMilli));
        });
    }

    [Fact]
    public void What_is_stranded_by_law_takes_no_workload_that_runs()
    {
        var met = 0;
        Seeds.ForEach(800, dice =>
        {
            var world = RandomWorld.Of(dice, FleetSize.Middle, placements: dice.Int(1, 8));
            var requests = world.World.Placements.Select(placement => placement.Request).ToList();
            foreach (var row in Report(world, CapacityView.Site).Rows
                .Where(row => row.Accelerators.StrandedByLawMilli > 0))
            {
                // A site may have a lawful pool beside an unlawful one; the sum is what no lawful pool has free.
                var lawfulFree = world.World.Fleet.Pools
                    .Where(pool =>
                        pool.Site.Id.Value == row.Name
                            && pool.Sku?.Id == row.Sku
                            && requests.Any(request => IsLawful(world, pool, request)))
                    .Sum(pool => world.World.Nodes.FreeAcceleratorMilli(pool.Index));

                Assert.Equal(
                    row.Accelerators.FreeMilli - lawfulFree,
                    row.Accelerators.StrandedByLawMilli + row.Accelerators.StrandedByClaimMilli);
                met++;
            }
        });
        Assert.True(met > 20, $"only {met} rows were met");
    }

    [Fact]
    public void Something_is_usable_exactly_when_a_workload_like_those_that_run_would_be_placed_but_for_quotas()
    {
        var (yes, no) = (0, 0);
        Seeds.ForEach(400, dice =>
        {
            var world = RandomWorld.Of(dice, FleetSize.Small, placements: dice.Int(1, 8));
            var law = new Law(world.World.Fleet, world.Law.Policies with { Policies = LawOnly(world.Law.Policies) });
            var requests = world.World.Placements.Select(placement => placement.Request)
                .Where(request => request.Unit.NeedsAccelerator)
                .Select(request => request with { Units = 1, Kind = WorkloadKind.Batch, Spread = null })
                .ToList();
            if (requests.Count == 0) return;

            var usable = Report(world, CapacityView.Site).Total.UsableMilli;

            var placed = requests.Any(request =>
                Placer.Decide(world.World, law, Like(world, request), world.AsOf) is Placed);
            // Power may be left for a part of a unit, which is counted and cannot be placed.
            if (placed) Assert.True(usable > 0);
            if (usable == 0) Assert.False(placed);
            _ = placed ? yes++ : no++;
        });
        Assert.True(yes > 50 && no > 5, $"{yes} yes, {no} no");
    }

    private static CapacityReport Report(RandomWorld world, CapacityView view) =>
        CapacityReport.Of(world.World, world.Law, [], (view, world.AsOf));

    // Law may look at the kind, so a gang's accelerators are asked for as the gang that it is.
    private static PlacementRequest Like(RandomWorld world, PlacementRequest request) => request with
    {
        Kind = world.World.Placements.First(placement => placement.Request.Unit == request.Unit).Request.Kind,
    };

    private static Seq<Policy> LawOnly(PolicySet policies) => policies.Policies
        .Select(policy => policy with { Rules = policy.Rules.Where(rule => rule is LawRule).ToSeq() }).ToSeq();

    private static bool IsLawful(RandomWorld world, FleetPool pool, PlacementRequest request) =>
        world.Law
            .Judge(pool, LawSubject.Of(request), world.AsOf)
            .All(verdict => verdict.Result != VerdictResult.Denied);

    private static long[] Parts(CapacityFigures figures) =>
    [
        figures.SoldMilli, figures.HeldMilli, figures.ReservedMilli, figures.FreeMilli, figures.UsableMilli,
        figures.StrandedByLawMilli, figures.StrandedByClaimMilli, figures.StrandedByPowerMilli,
        figures.StrandedByFragmentsMilli,
    ];
}
