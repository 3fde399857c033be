using ControlPlane.Regions;

namespace ControlPlane.Core.Tests.Worlds;

/// <summary>Changes of a declared fleet: any at all, or only such as add capacity.</summary>
internal static class FleetChanges
{
    /// <summary>A fleet that grew, shrank or was rearranged in one or two places.</summary>
    public static RandomFleet Any(Dice dice, RandomFleet fleet)
    {
        var specs = fleet.Specs.ToList();
        for (var turn = dice.Int(1, 2); turn > 0; turn--)
        {
            specs = dice.Int(0, 7) switch
            {
                0 => Pools(
                    dice,
                    specs,
                    pool => pool with
                    {
                        Nodes = Math.Max(0, pool.Nodes + dice.Int(-2, 2)),
                        AllocatableNodes = null,
                        NodesPerFabricDomain = 1,
                    }),
                1 => Pools(dice, specs, pool => pool with { AllocatableNodes = dice.Int(0, pool.Nodes) }),
                2 => Pools(
                    dice,
                    specs,
                    pool => pool with
                    {
                        AcceleratorsPerNode = pool.Sku is null
                            ? 0
                            : Math.Max(1, pool.AcceleratorsPerNode + dice.Int(-2, 2)),
                    }),
                3 => Pools(
                    dice,
                    specs,
                    pool => pool with
                    {
                        CpuMilliPerNode = dice.Pick(2_000, 16_000),
                        MemoryMibPerNode = dice.Pick(4_096, 32_768),
                        HostWatts = dice.Pick(0, 900),
                        Fabric = dice.Pick(FabricKind.Ethernet, FabricKind.Roce),
                    }),
                4 => Pools(
                    dice,
                    specs,
                    pool => pool.Sku is null ? pool : pool with { Sku = dice.Pick(fleet.Catalog.Accelerators).Id }),
                5 => Sites(dice, specs, site => site with { Power = Power(dice, site.Power) }),
                6 => Moved(dice, specs),
                _ => Without(dice, specs),
            };
        }

        return fleet.With(dice, specs);
    }

    /// <summary>A fleet with more nodes, pools, sites, regions or power, and nothing less.</summary>
    public static RandomFleet Grown(Dice dice, RandomFleet fleet)
    {
        var specs = fleet.Specs.ToList();
        for (var turn = dice.Int(1, 3); turn > 0; turn--)
        {
            specs = dice.Int(0, 5) switch
            {
                0 => Pools(
                    dice,
                    specs,
                    pool => pool with
                    {
                        Nodes = pool.Nodes + 1,
                        AllocatableNodes = pool.AllocatableNodes + dice.Int(0, 1),
                    }),
                1 => Sites(dice, specs, site => site with { Power = Scaled(site.Power, dice.Pick(2, 10)) }),
                2 => Clusters(
                    dice,
                    specs,
                    cluster => cluster with
                    {
                        NodePools = [.. cluster.NodePools, fleet.Pool($"z{dice.Int(0, 999_999)}")],
                    }),
                3 => Regions(
                    dice,
                    specs,
                    region => region with
                    {
                        Sites = [.. region.Sites, fleet.Site($"z{dice.Int(0, 999_999)}", region.Jurisdiction)],
                    }),
                4 => [.. specs, fleet.Region(specs.Count)],
                _ => Sites(dice, specs, site => site with { Status = SiteStatus.Active }),
            };
        }

        return fleet.With(dice, specs);
    }

    private static PowerSpec Power(Dice dice, PowerSpec power) => dice.Chance(50)
        ? Scaled(power, dice.Pick(0.2m, 0.6m, 1.5m))
        : power with { Pue = dice.Pick(1m, 1.5m, 2m) };

    private static PowerSpec Scaled(PowerSpec power, decimal factor) => power with
    {
        Phases = power.Phases.Select(phase => phase with { Megawatts = phase.Megawatts * factor }).ToSeq(),
    };

    private static List<RegionSpec> Moved(Dice dice, List<RegionSpec> specs)
    {
        var pools = specs
            .SelectMany(region => region.Sites)
            .SelectMany(site => site.Clusters)
            .SelectMany(cluster => cluster.NodePools)
            .ToList();
        if (pools.Count == 0) return specs;
        var moved = dice.Pick(pools);
        var without = specs.ConvertAll(region => region with
        {
            Sites = region.Sites.Select(site => site with
            {
                Clusters = site.Clusters
                    .Select(
                        cluster => cluster with { NodePools = cluster.NodePools.Where(pool => pool != moved).ToSeq() })
                    .ToSeq(),
            }).ToSeq(),
        });
        return Clusters(dice, without, cluster => cluster with { NodePools = [.. cluster.NodePools, moved] });
    }

    private static List<RegionSpec> Without(Dice dice, List<RegionSpec> specs) => dice.Int(0, 2) switch
    {
        0 => [.. specs.Where((_, index) => index != specs.Count - 1)],
        1 => Regions(dice, specs, region => region with { Sites = region.Sites.Skip(1).ToSeq() }),
        _ => Clusters(dice, specs, cluster => cluster with { NodePools = cluster.NodePools.Skip(1).ToSeq() }),
    };

    private static List<RegionSpec> Regions(Dice dice, List<RegionSpec> specs, Func<RegionSpec, RegionSpec> change)
    {
        if (specs.Count == 0) return specs;
        var chosen = dice.Int(0, specs.Count - 1);
        return [.. specs.Select((region, index) => index == chosen ? change(region) : region)];
    }

    private static List<RegionSpec> Sites(Dice dice, List<RegionSpec> specs, Func<SiteSpec, SiteSpec> change) =>
        Regions(dice, specs, region => region with { Sites = One(dice, region.Sites, change) });

    private static List<RegionSpec> Clusters(
        Dice dice, List<RegionSpec> specs, Func<ClusterSpec, ClusterSpec> change) =>
        Sites(dice, specs, site => site with { Clusters = One(dice, site.Clusters, change) });

    private static List<RegionSpec> Pools(Dice dice, List<RegionSpec> specs, Func<NodePoolSpec, NodePoolSpec> change) =>
        Clusters(dice, specs, cluster => cluster with { NodePools = One(dice, cluster.NodePools, change) });

    private static Seq<T> One<T>(Dice dice, Seq<T> items, Func<T, T> change)
    {
        var chosen = dice.Int(0, Math.Max(0, items.Count - 1));
        return items.Select((item, index) => index == chosen ? change(item) : item).ToSeq();
    }
}
