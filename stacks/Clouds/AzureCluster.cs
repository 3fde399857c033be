using ControlPlane.Regions.Stacks;
using Pulumi;
using Pulumi.Azure.ContainerService.Inputs;
using Authorization = Pulumi.Azure.Authorization;
using ContainerService = Pulumi.Azure.ContainerService;
using Core = Pulumi.Azure.Core;

namespace ControlPlane.Stacks.Clouds;

/// <summary>Declares a Kubernetes cluster on Azure: network, vault and key, control plane and machines.</summary>
internal sealed class AzureCluster : ComponentResource
{
    // Addresses of pods and services lie apart from every private block that a cluster may be given.
    private const string PodBlock = "100.64.0.0/11";
    private const string ServiceBlock = "100.96.0.0/16";
    private const string ServiceNames = "100.96.0.10";

    private readonly AzureClusterPlan plan;
    private readonly CustomResourceOptions options;

    public AzureCluster(AzureClusterPlan plan, Config config)
        : base("control-plane:clouds:AzureCluster", plan.Cluster.Value)
    {
        this.plan = plan;
        var provider = new Pulumi.Azure.Provider(
            plan.Cluster.Value,
            new Pulumi.Azure.ProviderArgs
            {
                Environment = plan.Partition == "azure-us-gov" ? "usgovernment" : "public",
                SubscriptionId = config.Require("azureSubscription"),
            },
            new CustomResourceOptions { Parent = this });
        options = new CustomResourceOptions { Parent = this, Provider = provider };

        var group = new Core.ResourceGroup(plan.Cluster.Value, new Core.ResourceGroupArgs
        {
            Location = plan.ProviderRegion,
            Tags = PlanInputs.Of(plan.Tags),
        }, options);
        var identity = new Authorization.UserAssignedIdentity(
            plan.Cluster.Value,
            new Authorization.UserAssignedIdentityArgs
            {
                ResourceGroupName = group.Name,
                Location = plan.ProviderRegion,
                Tags = PlanInputs.Of(plan.Tags),
            },
            options);
        var network = new AzureNetwork(plan, group, options);
        var keys = new AzureKeys(plan, options) { Group = group, Identity = identity, Network = network };
        keys.Declare();
        var cluster = Cluster(group, identity, network, keys);
        var nodes = new AzureNodes(plan, options) { Group = group, Cluster = cluster, Network = network };
        nodes.Declare();
        var kubernetes = new Pulumi.Kubernetes.Provider(
            plan.Cluster.Value,
            new Pulumi.Kubernetes.ProviderArgs { KubeConfig = cluster.KubeConfigRaw, EnableServerSideApply = true },
            new CustomResourceOptions { Parent = this });
        Made = new MadeCluster(kubernetes, cluster.PrivateFqdn, keys.KeyId);
        RegisterOutputs();
    }

    public MadeCluster Made { get; }

    private ContainerService.KubernetesCluster Cluster(
        Core.ResourceGroup group, Authorization.UserAssignedIdentity identity, AzureNetwork network, AzureKeys keys) =>
        new(plan.Cluster.Value, new ContainerService.KubernetesClusterArgs
        {
            ResourceGroupName = group.Name,
            Location = plan.ProviderRegion,
            KubernetesVersion = plan.KubernetesVersion,
            DnsPrefixPrivateCluster = plan.Cluster.Value,
            PrivateClusterEnabled = true,
            PrivateClusterPublicFqdnEnabled = false,
            PrivateDnsZoneId = "System",
            OidcIssuerEnabled = true,
            WorkloadIdentityEnabled = true,
            RunCommandEnabled = false,
            DiskEncryptionSetId = keys.DiskEncryptionSetId,
            KeyManagementService = new KubernetesClusterKeyManagementServiceArgs { KeyVaultKeyId = keys.KeyId },
            Identity = new KubernetesClusterIdentityArgs { Type = "UserAssigned", IdentityIds = { identity.Id } },
            NetworkProfile = new KubernetesClusterNetworkProfileArgs
            {
                NetworkPlugin = "azure",
                NetworkPluginMode = "overlay",
                NetworkDataPlane = "cilium",
                NetworkPolicy = "cilium",
                OutboundType = plan.Network.EgressBlocks.Count > 0 ? "managedNATGateway" : "none",
                PodCidr = PodBlock,
                ServiceCidr = ServiceBlock,
                DnsServiceIp = ServiceNames,
            },
            DefaultNodePool = new KubernetesClusterDefaultNodePoolArgs
            {
                Name = plan.SystemPool.ShortName,
                VmSize = plan.SystemPool.InstanceType!, // every pool of a cloud has one; the plan sees to it
                NodeCount = plan.SystemPool.Nodes,
                NodePublicIpEnabled = false,
                NodeLabels = PlanInputs.Of(plan.SystemPool.Labels),
                VnetSubnetId = network.NodeSubnetId,
                TemporaryNameForRotation = "rotation",
                Tags = PlanInputs.Tags(plan, plan.SystemPool),
            },
            Tags = PlanInputs.Of(plan.Tags),
        }, After(network.Ready, keys.Ready));

    private CustomResourceOptions After(params Resource[] ready) =>
        CustomResourceOptions.Merge(options, new CustomResourceOptions { DependsOn = ready });
}
