using ControlPlane.Regions.Stacks;
using Pulumi;
using Core = Pulumi.Azure.Core;
using Network = Pulumi.Azure.Network;

namespace ControlPlane.Stacks.Clouds;

/// <summary>Declares the private network of a cluster on Azure. Subnets there span all zones.</summary>
internal sealed class AzureNetwork
{
    private readonly Network.Subnet nodes;

    public AzureNetwork(AzureClusterPlan plan, Core.ResourceGroup group, CustomResourceOptions options)
    {
        var network = new Network.VirtualNetwork(plan.Cluster.Value, new Network.VirtualNetworkArgs
        {
            ResourceGroupName = group.Name,
            Location = plan.ProviderRegion,
            AddressSpaces = { plan.Network.Block },
            Tags = PlanInputs.Of(plan.Tags),
        }, options);
        nodes = new Network.Subnet($"{plan.Cluster}-nodes", new Network.SubnetArgs
        {
            ResourceGroupName = group.Name,
            VirtualNetworkName = network.Name,
            AddressPrefixes = { plan.Network.NodeBlocks[0] },
            ServiceEndpoints = { "Microsoft.KeyVault" },
            DefaultOutboundAccessEnabled = false,
        }, options);
        // A group without rules of its own lets nothing in from the internet.
        var security = new Network.NetworkSecurityGroup($"{plan.Cluster}-nodes", new Network.NetworkSecurityGroupArgs
        {
            ResourceGroupName = group.Name,
            Location = plan.ProviderRegion,
            Tags = PlanInputs.Of(plan.Tags),
        }, options);
        Ready = new Network.SubnetNetworkSecurityGroupAssociation(
            $"{plan.Cluster}-nodes",
            new Network.SubnetNetworkSecurityGroupAssociationArgs
            {
                NetworkSecurityGroupId = security.Id,
                SubnetId = nodes.Id,
            },
            options);
    }

    public Output<string> NodeSubnetId => nodes.Id;

    /// <summary>What has to stand before machines come into the network.</summary>
    public Resource Ready { get; }
}
