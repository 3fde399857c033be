using ControlPlane.Workloads;

namespace ControlPlane.Policies;

/// <summary>
/// Finds what the law denies where it runs. Placements whose requests differ in name only are judged once for each
/// pool, so that a million take about as long as it takes to read two columns of numbers.
/// </summary>
internal static class LawScan
{
    /// <summary>Every placement that <see cref="Law.IsLawful"/> says is unlawful, in no order.</summary>
    public static List<Placement> Unlawful(World world, Law law, DateTimeOffset asOf)
    {
        if (law.HasDemands) return [.. world.Placements.Where(placement => !law.IsLawful(placement, asOf))];
        var columns = world.Columns;
        var unlawful = new List<Placement>();
        var lawful = columns.Requests
            .Select(request => request is null ? null : law.LawfulPools(LawSubject.Of(request), asOf))
            .ToArray();
        // A pool that is not declared is no place to judge.
        var indexes = columns.PoolIds
            .Select(id => id.Value is null ? -1 : world.Fleet.FindPool(id)?.Index ?? -1)
            .ToArray();
        var row = 0;
        foreach (var (requests, pools) in columns.Chunks())
        {
            var ofRequests = requests.Span;
            var ofPools = pools.Span;
            for (var at = 0; at < ofRequests.Length; at++, row++)
            {
                var pool = indexes[ofPools[at]];
                // A request that a row refers to is there.
                if (pool >= 0 && !lawful[ofRequests[at]]!.Contains(pool)) unlawful.Add(columns.PlacementAt(row));
            }
        }

        unlawful.AddRange(columns.Others.Where(placement => !law.IsLawful(placement, asOf)));
        return unlawful;
    }
}
