using ControlPlane.Ledger;
using ControlPlane.Regions;
using Dapper;
using Npgsql;

namespace ControlPlane.Server.Ledger;

/// <summary>Writes the fleet and what is free of it to their tables.</summary>
internal static class InventoryRows
{
    /// <summary>Writes every table of the fleet anew; for when files changed, which is rare.</summary>
    public static async Task RewriteAsync(NpgsqlConnection connection, NpgsqlTransaction transaction, LedgerState state)
    {
        const string Clear = "delete from node; delete from node_pool; delete from cluster; delete from site; delete from region";
        var world = state.World;
        await connection.ExecuteAsync(Clear, null, transaction);
        await AddPlacesAsync(connection, transaction, world.Fleet, state.Position);
        await AddPoolsAsync(connection, transaction, world.Fleet, state.Position);
        var nodes = world.Fleet.Pools.SelectMany(pool => Enumerable.Range(0, pool.Nodes).Select(node => new NodeId(pool.Id, node)));
        await AddNodesAsync(connection, transaction, world, [.. nodes]);
        await SetPoolsAsync(connection, transaction, world, world.Fleet.Pools.ToList());
    }

    /// <summary>Brings the nodes that were touched, and their pools, up to date.</summary>
    public static async Task UpdateAsync(
        NpgsqlConnection connection, NpgsqlTransaction transaction, World world, SortedSet<NodeId> touched)
    {
        if (touched.Count == 0) return;
        const string Update = """
            update node set cpu_milli_free = item.cpu, memory_mib_free = item.memory, device_free_milli = item.devices::int[]
            from unnest(@pools, @ordinals, @cpus, @memories, @devices) as item (pool, ordinal, cpu, memory, devices)
            where node.node_pool = item.pool and node.ordinal = item.ordinal
            """;
        await connection.ExecuteAsync(Update, NodeColumnsOf(world, [.. touched]), transaction);
        var pools = touched.Select(node => node.Pool).Distinct().Select(id => world.Fleet.FindPool(id)!).ToList();
        await SetPoolsAsync(connection, transaction, world, pools);
    }

    private static Task<int> AddNodesAsync(NpgsqlConnection connection, NpgsqlTransaction transaction, World world, List<NodeId> nodes)
    {
        const string Add = """
            insert into node (node_pool, ordinal, cpu_milli_free, memory_mib_free, device_free_milli)
            select pool, ordinal, cpu, memory, devices::int[]
            from unnest(@pools, @ordinals, @cpus, @memories, @devices) as item (pool, ordinal, cpu, memory, devices)
            """;
        return connection.ExecuteAsync(Add, NodeColumnsOf(world, nodes), transaction);
    }

    private static object NodeColumnsOf(World world, List<NodeId> nodes)
    {
        var indices = nodes.ConvertAll(node => world.Fleet.FindPool(node.Pool)!.Index);
        return new
        {
            pools = nodes.ConvertAll(node => node.Pool.Value).ToArray(),
            ordinals = nodes.ConvertAll(node => node.Ordinal).ToArray(),
            cpus = nodes.Select((node, at) => world.Nodes.FreeCpuMilli(indices[at], node.Ordinal)).ToArray(),
            memories = nodes.Select((node, at) => world.Nodes.FreeMemoryMib(indices[at], node.Ordinal)).ToArray(),
            devices = nodes.Select((node, at) => "{" + string.Join(',', world.Nodes.Devices(indices[at], node.Ordinal).ToArray()) + "}").ToArray(),
        };
    }

    private static Task<int> SetPoolsAsync(NpgsqlConnection connection, NpgsqlTransaction transaction, World world, List<FleetPool> pools)
    {
        const string Update = """
            update node_pool set allocated_accelerator_milli = item.accelerators, allocated_cpu_milli = item.cpu,
                allocated_memory_mib = item.memory
            from unnest(@pools, @accelerators, @cpus, @memories) as item (pool, accelerators, cpu, memory)
            where node_pool.node_pool = item.pool
            """;
        return connection.ExecuteAsync(
            Update,
            new
            {
                pools = pools.ConvertAll(pool => pool.Id.Value).ToArray(),
                accelerators = pools.ConvertAll(pool => pool.AcceleratorMilli - world.Nodes.FreeAcceleratorMilli(pool.Index)).ToArray(),
                cpus = pools.ConvertAll(pool => (pool.Spec.CpuMilliPerNode * pool.Nodes) - world.Nodes.FreeCpuMilli(pool.Index)).ToArray(),
                memories = pools.ConvertAll(pool => (pool.Spec.MemoryMibPerNode * pool.Nodes) - world.Nodes.FreeMemoryMib(pool.Index)).ToArray(),
            },
            transaction);
    }

