using System.Collections.Immutable;
using ControlPlane.Regions.Stacks;
using Pulumi;

namespace ControlPlane.Stacks;

/// <summary>Writes what was made in the form that the control plane imports.</summary>
internal static class ClusterOutputs
{
    public static Output<ImmutableDictionary<string, object>> Of(ClusterPlan plan, MadeCluster made) =>
        Output.Tuple(made.Endpoint, made.KeyId).Apply(known => Given(
        [
            new("cluster", plan.Cluster.Value),
            new("site", plan.Site.Value),
            new("provider", plan.Provider),
            new("providerRegion", plan.ProviderRegion),
            new("endpoint", known.Item1),
            new("keyId", known.Item2),
            new("nodePools", plan.Pools.Select(Pool).ToImmutableArray()),
            new("tenants", plan.Platform.Tenants.Select(tenant => tenant.Tenant.Value).ToImmutableArray()),
        ]));

    private static ImmutableDictionary<string, object> Pool(PoolPlan pool) => Given(
    [
        new("pool", pool.Pool.Value),
        new("instanceType", pool.InstanceType ?? ""),
        new("nodes", pool.Nodes),
        new("acceleratorsPerNode", pool.AcceleratorsPerNode),
    ]);

    // What a cluster does not have is left out rather than said to be empty.
    private static ImmutableDictionary<string, object> Given(KeyValuePair<string, object>[] fields) =>
        fields.Where(field => field.Value is not "").ToImmutableDictionary(StringComparer.Ordinal);
}
