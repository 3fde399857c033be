using System.Numerics;
using ControlPlane.Inventory;
using ControlPlane.Regions;
using ControlPlane.Workloads;
using Dapper;
using Npgsql;

namespace ControlPlane.Server.Ledger;

/// <summary>Writes decisions and placements to their tables, one statement for each kind of change.</summary>
internal static class PlacementRows
{
    public static async Task WriteAsync(NpgsqlConnection connection, NpgsqlTransaction transaction, PlacementChanges changes)
    {
        if (changes.Decisions.Count > 0) await AddDecisionsAsync(connection, transaction, changes.Decisions);
        if (changes.Placed.Count > 0)
        {
            await AddPlacementsAsync(connection, transaction, changes);
            await AddUnitsAsync(connection, transaction, changes.Placed);
        }

        if (changes.Confirmed.Count > 0) await ConfirmAsync(connection, transaction, changes.Confirmed);
        if (changes.Ended.Count > 0) await EndAsync(connection, transaction, changes.Ended);
    }

    private static Task<int> AddDecisionsAsync(NpgsqlConnection connection, NpgsqlTransaction transaction, List<DecisionRow> rows)
    {
        const string Add = """
            insert into decision (decision_id, position, decided_at, tenant, workload, outcome, placement_state)
            select * from unnest(@ids, @positions, @instants, @tenants, @workloads, @outcomes, @states)
            """;
        return connection.ExecuteAsync(
            Add,
            new
            {
                ids = rows.ConvertAll(row => row.Id.Value).ToArray(),
                positions = rows.ConvertAll(row => row.Position).ToArray(),
                instants = rows.ConvertAll(row => row.At).ToArray(),
                tenants = rows.ConvertAll(row => row.Tenant).ToArray(),
                workloads = rows.ConvertAll(row => row.Workload).ToArray(),
                outcomes = rows.ConvertAll(row => row.Outcome).ToArray(),
                states = rows.ConvertAll(row => row.PlacementState).ToArray(),
            },
            transaction);
    }

    private static Task<int> AddPlacementsAsync(NpgsqlConnection connection, NpgsqlTransaction transaction, PlacementChanges changes)
    {
        const string Add = """
            insert into placement (placement_id, position, tenant, workload, kind, data_class, state, hold_until, bound_at,
                region, site, cluster, units, accelerator_milli, cpu_milli, memory_mib, epoch)
            select * from unnest(@ids, @positions, @tenants, @workloads, @kinds, @classes, @states, @holds, @bounds,
                @regions, @sites, @clusters, @units, @accelerators, @cpus, @memories, @epochs)
            """;
        var rows = changes.Placed;
        var places = rows.ConvertAll(row => PlaceOf(changes.World.Fleet, row.Units));
        return connection.ExecuteAsync(
            Add,
            new
            {
                ids = rows.ConvertAll(row => row.Id.Value).ToArray(),
                positions = rows.ConvertAll(row => row.Position).ToArray(),
                tenants = rows.ConvertAll(row => row.Request.Tenant.Value).ToArray(),
                workloads = rows.ConvertAll(row => row.Request.Workload).ToArray(),
                kinds = rows.ConvertAll(row => Names.Of(row.Request.Kind)).ToArray(),
                classes = rows.ConvertAll(row => row.Request.DataClass.Value).ToArray(),
                states = rows.ConvertAll(row => row.State).ToArray(),
                holds = rows.ConvertAll(row => row.HoldUntil).ToArray(),
                bounds = rows.ConvertAll(row => row.BoundAt).ToArray(),
                regions = places.ConvertAll(place => place.Region).ToArray(),
                sites = places.ConvertAll(place => place.Site).ToArray(),
                clusters = places.ConvertAll(place => place.Cluster).ToArray(),
                units = rows.ConvertAll(row => row.Request.Units).ToArray(),
                accelerators = rows.ConvertAll(row => row.Request.AcceleratorMilliTotal).ToArray(),
                cpus = rows.ConvertAll(row => row.Request.Units * row.Request.Unit.CpuMilli).ToArray(),
                memories = rows.ConvertAll(row => row.Request.Units * row.Request.Unit.MemoryMib).ToArray(),
                epochs = rows.ConvertAll(row => changes.World.Find(row.Id)!.Epoch).ToArray(),
            },
            transaction);
    }

