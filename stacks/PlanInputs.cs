using ControlPlane.Regions.Stacks;
using Pulumi;

namespace ControlPlane.Stacks;

/// <summary>Writes entries of a plan as inputs of resources.</summary>
internal static class PlanInputs
{
    public static InputMap<string> Of(IEnumerable<PlanEntry> entries)
    {
        var map = new InputMap<string>();
        foreach (var entry in entries) map.Add(entry.Name, entry.Value);
        return map;
    }

    /// <summary>Tags of a cluster, and the pool that a resource stands for.</summary>
    public static InputMap<string> Tags(ClusterPlan cluster, PoolPlan pool) =>
        Of(cluster.Tags.Append(new PlanEntry(PlanTags.Pool, pool.Pool.Value)));
}
