using ControlPlane.Regions;
using ControlPlane.Workloads;

namespace ControlPlane.Capacity;

/// <summary>
/// The joint plan for displaced units: how many of each workload go to which pool, higher priority first.
/// </summary>
internal sealed record RescuePlan(List<(Displaced Item, FleetPool Pool, int Units)> Shares, double GapToBound)
{
    /// <summary>Times that rooms are cut down when pools of one site together want more power than it has.</summary>
    private const int MostCuts = 8;

    /// <summary>Plans units that all need accelerators, or that all need none.</summary>
    public static RescuePlan For(Rescue rescue, List<Displaced> displaced)
    {
        if (displaced.Count == 0) return new([], 0);
        var pools = displaced.SelectMany(item => rescue.OpenTo(item.Request))
            .Distinct()
            .OrderBy(pool => pool.Index)
            .ToList();
        var needsAccelerator = displaced[0].Request.Unit.NeedsAccelerator;
        var rooms = pools.ToDictionary(pool => pool, pool => needsAccelerator
            ? rescue.After.Nodes.FreeAcceleratorMilli(pool.Index)
            : rescue.After.Nodes.FreeCpuMilli(pool.Index));
        for (var cut = 0; ; cut++)
        {
            var problem = new ReplanProblem();
            foreach (var pool in pools) problem.AddTarget(rooms[pool]);
            var classes = Classes(rescue, displaced, problem, pools);
            var plan = Replan.Solve(problem);
            if (cut == MostCuts || !CutToPower(rescue, (classes, plan), pools, rooms))
                return new(SharesOf(classes, plan, pools), plan.GapToBound);
        }
    }

    private static List<List<Displaced>> Classes(
        Rescue rescue, List<Displaced> displaced, ReplanProblem problem, List<FleetPool> pools)
    {
        var index = pools.Select((pool, place) => (pool, place)).ToDictionary(item => item.pool, item => item.place);
        var classes = new List<List<Displaced>>();
        foreach (var group in displaced.GroupBy(item => (DemandClass.Of(item.Request), item.Request.Priority)))
        {
            // One entry for each item: a gang, or one unit of anything else.
            var items = group.SelectMany(item => IsOne(item) ? [item] : Enumerable.Repeat(item, item.Moving.Count))
                .ToList();
            var request = items[0].Request;
            var arcs = rescue.OpenTo(request).Select(pool => new ReplanArc(index[pool], rescue.CostAt(pool, request)));
            problem.AddClass(group.Key.Priority, [.. items.Select(SizeOf)], [.. arcs]);
            classes.Add(items);
        }

        return classes;
    }

    private static bool IsOne(Displaced item) => item.Request.Kind == WorkloadKind.Gang;

    private static long SizeOf(Displaced item)
    {
        var need = item.Request.Unit;
        // Work without anything that is counted still counts as something.
        var unit = need.NeedsAccelerator ? need.AcceleratorMilli : Math.Max(1, need.CpuMilli);
        return IsOne(item) ? unit * item.Moving.Count : unit;
    }

    /// <summary>Cuts the rooms of pools at sites whose power the plan exceeds; false when it exceeds none.</summary>
    private static bool CutToPower(
        Rescue rescue, (List<List<Displaced>> Classes, ReplanPlan Plan) planned, List<FleetPool> pools,
        Dictionary<FleetPool, long> rooms)
    {
        var draw = new Dictionary<FleetSite, (long Milliwatts, PlacementRequest Top)>();
        var amount = new long[pools.Count];
        for (var index = 0; index < planned.Classes.Count; index++)
        {
            for (var item = 0; item < planned.Classes[index].Count; item++)
            {
                if (planned.Plan.TargetOf(index, item) is not { } target) continue;
                var displaced = planned.Classes[index][item];
                var need = displaced.Request.Unit;
                var units = IsOne(displaced) ? displaced.Moving.Count : 1;
                var milliwatts = units * pools[target].UnitMilliwatts(need.AcceleratorMilli, need.CpuMilli);
                var (sum, top) = draw.GetValueOrDefault(pools[target].Site, (0, displaced.Request));
                // Caps open with priority, so the highest has the most.
                if (displaced.Request.Priority > top.Priority) top = displaced.Request;
                draw[pools[target].Site] = (sum + milliwatts, top);
                amount[target] += SizeOf(displaced);
            }
        }

        var cut = false;
        foreach (var (site, (milliwatts, top)) in draw)
        {
            var left = rescue.PowerLeft(site, top);
            if (milliwatts <= left) continue;
            for (var index = 0; index < pools.Count; index++)
            {
                if (pools[index].Site == site) rooms[pools[index]] = (long)((decimal)amount[index] * left / milliwatts);
            }

            cut = true;
        }

        return cut;
    }

    private static List<(Displaced, FleetPool, int)> SharesOf(
        List<List<Displaced>> classes, ReplanPlan plan, List<FleetPool> pools)
    {
        var shares = new Dictionary<(Displaced Item, int Target), int>();
        for (var index = 0; index < classes.Count; index++)
        {
            for (var item = 0; item < classes[index].Count; item++)
            {
                if (plan.TargetOf(index, item) is not { } target) continue;
                var displaced = classes[index][item];
                var key = (displaced, target);
                shares[key] = shares.GetValueOrDefault(key) + (IsOne(displaced) ? displaced.Moving.Count : 1);
            }
        }

        return [.. shares
            .OrderByDescending(share => share.Key.Item.Request.Priority)
            .ThenByDescending(share => share.Key.Item.Request.Unit.AcceleratorMilli)
            .ThenBy(share => share.Key.Item.Placement.Id.Value).ThenBy(share => share.Key.Target)
            .Select(share => (share.Key.Item, pools[share.Key.Target], share.Value))];
    }
}
