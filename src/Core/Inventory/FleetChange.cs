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
        Fleet next, NodeColumns nodes, long[] milliwatts, IEnumerable<Placement> placements, DateTimeOffset asOf)
    {
        var lost = new SortedDictionary<NodePoolId, int>();
        foreach (var placement in placements)
        {
            var need = placement.Request.Unit;
            var losesUnits = new SortedSet<NodePoolId>();
            foreach (var unit in placement.Units)
            {
                if (next.FindPool(unit.Node.Pool) is not { } pool || !Exists(pool, unit, need))
                {
                    losesUnits.Add(unit.Node.Pool);
                    continue;
                }

                nodes.Take(pool.Index, unit, need);
                if (!nodes.IsSound(pool.Index, unit.Node.Ordinal)) losesUnits.Add(unit.Node.Pool);
                milliwatts[pool.Site.Index] += pool.UnitMilliwatts(need.AcceleratorMilli, need.CpuMilli);
            }

            foreach (var pool in losesUnits) lost[pool] = lost.GetValueOrDefault(pool) + 1;
        }

        var problems = new List<Problem>();
        foreach (var (pool, count) in lost)
        {
            problems.Add(new Problem("in-use", $"nodePools.{pool}",
                $"{count} placement(s) use nodes, accelerators or room that would be gone; release or move them first"));
        }

        foreach (var site in next.Sites)
        {
            var contract = site.FacilityMilliwattsAt(asOf);
            if (milliwatts[site.Index] > contract)
            {
                problems.Add(new Problem("in-use", $"sites.{site.Id}.power",
                    $"placements draw {milliwatts[site.Index] / 1_000_000} kW, the contract would give {contract / 1_000_000} kW"));
            }
        }

        return problems.ToSeq();
    }

    private static bool Exists(FleetPool pool, in UnitBinding unit, UnitNeed need) =>
        unit.Node.Ordinal < pool.Nodes
        && (unit.Devices == 0 || (unit.Devices >> pool.Spec.AcceleratorsPerNode) == 0 || pool.Spec.AcceleratorsPerNode == 64)
        && (need.Skus.Count == 0 || (pool.Sku is { } sku && need.Skus.Contains(sku.Id)));
}
