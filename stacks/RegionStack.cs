using System.Collections.Immutable;
using ControlPlane.Inventory;
using ControlPlane.Regions.Stacks;
using ControlPlane.Stacks.Clouds;
using ControlPlane.Stacks.Platform;
using Pulumi;

namespace ControlPlane.Stacks;

/// <summary>Declares the clusters of the region that the stack is named after.</summary>
internal sealed class RegionStack : Stack
{
    public RegionStack()
    {
        var config = new Config();
        var plan = RegionSource.Plan(Deployment.Instance.StackName, config, DateTimeOffset.UtcNow);
        foreach (var left in plan.LeftOut) Log.Info($"{left.Name} is left out: {left.Because}");
        Region = Output.Create(plan.Region.Value);
        Jurisdiction = Output.Create(plan.Jurisdiction.Value);
        SchemaVersion = Output.Create(StackOutput.Version);
        Clusters = Output.All(plan.Clusters.Select(cluster => Declare(cluster, config)));
    }

    /// <summary>Version of the form of the outputs.</summary>
    [Output("schemaVersion")]
    public Output<int> SchemaVersion { get; set; }

    [Output("region")]
    public Output<string> Region { get; set; }

    [Output("jurisdiction")]
    public Output<string> Jurisdiction { get; set; }

    /// <summary>What was made, one entry for each cluster, as the control plane imports it.</summary>
    [Output("clusters")]
    public Output<ImmutableArray<ImmutableDictionary<string, object>>> Clusters { get; set; }

    private static Output<ImmutableDictionary<string, object>> Declare(ClusterPlan plan, Config config)
    {
        var made = plan switch
        {
            AwsClusterPlan aws => new AwsCluster(aws).Made,
            AzureClusterPlan azure => new AzureCluster(azure, config).Made,
            OnPremClusterPlan onPrem => new OnPremCluster(onPrem, config).Made,
            _ => throw new System.Diagnostics.UnreachableException(),
        };
        _ = new ClusterPlatform(plan, made, config.RequireSecret("joinToken"));
        return ClusterOutputs.Of(plan, made);
    }
}
