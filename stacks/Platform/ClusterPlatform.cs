using ControlPlane.Regions.Stacks;
using Pulumi;
using Pulumi.Kubernetes.Types.Inputs.Core.V1;
using Pulumi.Kubernetes.Types.Inputs.Helm.V3;
using Pulumi.Kubernetes.Types.Inputs.Meta.V1;
using Pulumi.Kubernetes.Types.Inputs.Scheduling.V1;
using Core = Pulumi.Kubernetes.Core.V1;
using Helm = Pulumi.Kubernetes.Helm.V3;
using Scheduling = Pulumi.Kubernetes.Scheduling.V1;

namespace ControlPlane.Stacks.Platform;

/// <summary>Declares what runs on every cluster before any tenant's work, and the tenants' own spaces.</summary>
internal sealed class ClusterPlatform : ComponentResource
{
    private const int ReleasePatienceSeconds = 600;

    private readonly ClusterPlan plan;
    private readonly CustomResourceOptions options;

    public ClusterPlatform(ClusterPlan plan, MadeCluster made, Output<string> joinToken)
        : base("control-plane:platform:ClusterPlatform", plan.Cluster.Value)
    {
        this.plan = plan;
        options = new CustomResourceOptions { Parent = this, Provider = made.Kubernetes };
        var system = new Core.Namespace($"{plan.Cluster}-system", new NamespaceArgs
        {
            Metadata = new ObjectMetaArgs
            {
                Name = PlatformPlan.SystemNamespace,
                Labels = PlanInputs.Of(plan.Tags),
            },
        }, options);
        foreach (var band in plan.Platform.Bands) Band(band);
        foreach (var plugin in plan.Platform.DevicePlugins) Plugin(plugin, system);
        var agent = new SiteAgentParts(plan, options, system, joinToken);
        foreach (var tenant in plan.Platform.Tenants) _ = new TenantSpace(plan, tenant, options, agent);
        RegisterOutputs();
    }

    private void Band(PriorityBand band) =>
        _ = new Scheduling.PriorityClass($"{plan.Cluster}-{band.Name}", new PriorityClassArgs
        {
            Metadata = new ObjectMetaArgs { Name = band.Name },
            Value = band.Value,
            GlobalDefault = band.IsDefault,
            PreemptionPolicy = band.Preempts ? "PreemptLowerPriority" : "Never",
            Description = $"Requests with priority {band.From} and above",
        }, options);

    private void Plugin(DevicePlugin plugin, Core.Namespace system)
    {
        var args = new ReleaseArgs
        {
            Chart = plugin.Chart,
            Version = plugin.Version,
            Namespace = system.Metadata.Apply(metadata => metadata.Name),
            Atomic = true,
            Timeout = ReleasePatienceSeconds,
        };
        if (plugin.Repository is { } repository) args.RepositoryOpts = new RepositoryOptsArgs { Repo = repository };
        _ = new Helm.Release($"{plan.Cluster}-{plugin.Vendor}", args, options);
    }
}
