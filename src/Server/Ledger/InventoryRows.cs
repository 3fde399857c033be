using ControlPlane.Regions;
using ControlPlane.Server.Database;
using Dapper;
using Npgsql;

namespace ControlPlane.Server.Ledger;

/// <summary>Writes the fleet and what is free of it to their tables.</summary>
internal static class InventoryRows
{
    /// <summary>Writes every table of the fleet anew; for when files changed, which is rare.</summary>
    /// <param name="connection">Connection of the transaction.</param>
    /// <param name="transaction">Transaction of the append.</param>
    /// <param name="world">The world after it.</param>
    /// <param name="position">Position of the record that declared the fleet.</param>
    public static async Task RewriteAsync(
        NpgsqlConnection connection, NpgsqlTransaction transaction, World world, long position)
    {
        const string Clear =
            "delete from node; delete from node_pool; delete from cluster; delete from site; delete from region";
        await connection.ExecuteAsync(Clear, null, transaction);
        await AddPlacesAsync(connection, transaction, world.Fleet, position);
        await AddPoolsAsync(connection, transaction, world.Fleet, position);
        var nodes = world.Fleet.Pools.SelectMany(
            pool => Enumerable.Range(0, pool.Nodes).Select(node => new NodeId(pool.Id, node)));
        var statements = new Statements(connection, transaction);
        AddNodes(statements, world, [.. nodes]);
        SetPools(statements, world, world.Fleet.Pools.ToList());
        await statements.ExecuteAsync();
    }

    /// <summary>Brings the nodes that were touched, and their pools, up to date.</summary>
    public static void Update(Statements statements, World world, SortedSet<NodeId> touched)
    {
        if (touched.Count == 0) return;
        const string Update = """
            update node set cpu_milli_free = item.cpu, memory_mib_free = item.memory, device_free_milli = item.devices::int[]
            from unnest($1, $2, $3, $4, $5) as item (pool, ordinal, cpu, memory, devices)
            where node.node_pool = item.pool and node.ordinal = item.ordinal
            """;
        statements.Add(Update, NodeColumnsOf(world, [.. touched]));
        SetPools(
            statements,
            world,
            touched.Select(node => node.Pool).Distinct().Select(id => world.Fleet.FindPool(id)!).ToList());
    }

    private static void AddNodes(Statements statements, World world, List<NodeId> nodes)
    {
        const string Add = """
            insert into node (node_pool, ordinal, cpu_milli_free, memory_mib_free, device_free_milli)
            select pool, ordinal, cpu, memory, devices::int[]
            from unnest($1, $2, $3, $4, $5) as item (pool, ordinal, cpu, memory, devices)
            """;
        if (nodes.Count > 0) statements.Add(Add, NodeColumnsOf(world, nodes));
    }

    private static object[] NodeColumnsOf(World world, List<NodeId> nodes)
    {
        var pools = new string[nodes.Count];
        var ordinals = new int[nodes.Count];
        var cpus = new long[nodes.Count];
        var memories = new long[nodes.Count];
        var devices = new string[nodes.Count];
        for (var at = 0; at < nodes.Count; at++)
        {
            var (pool, ordinal) = (world.Fleet.FindPool(nodes[at].Pool)!.Index, nodes[at].Ordinal);
            (pools[at], ordinals[at]) = (nodes[at].Pool.Value, ordinal);
            cpus[at] = world.Nodes.FreeCpuMilli(pool, ordinal);
            memories[at] = world.Nodes.FreeMemoryMib(pool, ordinal);
            devices[at] = $"{{{string.Join(',', world.Nodes.Devices(pool, ordinal).ToArray())}}}";
        }

        return [pools, ordinals, cpus, memories, devices];
    }

    private static void SetPools(Statements statements, World world, List<FleetPool> pools)
    {
        const string Update = """
            update node_pool set allocated_accelerator_milli = item.accelerators, allocated_cpu_milli = item.cpu,
                allocated_memory_mib = item.memory
            from unnest($1, $2, $3, $4) as item (pool, accelerators, cpu, memory)
            where node_pool.node_pool = item.pool
            """;
        var nodes = world.Nodes;
        if (pools.Count == 0) return;
        statements.Add(
            Update,
            pools.ConvertAll(pool => pool.Id.Value).ToArray(),
            pools.ConvertAll(pool => pool.AcceleratorMilli - nodes.FreeAcceleratorMilli(pool.Index)).ToArray(),
            pools.ConvertAll(pool => (pool.Spec.CpuMilliPerNode * pool.Nodes) - nodes.FreeCpuMilli(pool.Index))
                .ToArray(),
            pools.ConvertAll(pool => (pool.Spec.MemoryMibPerNode * pool.Nodes) - nodes.FreeMemoryMib(pool.Index))
                .ToArray());
    }

    private static async Task AddPlacesAsync(
        NpgsqlConnection connection, NpgsqlTransaction transaction, Fleet fleet, long position)
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
        await connection.ExecuteAsync(AddRegion, fleet.Own.Select(region => new
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
            Scheduler = Names.Column(cluster.Spec.Scheduler), cluster.Spec.Provider, cluster.Spec.ProviderRegion,
            position,
        }), transaction);
    }

    private static Task<int> AddPoolsAsync(
        NpgsqlConnection connection, NpgsqlTransaction transaction, Fleet fleet, long position)
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
            Pool = pool.Id.Value, Cluster = pool.Cluster.Id.Value, Site = pool.Site.Id.Value,
            Region = pool.Region.Id.Value,
            Sku = pool.Sku?.Id.Value, Fabric = Names.Column(pool.Spec.Fabric), pool.Spec.NodesPerFabricDomain,
            pool.Spec.Nodes,
            Allocatable = pool.Nodes, pool.Spec.AcceleratorsPerNode, pool.Spec.CpuMilliPerNode,
            pool.Spec.MemoryMibPerNode,
            pool.AcceleratorMilli, CpuMilli = pool.Spec.CpuMilliPerNode * pool.Nodes,
            MemoryMib = pool.Spec.MemoryMibPerNode * pool.Nodes, position,
        }), transaction);
    }
}
