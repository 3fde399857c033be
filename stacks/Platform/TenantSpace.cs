using ControlPlane.Regions.Stacks;
using Pulumi;
using Pulumi.Kubernetes.Types.Inputs.Core.V1;
using Pulumi.Kubernetes.Types.Inputs.Meta.V1;
using Pulumi.Kubernetes.Types.Inputs.Networking.V1;
using Core = Pulumi.Kubernetes.Core.V1;
using Networking = Pulumi.Kubernetes.Networking.V1;

namespace ControlPlane.Stacks.Platform;

/// <summary>
/// Declares a tenant's namespace: what it may hold, and that nothing reaches it which nothing allows.
/// </summary>
internal sealed class TenantSpace : ComponentResource
{
    public TenantSpace(ClusterPlan plan, TenantPlan tenant, CustomResourceOptions outer, SiteAgentParts agent)
        : base(
            "control-plane:platform:TenantSpace",
            $"{plan.Cluster}-{tenant.Tenant}",
            new ComponentResourceOptions { Parent = outer.Parent })
    {
        var name = $"{plan.Cluster}-{tenant.Tenant}";
        var options = new CustomResourceOptions { Parent = this, Provider = outer.Provider };
        var space = new Core.Namespace(name, new NamespaceArgs
        {
            Metadata = new ObjectMetaArgs
            {
                Name = tenant.Namespace,
                Labels = PlanInputs.Of(plan.Tags.Append(new PlanEntry(PlanTags.Tenant, tenant.Tenant.Value))),
            },
        }, options);
        var inside = CustomResourceOptions.Merge(options, new CustomResourceOptions { DependsOn = { space } });
        _ = new Core.ResourceQuota(name, new ResourceQuotaArgs
        {
            Metadata = Metadata("quota", tenant),
            Spec = new ResourceQuotaSpecArgs { Hard = PlanInputs.Of(tenant.Quota) },
        }, inside);
        _ = new Networking.NetworkPolicy($"{name}-deny", new NetworkPolicyArgs
        {
            Metadata = Metadata("deny-all", tenant),
            Spec = new NetworkPolicySpecArgs
            {
                PodSelector = new LabelSelectorArgs(),
                PolicyTypes = { "Ingress", "Egress" },
            },
        }, inside);
        _ = new Networking.NetworkPolicy($"{name}-names", new NetworkPolicyArgs
        {
            Metadata = Metadata("allow-names-and-own", tenant),
            Spec = NamesAndOwn(),
        }, inside);
        agent.Admit(tenant, inside);
        RegisterOutputs();
    }

    private static ObjectMetaArgs Metadata(string name, TenantPlan tenant) =>
        new() { Name = name, Namespace = tenant.Namespace };

    // Work finds names and its own kind; anything else is asked for by the tenant.
    private static NetworkPolicySpecArgs NamesAndOwn() => new()
    {
        PodSelector = new LabelSelectorArgs(),
        PolicyTypes = { "Ingress", "Egress" },
        Ingress =
        {
            new NetworkPolicyIngressRuleArgs
            {
                From = { new NetworkPolicyPeerArgs { PodSelector = new LabelSelectorArgs() } },
            },
        },
        Egress =
        {
            new NetworkPolicyEgressRuleArgs
            {
                To = { new NetworkPolicyPeerArgs { PodSelector = new LabelSelectorArgs() } },
            },
            new NetworkPolicyEgressRuleArgs
            {
                To =
                {
                    new NetworkPolicyPeerArgs
                    {
                        NamespaceSelector = new LabelSelectorArgs
                        {
                            MatchLabels = { { "kubernetes.io/metadata.name", "kube-system" } },
                        },
                    },
                },
                Ports =
                {
                    new NetworkPolicyPortArgs { Protocol = "UDP", Port = 53 },
                    new NetworkPolicyPortArgs { Protocol = "TCP", Port = 53 },
                },
            },
        },
    };
}
