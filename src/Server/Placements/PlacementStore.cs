using ControlPlane.Server.Database;
using ControlPlane.Server.Hosting;
using Dapper;

namespace ControlPlane.Server.Placements;

/// <summary>Reads the placements that run or are held now.</summary>
internal sealed class PlacementStore(PostgresDatabase database)
{
    private const string Columns = """
        select placement_id as Id, tenant as Tenant, workload as Workload, kind as Kind, data_class as DataClass, state as State,
            hold_until as HoldUntil, bound_at as BoundAt, region as Region, site as Site, cluster as Cluster, units as Units,
            accelerator_milli as AcceleratorMilli, cpu_milli as CpuMilli, memory_mib as MemoryMib, epoch as Epoch, position as Position
        from placement
        """;

    public async Task<PlacementPage> ListAsync(PlacementFilter filter, PageRequest page, CancellationToken cancellation)
    {
        const string List = Columns + """
             where placement_id > @after
                and (@tenant::text is null or tenant = @tenant) and (@state::text is null or state = @state)
                and (@site::text is null or site = @site) and (@region::text is null or region = @region)
            order by placement_id limit @limit
            """;
        await using var connection = await database.OpenReadAsync(cancellation);
        var rows = (await connection.QueryAsync<PlacementView>(new CommandDefinition(
            List,
            new
            {
                after = Guid.TryParse(page.After, out var after) ? after : Guid.Empty,
                tenant = filter.Tenant, state = filter.State, site = filter.Site, region = filter.Region, limit = page.Size + 1,
            },
            cancellationToken: cancellation))).AsList();
        var more = rows.Count > page.Size;
        if (more) rows.RemoveAt(rows.Count - 1);
        return new PlacementPage(rows, more ? PageRequest.TokenAfter(rows[^1].Id.ToString()) : null);
    }

    /// <summary>A placement; null when there is none, or when it is another tenant's than the one asked for.</summary>
    public async Task<PlacementView?> FindAsync(Guid id, string? tenant, CancellationToken cancellation)
    {
        const string One = Columns + " where placement_id = @id and (@tenant::text is null or tenant = @tenant)";
        await using var connection = await database.OpenReadAsync(cancellation);
        return await connection.QuerySingleOrDefaultAsync<PlacementView>(
            new CommandDefinition(One, new { id, tenant }, cancellationToken: cancellation));
    }
}

/// <summary>What a list of placements is narrowed to; null does not narrow.</summary>
internal sealed record PlacementFilter(string? Tenant, string? State, string? Site, string? Region);

/// <summary>A page of placements.</summary>
internal sealed record PlacementPage(IReadOnlyList<PlacementView> Placements, string? NextPageToken);

/// <summary>A placement as lists show it; amounts are totals over its units.</summary>
internal sealed record PlacementView
{
    public Guid Id { get; init; }
    public string Tenant { get; init; } = "";
    public string Workload { get; init; } = "";
    public string Kind { get; init; } = "";
    public string DataClass { get; init; } = "";
    public string State { get; init; } = "";
    public DateTime? HoldUntil { get; init; }
    public DateTime? BoundAt { get; init; }
    public string? Region { get; init; }
    public string? Site { get; init; }
    public string? Cluster { get; init; }
    public int Units { get; init; }
    public long AcceleratorMilli { get; init; }
    public long CpuMilli { get; init; }
    public long MemoryMib { get; init; }
    public long Epoch { get; init; }
    public long Position { get; init; }
}
