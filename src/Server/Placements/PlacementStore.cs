using ControlPlane.Server.Database;
using ControlPlane.Server.Hosting;
using ControlPlane.Server.Identity;
using Dapper;

namespace ControlPlane.Server.Placements;

/// <summary>Reads the placements that run or are held now, and those that ended to make room for others.</summary>
internal sealed class PlacementStore(PostgresDatabase database)
{
    private const string Columns = """
        select placement_id as Id, tenant as Tenant, workload as Workload, kind as Kind, data_class as DataClass,
            state as State, hold_until as HoldUntil, bound_at as BoundAt, region as Region, site as Site,
            cluster as Cluster, units as Units, accelerator_milli as AcceleratorMilli, cpu_milli as CpuMilli,
            memory_mib as MemoryMib, epoch as Epoch, position as Position, preempted_by as PreemptedBy,
            preempted_at as PreemptedAt
        from (
            select placement_id, tenant, workload, kind, data_class, state, hold_until, bound_at, region, site, cluster,
                units, accelerator_milli, cpu_milli, memory_mib, epoch, position, null::uuid as preempted_by,
                null::timestamptz as preempted_at, null::text[] as regions
            from placement
            union all
            select placement_id, tenant, workload, kind, data_class, 'preempted', null, null, region, site, cluster,
                units, accelerator_milli, cpu_milli, memory_mib, epoch, position, preempted_by, preempted_at, regions
            from preempted_placement) placement
        """;

    /// <summary>What keeps placements from a caller who sees some regions only.</summary>
    private const string InRegions = """
                and (@regions::text[] is null or (regions is null or regions <@ @regions) and not exists (
                    select from placement_unit unit join node_pool pool on pool.node_pool = unit.node_pool
                    where unit.placement_id = placement.placement_id and pool.region <> all(@regions)))
        """;

    private static readonly string[] Running = ["bound", "held"];

    /// <summary>The placements of a page and one more, ordered by id.</summary>
    public async Task<List<PlacementView>> ListAsync(
        PlacementFilter filter, PageRequest page, CancellationToken cancellation)
    {
        const string List = Columns + """
             where placement_id > @after
                and (@tenants::text[] is null or tenant = any(@tenants)) and state = any(@states)
                and (@site::text is null or site = @site or exists (
                    select from placement_unit unit join node_pool pool on pool.node_pool = unit.node_pool
                    where unit.placement_id = placement.placement_id and pool.site = @site))
                and (@region::text is null or region = @region or exists (
                    select from placement_unit unit join node_pool pool on pool.node_pool = unit.node_pool
                    where unit.placement_id = placement.placement_id and pool.region = @region))
            """ + InRegions + """
             order by placement_id limit @limit
            """;
        await using var connection = await database.OpenReadAsync(cancellation);
        var rows = (await connection.QueryAsync<PlacementView>(new CommandDefinition(
            List,
            new
            {
                after = Guid.TryParse(page.After, out var after) ? after : Guid.Empty,
                tenants = filter.Sight.Tenants?.ToArray(),
                regions = filter.Sight.Regions?.ToArray(),
                states = filter.State is { } state ? [state] : Running,
                site = filter.Site,
                region = filter.Region,
                limit = page.Size + 1,
            },
            cancellationToken: cancellation))).AsList();
        return rows;
    }

    /// <summary>A placement; null when there is none, or when the caller does not see it.</summary>
    public async Task<PlacementView?> FindAsync(Guid id, Sight sight, CancellationToken cancellation)
    {
        const string One = Columns + """
             where placement_id = @id
                and (@tenants::text[] is null or tenant = any(@tenants))
            """ + InRegions;
        await using var connection = await database.OpenReadAsync(cancellation);
        return await connection.QuerySingleOrDefaultAsync<PlacementView>(
            new CommandDefinition(
                One,
                new { id, tenants = sight.Tenants?.ToArray(), regions = sight.Regions?.ToArray() },
                cancellationToken: cancellation));
    }
}

/// <summary>What a list of placements is narrowed to; null does not narrow.</summary>
internal sealed record PlacementFilter(Sight Sight, string? State, string? Site, string? Region);
