using ControlPlane.Capacity;
using ControlPlane.Core.Tests.Worlds;
using ControlPlane.Placements;
using ControlPlane.Policies;
using ControlPlane.Regions;
using ControlPlane.Workloads;
using Xunit.Abstractions;

namespace ControlPlane.Core.Tests.Capacity;

/// <summary>Survival of units of one, two and four accelerators, held against trying every node for each.</summary>
public sealed class SurvivalNodesTests(ITestOutputHelper output)
{
    private const int MostSteps = 300_000;

    [Fact]
    public void Units_of_several_accelerators_survive_as_by_trying_every_node_but_for_a_few()
    {
        var (met, shorter, off) = (0, 0, 0);
        var large = (Met: 0, Off: 0, Served: 0L, Best: 0L);
        Seeds.ForEach(300, dice =>
        {
            var world = Mixed(dice);
            var scenario = new RegionsLost([dice.Pick(world.World.Fleet.Regions).Id]);
            var report = Survival.Assess(world.World, world.Law.Policies, scenario, world.AsOf);
            var pieces = report.Workloads.Sum(item => item.Displaced);
            if (pieces is 0 or > 18 || Best(world, scenario, report) is not { } best) return;

            var found = report.Workloads.Sum(item =>
                (long)item.Recovered * item.Placement.Request.Unit.Accelerators);
            Assert.True(found <= best, $"{found} of {best}");
            if (pieces > RescueSearch.MostPieces)
            {
                // It is no longer searched.
                large = (large.Met + 1, large.Off + (found < best ? 1 : 0), large.Served + found, large.Best + best);
                return;
            }

            met++;
            if (best < report.Workloads.Sum(item => (long)item.Displaced * item.Placement.Request.Unit.Accelerators))
                shorter++;
            if (found < best) off++;
        });
        output.WriteLine($"{met} fleets, {shorter} with a shortage, {off} with less than the best; "
            + $"with 13 to 18 pieces {large.Off} of {large.Met}: {large.Served} accelerators of {large.Best}");
        Assert.True(large.Met > 10 && large.Served >= large.Best * 0.95, $"{large}");
        Assert.True(met > 100 && shorter > 30 && off <= met * 0.02, $"{met} fleets, {shorter} short, {off} off");
    }

    [Fact]
    public void What_to_buy_is_not_sought_unit_by_unit_nor_in_pools_after_one_that_takes_all()
    {
        var (few, many) = (CostOfBuying(100, megawatts: 0.001m, ["de-one", "fr-one"]),
            CostOfBuying(1_600, megawatts: 0.001m, ["de-one", "fr-one"]));
        var (one, two) = (CostOfBuying(400, megawatts: 9, ["de-one", "fr-one"]),
            CostOfBuying(400, megawatts: 9, ["de-one", "fr-one", "us-one"]));

        output.WriteLine($"100 units that a cap keeps out: {few} bytes, 1,600: {many}; 400 with one pool for all "
            + $"of them: {one} bytes, with two: {two}");
        Assert.Equal((0, 0), (few.Nodes, many.Nodes));
        Assert.True(many.Bytes < few.Bytes * 3, $"{few}, {many}");
        Assert.True(one.Nodes > 0 && one.Nodes == two.Nodes, $"{one}, {two}");
        Assert.True(two.Bytes < one.Bytes * 1.5, $"{one}, {two}");
    }