    private static async Task AddPlacesAsync(NpgsqlConnection connection, NpgsqlTransaction transaction, Fleet fleet, long position)
    {
        const string AddRegion = """
            insert into region (region, name, jurisdiction, operator, position) values (@Region, @Name, @Jurisdiction, @Operator, @position)
            """;
        const string AddSite = """
            insert into site (site, region, country, city, latitude_degrees, longitude_degrees, status, position)
            values (@Site, @Region, @Country, @City, @Latitude, @Longitude, @Status, @position)
            """;
        const string AddCluster = """
            insert into cluster (cluster, site, region, scheduler, provider, provider_region, position)
            values (@Cluster, @Site, @Region, @Scheduler, @Provider, @ProviderRegion, @position)
            """;
        await connection.ExecuteAsync(AddRegion, fleet.Regions.Select(region => new
        {
            Region = region.Id.Value, region.Spec.Name, Jurisdiction = region.Spec.Jurisdiction.Value,
            Operator = region.Spec.Operator.Value, position,
        }), transaction);
        await connection.ExecuteAsync(AddSite, fleet.Sites.Select(site => new
        {
            Site = site.Id.Value, Region = site.Region.Id.Value, Country = site.Spec.Country.Value, site.Spec.City,
            Latitude = site.Spec.LatitudeDegrees, Longitude = site.Spec.LongitudeDegrees,
            Status = Names.Column(site.Spec.Status), position,
        }), transaction);
        await connection.ExecuteAsync(AddCluster, fleet.Clusters.Select(cluster => new
        {
            Cluster = cluster.Id.Value, Site = cluster.Site.Id.Value, Region = cluster.Region.Id.Value,
            Scheduler = Names.Column(cluster.Spec.Scheduler), cluster.Spec.Provider, cluster.Spec.ProviderRegion, position,
        }), transaction);
    }

    private static Task<int> AddPoolsAsync(NpgsqlConnection connection, NpgsqlTransaction transaction, Fleet fleet, long position)
    {
        const string AddPool = """
            insert into node_pool (node_pool, cluster, site, region, sku, fabric, nodes_per_fabric_domain, nodes,
                allocatable_nodes, accelerators_per_node, cpu_milli_per_node, memory_mib_per_node,
                installed_accelerator_milli, installed_cpu_milli, installed_memory_mib, position)
            values (@Pool, @Cluster, @Site, @Region, @Sku, @Fabric, @NodesPerFabricDomain, @Nodes, @Allocatable,
                @AcceleratorsPerNode, @CpuMilliPerNode, @MemoryMibPerNode, @AcceleratorMilli, @CpuMilli, @MemoryMib, @position)
            """;
        return connection.ExecuteAsync(AddPool, fleet.Pools.Select(pool => new
        {
            Pool = pool.Id.Value, Cluster = pool.Cluster.Id.Value, Site = pool.Site.Id.Value, Region = pool.Region.Id.Value,
            Sku = pool.Sku?.Id.Value, Fabric = Names.Column(pool.Spec.Fabric), pool.Spec.NodesPerFabricDomain, pool.Spec.Nodes,
            Allocatable = pool.Nodes, pool.Spec.AcceleratorsPerNode, pool.Spec.CpuMilliPerNode, pool.Spec.MemoryMibPerNode,
            pool.AcceleratorMilli, CpuMilli = pool.Spec.CpuMilliPerNode * pool.Nodes,
            MemoryMib = pool.Spec.MemoryMibPerNode * pool.Nodes, position,
        }), transaction);
    }
}
