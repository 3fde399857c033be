using ControlPlane.Regions.Stacks;
using Pulumi;

namespace ControlPlane.Stacks.Clouds;

/// <summary>
/// Reaches a cluster that stands already, on an operator's own floor or with a provider that has no stack.
/// </summary>
internal sealed class OnPremCluster : ComponentResource
{
    public OnPremCluster(OnPremClusterPlan plan, Config config)
        : base("control-plane:clouds:OnPremCluster", plan.Cluster.Value)
    {
        var provider = new Pulumi.Kubernetes.Provider(
            plan.Cluster.Value,
            new Pulumi.Kubernetes.ProviderArgs
            {
                KubeConfig = config.RequireSecret($"kubeconfig-{plan.Cluster}"),
                EnableServerSideApply = true,
            },
            new CustomResourceOptions { Parent = this });
        Made = new MadeCluster(provider, Output.Create(""), Output.Create(""));
        RegisterOutputs();
    }

    public MadeCluster Made { get; }
}
