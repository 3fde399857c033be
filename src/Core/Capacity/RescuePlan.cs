using ControlPlane.Regions;
using ControlPlane.Workloads;

namespace ControlPlane.Capacity;

/// <summary>
/// The joint plan for displaced units: how many of each workload go to which pool, higher priority first.
/// </summary>
/// <param name="Shares">Higher priority first.</param>
/// <param name="Bound">Amount by priority that is served when work is split and only law and room count; nothing
/// serves more.</param>
internal sealed record RescuePlan(List<RescueShare> Shares, IReadOnlyDictionary<int, long> Bound)
{
    /// <summary>Times that rooms are cut down when pools of one site together want more power than it has.</summary>
    private const int MostCuts = 8;

    /// <summary>Plans units that all need accelerators, or that all need none.</summary>
    public static RescuePlan For(RescueRoom rescue, List<Displaced> displaced)
    {
        var pools = displaced.SelectMany(item => rescue.OpenTo(item.Request))
            .Distinct()
            .OrderBy(pool => pool.Index)
            .ToList();
        var needsAccelerator = displaced[0].Request.Unit.NeedsAccelerator;
        var rooms = pools.ToDictionary(pool => pool, pool => needsAccelerator
            ? ReadyRoom.FreeMilli(rescue.After, pool)
            : ReadyRoom.FreeCpuMilli(rescue.After, pool));
        IReadOnlyDictionary<int, long>? bound = null;
        for (var cut = 0; ; cut++)
        {
            var problem = new ReplanProblem();
            foreach (var pool in pools) problem.AddTarget(rooms[pool]);
            var classes = Classes(rescue, displaced, problem, pools);
            var plan = Replan.Solve(problem);
            bound ??= plan.BoundByPriority;
            if (cut == MostCuts || !CutToPower(rescue, (classes, plan), pools, rooms))
                return new(SharesOf(classes, plan, pools), bound);
        }
    }

    private static List<List<Displaced>> Classes(
        RescueRoom rescue, List<Displaced> displaced, ReplanProblem problem, List<FleetPool> pools)
    {
        var index = pools.Select((pool, place) => (pool, place)).ToDictionary(item => item.pool, item => item.place);
        var classes = new List<List<Displaced>>();
        foreach (var group in displaced.GroupBy(item => (DemandClass.Of(item.Request), item.Request.Priority)))
        {
            // One entry for each item: a gang, or one unit of anything else.
            var items = group.SelectMany(item => item.IsOne ? [item] : Enumerable.Repeat(item, item.Moving.Count))
                .ToList();
            var request = items[0].Request;
            var arcs = rescue.OpenTo(request).Select(pool => new ReplanArc(index[pool], rescue.CostAt(pool, request)));
            problem.AddClass(group.Key.Priority, [.. items.Select(SizeOf)], [.. arcs]);
            classes.Add(items);
        }

        return classes;
    }

    private static long SizeOf(Displaced item) => item.IsOne ? item.UnitAmount * item.Moving.Count : item.UnitAmount;

    /// <summary>Cuts the rooms of pools at sites whose power the plan exceeds; false when it exceeds none.</summary>
    private static bool CutToPower(
        RescueRoom rescue, (List<List<Displaced>> Classes, ReplanPlan Plan) planned, List<FleetPool> pools,
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
                var units = displaced.IsOne ? displaced.Moving.Count : 1;
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
            var left = rescue.PowerLeft(site, top).Milliwatts;
            if (milliwatts <= left) continue;
            for (var index = 0; index < pools.Count; index++)
            {
                if (pools[index].Site == site) rooms[pools[index]] = (long)((decimal)amount[index] * left / milliwatts);
            }

            cut = true;
        }

        return cut;
    }

    private static List<RescueShare> SharesOf(
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
                shares[key] = shares.GetValueOrDefault(key) + (displaced.IsOne ? displaced.Moving.Count : 1);
            }
        }

        return [.. shares
            .OrderByDescending(share => share.Key.Item.Request.Priority)
            .ThenByDescending(share => share.Key.Item.Request.Unit.AcceleratorMilli)
            .ThenBy(share => share.Key.Item.Placement.Id.Value).ThenBy(share => share.Key.Target)
            .Select(share => new RescueShare(share.Key.Item, pools[share.Key.Target], share.Value))];
    }
}
