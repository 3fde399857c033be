using ControlPlane.Capacity;
using ControlPlane.Files;
using ControlPlane.Inventory;
using ControlPlane.Placements;
using ControlPlane.Policies;
using ControlPlane.Workloads;

namespace ControlPlane.Core.Tests.Capacity;

/// <summary>Holds outlooks to what follows from them; each of three regions has 32 accelerators.</summary>
public sealed class OutlookTests
{
    private static readonly DateTimeOffset now = new(2026, 11, 21, 0, 0, 0, TimeSpan.Zero);

    private static readonly OutlookQuestion question = new(90, TimeSpan.FromDays(20), TimeSpan.FromDays(300));

    private const string Reserve = """
        schemaVersion: 1
        id: reserve
        because: A fourth of every region stays free.
        source:
          law: Operating rules
          article: test
        owner: test
        validFrom: 2026-01-01
        enforcement: mandatory
        match:
          everything: true
        rules:
          - rule: a-fourth
            kind: capacityReserve
            percent: 25
            over: region
        """;

    [Fact]
    public void Growth_of_work_that_may_go_nowhere_else_is_ordered_for_in_time()
    {
        var (world, law) = Loaded("DE", units: 2, policies: "");

        // A tenth more each day: 31.68 of 32 are in use after 316.8.
        var outlook = Plan(world, law, Enumerable.Range(0, 240).Select(day => day * 0.1));

        Assert.Equal((32, 0, 0, 8), (outlook.LimitAt(now), outlook.Reserved, outlook.LawfulOverflow, outlook.PerNode));
        var full = outlook.Past.Start.AddDays(317);
        Assert.Equal(full, outlook.Exhaustion.P50);
        Assert.Equal(full, outlook.BeyondOverflow.P50);
        Assert.Equal(full.AddDays(-20), outlook.OrderBy);
        Assert.False(outlook.IsLate(now));
        Assert.True(outlook.IsLate(full.AddDays(-20)));
        Assert.Equal(8, outlook.OrderAmount);
    }

    [Fact]
    public void Growth_of_work_that_may_go_elsewhere_is_no_reason_to_order()
    {
        var (world, law) = Loaded("EU", units: 2, policies: "");

        var outlook = Plan(world, law, Enumerable.Range(0, 240).Select(day => day * 0.1));

        // France is free as well; the US is not lawful.
        Assert.Equal(32, outlook.LawfulOverflow);
        Assert.NotNull(outlook.Exhaustion.P50);
        Assert.Null(outlook.BeyondOverflow.P50);
        Assert.Equal((null, 0), (outlook.OrderBy, outlook.OrderAmount));
    }

    [Fact]
    public void What_reserves_keep_is_full_for_ordinary_work_here_and_elsewhere()
    {
        var (world, law) = Loaded("EU", units: 3, Reserve);

        var outlook = Plan(world, law, Enumerable.Repeat(24.0, 60));

        Assert.Equal((24, 8, 24), (outlook.LimitAt(now), outlook.Reserved, outlook.LawfulOverflow));
        Assert.Equal(now, outlook.Exhaustion.P50);
        Assert.Null(outlook.BeyondOverflow.P50);
    }

    [Theory]
    [InlineData("", 32, 24)]
    [InlineData(Reserve, 24, 24)]
    public void What_is_free_on_closed_nodes_and_at_closed_sites_is_no_room(string policies, int limit, int overflow)
    {
        var (world, law) = Loaded("EU", units: 2, policies);
        world.Set(new NodeId(new("fr-one-a-h100"), 1), Cordoned(new NodeId(new("fr-one-a-h100"), 1)));

        var before = Plan(world, law, Enumerable.Repeat(16.0, 60));
        world.Set(new NodeId(new("de-one-a-h100"), 3), Cordoned(new NodeId(new("de-one-a-h100"), 3)));
        world.Set(new SiteCondition
        {
            Site = new("fr-one-a"), Health = SiteHealth.Lost, Since = now, DeclaredDead = true, Losses = 1,
        });
        var after = Plan(world, law, Enumerable.Repeat(16.0, 60));

        Assert.Equal((limit, overflow), (before.LimitAt(now), before.LawfulOverflow));
        Assert.Equal((24, 0), (after.LimitAt(now), after.LawfulOverflow));
        Assert.Equal(0, after.Reserved);
    }

    private static NodeCondition Cordoned(NodeId node) => new(node, NodeDuty.Cordoned, now, "a fan");

    [Fact]
    public void An_interval_ends_at_what_is_installed_and_nobody_orders_for_what_may_be_full_by_chance()
    {
        var (world, law) = Loaded("DE", units: 2, policies: "");

        var outlook = Plan(world, law, Enumerable.Range(0, 240).Select(day => day % 3 == 0 ? 31.5 : 20));

        var made = (ForecastMade)outlook.Forecast;
        Assert.All(made.Points, point => Assert.InRange(point.P90 ?? 32, point.P50, Math.Max(point.P50, 32)));
        Assert.Null(outlook.Exhaustion.P50);
        Assert.Equal((null, 0), (outlook.OrderBy, outlook.OrderAmount));
    }

    [Fact]
    public void A_region_that_just_began_says_since_when()
    {
        var (world, law) = Loaded("DE", units: 2, policies: "");

        var outlook = Plan(world, law, Enumerable.Range(0, 120).Select(day => day < 110 ? 0.0 : 16));

        Assert.Equal(new HistoryTooShort(10, 28) { Since = now.AddDays(-10) }, outlook.Forecast);
        Assert.Equal((null, null), (outlook.RunsOut, outlook.OrderBy));
    }

    private static Outlook Plan(World world, Law law, IEnumerable<double> days)
    {
        var values = days.ToSeq();
        var past = new UsageSeries(now.AddDays(-values.Count), TimeSpan.FromDays(1), values);
        return Assert.Single(OutlookPlanner.Plan(
            world, law, [new RegionUsage(new("de-one"), new SkuId("h100"), past)], (question, now)));
    }

    /// <summary>Nodes of work in Germany that may be where a residence says.</summary>
    private static (World World, Law Law) Loaded(string residence, int units, string policies)
    {
        var (world, fleet) = (new World(), SmallFleet.Fleet);
        world.Declare(fleet, now);
        var law = new Law(fleet, PolicyFiles.Parse(
            policies.Length == 0 ? [] : [new SourceFile("policies/reserve.yaml", policies)], fleet).Value);
        for (var unit = 0; unit < units; unit++)
        {
            var request = new PlacementRequest
            {
                Tenant = new("klinik"), Workload = $"work-{unit}", Kind = WorkloadKind.Batch,
                DataClass = new("public"), Residency = [new(residence)], Units = 1,
                Unit = new UnitNeed { Accelerators = 8, CpuMilli = 0, MemoryMib = 0 },
                AllowRegions = [new("de-one")],
            };
            var placed = (Placed)Placer.Decide(world, law, request, now);
            world.Add(new Placement
            {
                Id = new DecisionId(new Guid(unit + 1, 0, 0, new byte[8])),
                Request = request with { AllowRegions = [] }, Epoch = 1, State = PlacementState.Bound,
                Units = placed.Units, DecidedAt = now, Isolation = placed.Isolation,
            });
        }

        return (world, law);
    }
}
