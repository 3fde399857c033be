using ControlPlane.Regions;
using ControlPlane.Workloads;

namespace ControlPlane.Inventory;

/// <summary>Fits existing placements into a newly declared fleet, and names what they would lose.</summary>
internal static class FleetChange
{
    /// <summary>
    /// Takes what the placements use from <paramref name="nodes"/> and adds their power to
    /// <paramref name="milliwatts"/> by site.
    /// </summary>
    /// <returns>One <c>in-use</c> problem for each pool or site that would be too small; none when all fits.</returns>
    public static Seq<Problem> Fit(
        FleetStep step, NodeColumns nodes, long[] milliwatts, IEnumerable<Placement> placements)
    {
        var next = step.After;
        var lost = new SortedDictionary<NodePoolId, int>();
        foreach (var placement in placements)
        {
            var need = placement.Request.Unit;
            var losesUnits = new SortedSet<NodePoolId>();
            foreach (var unit in placement.Occupied)
            {
                if (next.FindPool(unit.Node.Pool) is not { } pool || !Stays(step.Before, pool, unit, need))
                {
                    losesUnits.Add(unit.Node.Pool);
                    continue;
                }

                nodes.Take(pool.Index, unit, need);
                if (!nodes.IsSound(pool.Index, unit.Node.Ordinal)) losesUnits.Add(unit.Node.Pool);
                milliwatts[pool.Site.Index] += pool.UnitMilliwatts(need.AcceleratorMilli, need.CpuMilli);
            }

            if (placement.Request.Kind == WorkloadKind.Gang && losesUnits.Count == 0 && IsTorn(next, placement.Units))
                losesUnits.Add(placement.Units[0].Node.Pool);
            foreach (var pool in losesUnits) lost[pool] = lost.GetValueOrDefault(pool) + 1;
        }

        var problems = new List<Problem>();
        foreach (var (pool, count) in lost)
        {
            problems.Add(new Problem("in-use", $"nodePools.{pool}",
                $"{count} placement(s) use nodes, accelerators or room that would be gone or stand elsewhere; "
                    + "release or move them first"));
        }

        foreach (var site in next.Sites)
        {
            var contract = site.FacilityMilliwattsAt(step.AsOf);
            if (milliwatts[site.Index] > contract)
            {
                problems.Add(new Problem("in-use", $"sites.{site.Id}.power",
                    $"placements draw {milliwatts[site.Index] / 1_000_000} kW, "
                        + $"the contract would give {contract / 1_000_000} kW"));
            }
        }

        return problems.ToSeq();
    }

    /// <summary>
    /// Whether a unit still has its node and accelerators, where they were. A pool of the same name in another cluster
    /// or with another model is another pool.
    /// </summary>
    public static bool Stays(Fleet before, FleetPool pool, in UnitBinding unit, UnitNeed need) =>
        unit.Node.Ordinal < pool.Nodes
        && (pool.Spec.AcceleratorsPerNode >= 64 || unit.Devices >> pool.Spec.AcceleratorsPerNode == 0)
        && before.FindPool(pool.Id) is { } old
        && (old.Cluster.Id, old.Site.Id, old.Region.Id) == (pool.Cluster.Id, pool.Site.Id, pool.Region.Id)
        && (!need.NeedsAccelerator || old.Sku?.Id == pool.Sku?.Id)
        && (need.Fabric is not { } fabric || pool.Spec.Fabric == fabric);

    /// <summary>Whether the members of a gang would no longer share a fabric domain.</summary>
    public static bool IsTorn(Fleet next, Seq<UnitBinding> units)
    {
        var perDomain = next.FindPool(units[0].Node.Pool)!.Spec.NodesPerFabricDomain;
        return units.Any(unit => unit.Node.Ordinal / perDomain != units[0].Node.Ordinal / perDomain);
    }
}

/// <summary>A change of the declared fleet at an instant.</summary>
internal sealed record FleetStep(Fleet Before, Fleet After, DateTimeOffset AsOf);