    /// <summary>Region, site and cluster of the units; each null when they are in more than one.</summary>
    private static (string? Region, string? Site, string? Cluster) PlaceOf(Fleet fleet, Seq<UnitBinding> units)
    {
        var pools = units.Select(unit => fleet.FindPool(unit.Node.Pool)!).Distinct().ToList();
        return (Single(pool => pool.Region.Id.Value), Single(pool => pool.Site.Id.Value), Single(pool => pool.Cluster.Id.Value));

        string? Single(Func<FleetPool, string> nameOf)
        {
            var names = pools.Select(nameOf).Distinct().Take(2).ToList();
            return names.Count == 1 ? names[0] : null;
        }
    }

    private static Task<int> AddUnitsAsync(NpgsqlConnection connection, NpgsqlTransaction transaction, List<PlacementRow> rows)
    {
        const string Add = """
            insert into placement_unit (placement_id, unit_ordinal, node_pool, node_ordinal, device_mask, device_milli)
            select * from unnest(@ids, @ordinals, @pools, @nodes, @masks, @millis)
            """;
        var units = rows.SelectMany(row => row.Units.Select((unit, ordinal) => (row.Id, Ordinal: ordinal, Unit: unit))).ToList();
        return connection.ExecuteAsync(
            Add,
            new
            {
                ids = units.ConvertAll(item => item.Id.Value).ToArray(),
                ordinals = units.ConvertAll(item => item.Ordinal).ToArray(),
                pools = units.ConvertAll(item => item.Unit.Node.Pool.Value).ToArray(),
                nodes = units.ConvertAll(item => item.Unit.Node.Ordinal).ToArray(),
                masks = units.ConvertAll(item => (long)item.Unit.Devices).ToArray(),
                millis = units.ConvertAll(item => MilliOf(item.Unit)).ToArray(),
            },
            transaction);
    }

    private static int MilliOf(UnitBinding unit) =>
        BitOperations.PopCount(unit.Devices) == 0 ? 0 : unit.ShareMilli > 0 ? unit.ShareMilli : NodeColumns.WholeMilli;

    private static Task<int> ConfirmAsync(
        NpgsqlConnection connection, NpgsqlTransaction transaction, List<(DecisionId Id, DateTimeOffset At)> rows)
    {
        const string Confirm = """
            with confirmed as (select * from unnest(@ids, @instants) as item (id, at)),
            bound as (
                update placement set state = 'bound', hold_until = null, bound_at = confirmed.at
                from confirmed where placement_id = confirmed.id)
            update decision set placement_state = 'bound' from confirmed where decision_id = confirmed.id
            """;
        return connection.ExecuteAsync(
            Confirm,
            new { ids = rows.ConvertAll(row => row.Id.Value).ToArray(), instants = rows.ConvertAll(row => row.At).ToArray() },
            transaction);
    }

    private static Task<int> EndAsync(
        NpgsqlConnection connection, NpgsqlTransaction transaction, List<(DecisionId Id, string State)> rows)
    {
        const string End = """
            with ended as (select * from unnest(@ids, @states) as item (id, state)),
            gone as (delete from placement using ended where placement_id = ended.id),
            units as (delete from placement_unit using ended where placement_id = ended.id)
            update decision set placement_state = ended.state from ended where decision_id = ended.id
            """;
        return connection.ExecuteAsync(
            End,
            new { ids = rows.ConvertAll(row => row.Id.Value).ToArray(), states = rows.ConvertAll(row => row.State).ToArray() },
            transaction);
    }
}
