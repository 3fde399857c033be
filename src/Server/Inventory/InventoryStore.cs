using ControlPlane.Server.Database;
using Dapper;

namespace ControlPlane.Server.Inventory;

/// <summary>Reads what is used of the node pools.</summary>
internal sealed class InventoryStore(PostgresDatabase database)
{
    /// <summary>What is allocated in each pool, by its id.</summary>
    public async Task<Dictionary<string, PoolUse>> UseAsync(CancellationToken cancellation)
    {
        const string Use = """
            select node_pool as NodePool, allocated_accelerator_milli as AcceleratorMilli, allocated_cpu_milli as CpuMilli,
                allocated_memory_mib as MemoryMib
            from node_pool
            """;
        await using var connection = await database.OpenReadAsync(cancellation);
        var rows = await connection.QueryAsync<PoolUse>(new CommandDefinition(Use, cancellationToken: cancellation));
        return rows.ToDictionary(row => row.NodePool, StringComparer.Ordinal);
    }
}

/// <summary>What is allocated in a pool: accelerators and CPU in thousandths, memory in MiB.</summary>
internal sealed record PoolUse(string NodePool, long AcceleratorMilli, long CpuMilli, long MemoryMib);
