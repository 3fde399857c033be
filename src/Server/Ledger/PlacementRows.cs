using System.Numerics;
using ControlPlane.Inventory;
using ControlPlane.Regions;
using ControlPlane.Server.Database;
using ControlPlane.Workloads;

namespace ControlPlane.Server.Ledger;

/// <summary>Writes decisions and placements to their tables, one statement for each kind of change.</summary>
internal static class PlacementRows
{
    public static void Add(Statements statements, PlacementChanges changes)
    {
        if (changes.Decisions.Count > 0) AddDecisions(statements, changes.Decisions);
        if (changes.Placed.Count > 0)
        {
            AddPlacements(statements, changes);
            AddUnits(statements, changes.Placed.ConvertAll(row => (row.Id, row.Units)));
        }

        if (changes.Moved.Count > 0) Move(statements, changes);
        if (changes.Confirmed.Count > 0) Confirm(statements, changes.Confirmed);
        if (changes.Ended.Count > 0) End(statements, changes.Ended);
        if (changes.Preempted.Count > 0) AddPreempted(statements, changes.Preempted);
    }

    private static void AddDecisions(Statements statements, List<DecisionRow> rows)
    {
        const string Add = """
            insert into decision (decision_id, position, decided_at, tenant, workload, outcome, placement_state)
            select * from unnest($1, $2, $3, $4, $5, $6, $7)
            """;
        statements.Add(
            Add,
            Array(rows, row => row.Id.Value),
            Array(rows, row => row.Position),
            Array(rows, row => row.At),
            Array(rows, row => row.Tenant),
            Array(rows, row => row.Workload),
            Array(rows, row => row.Outcome),
            Array(rows, row => row.PlacementState));
    }

    private static void AddPlacements(Statements statements, PlacementChanges changes)
    {
        const string Add = """
            insert into placement (placement_id, position, tenant, workload, kind, data_class, state, hold_until, bound_at,
                region, site, cluster, units, accelerator_milli, cpu_milli, memory_mib, epoch)
            select * from unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)
            """;
        var rows = changes.Placed;
        var places = rows.ConvertAll(row => PlaceOf(changes.World.Fleet, row.Units));
        statements.Add(
            Add,
            Array(rows, row => row.Id.Value),
            Array(rows, row => row.Position),
            Array(rows, row => row.Request.Tenant.Value),
            Array(rows, row => row.Request.Workload),
            Array(rows, row => KindOf(row.Request.Kind)),
            Array(rows, row => row.Request.DataClass.Value),
            Array(rows, row => row.State),
            Array(rows, row => row.HoldUntil),
            Array(rows, row => row.BoundAt),
            Array(places, place => place.Region),
            Array(places, place => place.Site),
            Array(places, place => place.Cluster),
            Array(rows, row => row.Request.Units),
            Array(rows, row => row.Request.AcceleratorMilliTotal),
            Array(rows, row => row.Request.Units * row.Request.Unit.CpuMilli),
            Array(rows, row => row.Request.Units * row.Request.Unit.MemoryMib),
            Array(rows, row => changes.World.EpochOf(row.Id)!.Value)); // what the batch leaves behind is in its world
    }

    /// <summary>Where placements are after a step of a move; most steps leave them where they were.</summary>
    private static void Move(Statements statements, PlacementChanges changes)
    {
        const string Move = """
            with moved as (select * from unnest($1, $2, $3, $4, $5) as item (id, region, site, cluster, epoch)),
            gone as (delete from placement_unit using moved where placement_id = moved.id)
            update placement set region = moved.region, site = moved.site, cluster = moved.cluster, epoch = moved.epoch
            from moved where placement_id = moved.id
            """;
        var places = changes.Moved.ConvertAll(placement => PlaceOf(changes.World.Fleet, placement.Units));
        statements.Add(
            Move,
            Array(changes.Moved, placement => placement.Id.Value),
            Array(places, place => place.Region),
            Array(places, place => place.Site),
            Array(places, place => place.Cluster),
            Array(changes.Moved, placement => placement.Epoch));
        AddUnits(statements, changes.Moved.ConvertAll(placement => (placement.Id, placement.Units)));
    }

    private static string KindOf(WorkloadKind kind) => kind switch
    {
        WorkloadKind.Service => "service",
        WorkloadKind.Batch => "batch",
        WorkloadKind.Gang => "gang",
        _ => throw new System.Diagnostics.UnreachableException(),
    };

    /// <summary>Region, site and cluster of the units; each null when they are in more than one.</summary>
    private static (string? Region, string? Site, string? Cluster) PlaceOf(Fleet fleet, Seq<UnitBinding> units)
    {
        var first = fleet.FindPool(units[0].Node.Pool)!;
        var (region, site, cluster) = (first.Region, first.Site, (FleetCluster?)first.Cluster);
        FleetRegion? sameRegion = region;
        FleetSite? sameSite = site;
        foreach (var unit in units.Span[1..])
        {
            var pool = fleet.FindPool(unit.Node.Pool)!;
            if (pool.Region != region) sameRegion = null;
            if (pool.Site != site) sameSite = null;
            if (pool.Cluster != first.Cluster) cluster = null;
        }

        return (sameRegion?.Id.Value, sameSite?.Id.Value, cluster?.Id.Value);
    }

