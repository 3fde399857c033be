using ControlPlane.Placements;
using ControlPlane.Regions;
using ControlPlane.Workloads;

namespace ControlPlane.Reviews;

/// <summary>Adds up accelerators and power by region and model, before and after a change.</summary>
internal static class CapacityChanges
{
    /// <summary>What regions have and what moves between them; only where something is different.</summary>
    public static Seq<CapacityChange> Declared(
        ReviewQuestion question, (SideView Before, SideView After) sides, Seq<MoveOutlook> moves)
    {
        var rows = new SortedDictionary<(RegionId Region, SkuId Sku), CapacityChange>();
        foreach (var pool in sides.Before.Side.Fleet.Pools.Where(IsUsable))
            Edit(rows, pool, row => row with { Before = row.Before + AmountOf(pool) });
        foreach (var pool in sides.After.Side.Fleet.Pools.Where(IsUsable))
            Edit(rows, pool, row => row with { After = row.After + AmountOf(pool) });
        foreach (var move in moves)
        {
            foreach (var (pool, amount) in Use(question.PlacedOn, move.Placement, move.Placement.Units))
            {
                var stranded = move is Stranded ? amount : default;
                Edit(rows, pool, row =>
                    row with { Leaving = row.Leaving + amount, Stranded = row.Stranded + stranded });
            }

            if (move is not MovesTo to) continue;
            foreach (var (pool, amount) in Use(sides.After.Side.Fleet, move.Placement, to.Units))
                Edit(rows, pool, row => row with { Arriving = row.Arriving + amount });
        }

        return rows.Values
            .Where(row => row.Before != row.After || row.Leaving != default || row.Arriving != default)
            .ToSeq();
    }

    /// <summary>What is open to the workloads of each data class that run; only where something is different.</summary>
    public static Seq<OpenChange> Open(ReviewQuestion question, SideView basis, SideView head)
    {
        var (before, after) = (OpenPools(question, basis), OpenPools(question, head));
        var rows = new SortedDictionary<(DataClassId Class, RegionId Region, SkuId Sku),
            (Amount Before, Amount After)>(ByName);
        foreach (var (dataClass, pool) in before)
        {
            var key = (dataClass, pool.Region.Id, pool.Sku!.Id);
            var row = rows.GetValueOrDefault(key);
            rows[key] = (row.Before + AmountOf(pool), row.After);
        }

        foreach (var (dataClass, pool) in after)
        {
            var key = (dataClass, pool.Region.Id, pool.Sku!.Id);
            var row = rows.GetValueOrDefault(key);
            rows[key] = (row.Before, row.After + AmountOf(pool));
        }

        return rows.Where(row => row.Value.Before != row.Value.After)
            .Select(row =>
                new OpenChange(row.Key.Class, row.Key.Region, row.Key.Sku, row.Value.Before, row.Value.After))
            .ToSeq();
    }

    private static readonly Comparer<(DataClassId Class, RegionId Region, SkuId Sku)> ByName =
        Comparer<(DataClassId Class, RegionId Region, SkuId Sku)>.Create(
        (left, right) =>
            (left.Class.CompareTo(right.Class), left.Region.CompareTo(right.Region),
            left.Sku.CompareTo(right.Sku)) switch
        {
            (not 0 and var order, _, _) => order,
            (_, not 0 and var order, _) => order,
            var (_, _, order) => order,
        });

    /// <summary>A pool is open to a class when it is open to some workload of the class that runs.</summary>
    private static HashSet<(DataClassId Class, FleetPool Pool)> OpenPools(ReviewQuestion question, SideView side)
    {
        var open = new HashSet<(DataClassId, FleetPool)>();
        var seen = new HashSet<(DataClassId, Reach)>();
        foreach (var placement in question.Running)
        {
            var reach = side.ReachOf(placement);
            if (!seen.Add((placement.Request.DataClass, reach))) continue;
            foreach (var pool in reach.Pools.Where(pool => pool.Sku is not null))
                open.Add((placement.Request.DataClass, pool));
        }

        return open;
    }

    private static IEnumerable<(FleetPool Pool, Amount Amount)> Use(Fleet fleet, Placement placement,
        Seq<UnitBinding> units)
    {
        var need = placement.Request.Unit;
        if (!need.NeedsAccelerator) yield break;
        foreach (var unit in units)
        {
            var pool = fleet.FindPool(unit.Node.Pool)!;
            yield return (pool,
                new Amount(need.AcceleratorMilli, pool.UnitMilliwatts(need.AcceleratorMilli, need.CpuMilli)));
        }
    }

    private static bool IsUsable(FleetPool pool) => pool.Sku is not null && Placer.IsActive(pool.Site);

    /// <summary>All that a pool has, drawing all that it can.</summary>
    private static Amount AmountOf(FleetPool pool) => new(
        pool.AcceleratorMilli,
        pool.Nodes * pool.UnitMilliwatts(pool.Spec.AcceleratorsPerNode * 1000L, pool.Spec.CpuMilliPerNode));

    private static void Edit(
        SortedDictionary<(RegionId Region, SkuId Sku), CapacityChange> rows, FleetPool pool, Func<CapacityChange,
            CapacityChange> edit)
    {
        var key = (pool.Region.Id, pool.Sku!.Id);
        rows[key] = edit(rows.TryGetValue(key, out var row) ? row : new CapacityChange(key.Item1, key.Item2));
    }
}
