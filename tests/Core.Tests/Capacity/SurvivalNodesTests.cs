using ControlPlane.Capacity;
using ControlPlane.Core.Tests.Worlds;
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