    private static void AddUnits(Statements statements, List<(DecisionId Id, Seq<UnitBinding> Units)> rows)
    {
        const string Add = """
            insert into placement_unit (placement_id, unit_ordinal, node_pool, node_ordinal, device_mask, device_milli)
            select * from unnest($1, $2, $3, $4, $5, $6)
            """;
        var units = rows.SelectMany(row => row.Units.Select((unit, ordinal) => (row.Id, Ordinal: ordinal, Unit: unit)))
            .ToList();
        statements.Add(
            Add,
            Array(units, item => item.Id.Value),
            Array(units, item => item.Ordinal),
            Array(units, item => item.Unit.Node.Pool.Value),
            Array(units, item => item.Unit.Node.Ordinal),
            Array(units, item => (long)item.Unit.Devices),
            Array(units, item => MilliOf(item.Unit)));
    }

    private static int MilliOf(UnitBinding unit) =>
        BitOperations.PopCount(unit.Devices) == 0 ? 0 : unit.ShareMilli > 0 ? unit.ShareMilli : NodeColumns.WholeMilli;

    private static void Confirm(Statements statements, List<(DecisionId Id, DateTimeOffset At)> rows)
    {
        const string Confirm = """
            with confirmed as (select * from unnest($1, $2) as item (id, at)),
            bound as (
                update placement set state = 'bound', hold_until = null, bound_at = confirmed.at
                from confirmed where placement_id = confirmed.id)
            update decision set placement_state = 'bound' from confirmed where decision_id = confirmed.id
            """;
        statements.Add(Confirm, Array(rows, row => row.Id.Value), Array(rows, row => row.At));
    }

    private static void End(Statements statements, List<(DecisionId Id, string State)> rows)
    {
        const string End = """
            with ended as (select * from unnest($1, $2) as item (id, state)),
            gone as (delete from placement using ended where placement_id = ended.id),
            units as (delete from placement_unit using ended where placement_id = ended.id)
            update decision set placement_state = ended.state from ended where decision_id = ended.id
            """;
        statements.Add(End, Array(rows, row => row.Id.Value), Array(rows, row => row.State));
    }

    private static void AddPreempted(Statements statements, List<PreemptedRow> rows)
    {
        const string Add = """
            insert into preempted_placement (placement_id, position, tenant, workload, kind, data_class, region, site,
                cluster, regions, units, accelerator_milli, cpu_milli, memory_mib, epoch, preempted_by, preempted_at)
            select item.id, decision.position, item.tenant, item.workload, item.kind, item.data_class, item.region,
                item.site, item.cluster, string_to_array(item.regions, ','), item.units, item.accelerators, item.cpu,
                item.memory, item.epoch, item.by, item.at
            from unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16) as item (id, tenant,
                workload, kind, data_class, region, site, cluster, regions, units, accelerators, cpu, memory, epoch, by,
                at)
            join decision on decision.decision_id = item.id
            """;
        var places = rows.ConvertAll(row => PlaceOf(row.Ended.Fleet, row.Ended.Placement.Units));
        statements.Add(
            Add,
            Array(rows, row => row.Ended.Placement.Id.Value),
            Array(rows, row => row.Ended.Placement.Request.Tenant.Value),
            Array(rows, row => row.Ended.Placement.Request.Workload),
            Array(rows, row => KindOf(row.Ended.Placement.Request.Kind)),
            Array(rows, row => row.Ended.Placement.Request.DataClass.Value),
            Array(places, place => place.Region),
            Array(places, place => place.Site),
            Array(places, place => place.Cluster),
            Array(rows, row => string.Join(',', row.Ended.Placement.Units
                .Select(unit => row.Ended.Fleet.FindPool(unit.Node.Pool)!.Region.Id.Value).Distinct()
                .Order(StringComparer.Ordinal))),
            Array(rows, row => row.Ended.Placement.Request.Units),
            Array(rows, row => row.Ended.Placement.Request.AcceleratorMilliTotal),
            Array(rows, row => row.Ended.Placement.Request.Units * row.Ended.Placement.Request.Unit.CpuMilli),
            Array(rows, row => row.Ended.Placement.Request.Units * row.Ended.Placement.Request.Unit.MemoryMib),
            Array(rows, row => row.Ended.Placement.Epoch),
            Array(rows, row => row.By.Value),
            Array(rows, row => row.At));
    }

    private static TOut[] Array<TIn, TOut>(List<TIn> rows, Converter<TIn, TOut> convert)
    {
        var values = new TOut[rows.Count];
        for (var at = 0; at < values.Length; at++) values[at] = convert(rows[at]);
        return values;
    }
}