    /// <summary>
    /// Nodes to buy when Germany is lost and all else is full, and bytes that are needed to find that out.
    /// </summary>
    private static (int Nodes, long Bytes) CostOfBuying(int units, decimal megawatts, string[] regions)
    {
        var (fleet, asOf) = (SmallFleet.Fleet, new DateTimeOffset(2026, 11, 21, 0, 0, 0, TimeSpan.Zero));
        var world = new World();
        world.Declare(fleet, asOf);
        var cap = new Policy
        {
            Id = new("cap"), Because = "b", Source = new() { Law = "l" }, Owner = "o",
            ValidFrom = RandomFleet.Day.AddDays(-1_000), Enforcement = Enforcement.Mandatory,
            Match = new() { Everything = true },
            Rules = [new PowerCapRule { Rule = "cap", Megawatts = megawatts }],
        };
        var none = PolicyFiles.Parse([], fleet).Value;
        PlacementRequest Asked(string name, int share, int count, IEnumerable<string> within) => new()
        {
            Tenant = new("klinik"), Workload = name, Kind = WorkloadKind.Batch, DataClass = new("public"),
            Residency = [], Units = count, AllowRegions = within.Select(id => new RegionId(id)).ToSeq(),
            Unit = new UnitNeed
            {
                Accelerators = share == 0 ? 8 : 0, AcceleratorShareMilli = share, CpuMilli = 0, MemoryMib = 0,
            },
        };
        var requests = new[] { "fr-one", "us-one" }.Select(id => Asked(id, 0, 4, [id]))
            .Append(Asked("lost", 10, units, regions));
        foreach (var (index, request) in requests.Index())
        {
            var placed = Assert.IsType<Placed>(Placer.Decide(world, new Law(fleet, none), request, asOf));
            world.Add(new Placement
            {
                Id = new DecisionId(new Guid(index + 1, 0, 0, new byte[8])), Request = request, Epoch = 1,
                State = PlacementState.Bound, Units = placed.Units, DecidedAt = asOf,
            });
        }

        var (policies, scenario) = (none with { Policies = [cap] }, (Scenario)new RegionsLost([new("de-one")]));
        var (all, room) = (Survival.Assess(world, policies, scenario, asOf),
            Survival.AssessRoom(world, [], (policies, scenario), asOf));
        Assert.Equal(all with { Purchases = [] }, room);
        var start = GC.GetAllocatedBytesForCurrentThread();
        Survival.AssessRoom(world, [], (policies, scenario), asOf);
        var middle = GC.GetAllocatedBytesForCurrentThread();
        Survival.Assess(world, policies, scenario, asOf);
        var bytes = GC.GetAllocatedBytesForCurrentThread() - middle - (middle - start);
        return (all.Purchases.Sum(item => item.Nodes), bytes);
    }

    /// <summary>The most accelerators that find a place, of one priority; null when there are too many ways.</summary>
    private static long? Best(RandomWorld world, Scenario scenario, SurvivalReport report)
    {
        var law = world.Law;
        var nodes = world.World.Fleet.Pools
            .Where(pool => !scenario.Loses(pool) && pool.Site.Spec.Status == SiteStatus.Active && pool.Sku is not null)
            .SelectMany(pool => Enumerable.Range(0, pool.Nodes).Select(node => (
                Pool: pool, Free: world.World.Nodes.FreeMilli(pool.Index, node) / 1000)))
            .ToList();
        var free = nodes.ConvertAll(node => node.Free);
        var pieces = report.Workloads
            .SelectMany(item => Enumerable.Repeat(item.Placement.Request, item.Displaced))
            .OrderByDescending(request => request.Unit.Accelerators).ToList();
        var (best, steps) = (0L, 0);
        Try(0, 0);
        return steps > MostSteps ? null : best;

        void Try(int index, long served)
        {
            best = Math.Max(best, served);
            if (++steps > MostSteps || index == pieces.Count
                || served + pieces.Skip(index).Sum(piece => piece.Unit.Accelerators) <= best) return;
            var (request, tried) = (pieces[index], new HashSet<(FleetPool, long)>());
            for (var node = 0; node < nodes.Count; node++)
            {
                // Of nodes of a pool that are equally free any will do.
                if (free[node] < request.Unit.Accelerators || !tried.Add((nodes[node].Pool, free[node]))
                    || law.Judge(nodes[node].Pool, LawSubject.Of(request), world.AsOf)
                        .Any(verdict => verdict.Result == VerdictResult.Denied)) continue;
                free[node] -= request.Unit.Accelerators;
                Try(index + 1, served + request.Unit.Accelerators);
                free[node] += request.Unit.Accelerators;
            }

            Try(index + 1, served);
        }
    }

    private static RandomWorld Mixed(Dice dice)
    {
        var world = SurvivalTests.Powered(dice, single: true);
        foreach (var id in world.World.Placements.Select(item => item.Id).ToList()) world.World.Remove(id);
        if (dice.Chance(60)) world.Law = new Law(world.World.Fleet, world.Law.Policies with { Policies = [] });
        for (var index = dice.Int(4, 24); index > 0; index--)
        {
            world.TryPlace(
                RandomRequest.Of(dice, world.World.Fleet, mostUnits: 3) with
                {
                    Kind = WorkloadKind.Batch, Spread = null, Priority = 0, Residency = [], AllowRegions = [],
                    Unit = new UnitNeed { Accelerators = dice.Pick(1, 1, 2, 4), CpuMilli = 0, MemoryMib = 0 },
                },
                new DecisionId(dice.Guid()), hold: false);
        }

        return world;
    }
}
