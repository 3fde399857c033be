using ControlPlane.Regions.Stacks;
using Pulumi;
using Pulumi.Aws;
using Pulumi.Aws.Ec2.Inputs;
using Ec2 = Pulumi.Aws.Ec2;

namespace ControlPlane.Stacks.Clouds;

/// <summary>Declares the private network of a cluster on AWS: subnets, ways out, and doors to the provider.</summary>
internal sealed class AwsNetwork
{
    // What nodes need of AWS itself; each is reached inside the network instead of over the internet.
    private static readonly string[] Doors =
        ["ec2", "ecr.api", "ecr.dkr", "eks", "eks-auth", "elasticloadbalancing", "kms", "sts"];

    private readonly AwsClusterPlan plan;
    private readonly CustomResourceOptions options;
    private readonly Ec2.Vpc vpc;
    private readonly List<Ec2.Subnet> nodeSubnets = [];
    private readonly List<Ec2.RouteTable> tables = [];

    public AwsNetwork(AwsClusterPlan plan, CustomResourceOptions options)
    {
        (this.plan, this.options) = (plan, options);
        vpc = new Ec2.Vpc(plan.Cluster.Value, new Ec2.VpcArgs
        {
            CidrBlock = plan.Network.Block,
            EnableDnsHostnames = true,
            EnableDnsSupport = true,
            Tags = PlanInputs.Of(plan.Tags),
        }, options);
        var zones = GetAvailabilityZones.Invoke(
            new GetAvailabilityZonesInvokeArgs { State = "available", Region = plan.ProviderRegion },
            new InvokeOptions { Parent = options.Parent, Provider = options.Provider });
        var gateway = plan.Network.EgressBlocks.Count == 0 ? null : Gateway();
        for (var index = 0; index < plan.Network.NodeBlocks.Count; index++)
        {
            var place = index;
            var zone = zones.Apply(result => result.Names[place]);
            var table = Routes($"nodes-{index}", gateway is null ? null : WayOut(index, zone, gateway));
            nodeSubnets.Add(Subnet($"nodes-{index}", plan.Network.NodeBlocks[index], zone, table));
            tables.Add(table);
        }

        OpenDoors();
    }

    /// <summary>Subnets of nodes, one for each zone.</summary>
    public InputList<string> NodeSubnetIds => IdsOf(nodeSubnets);

    /// <summary>
    /// Subnets of a pool: all zones, or one where machines stand close or lie in a zone of their own.
    /// </summary>
    public InputList<string> SubnetIdsOf(PoolPlan pool)
    {
        if (pool is { OwnBlock: { } block, Capacity: { } capacity })
            return IdsOf([Subnet(pool.ShortName, block, capacity.Zone, tables[0])]);
        return pool.StandsClose ? IdsOf([nodeSubnets[0]]) : NodeSubnetIds;
    }

    private static InputList<string> IdsOf(IEnumerable<Ec2.Subnet> subnets)
    {
        var ids = new InputList<string>();
        foreach (var subnet in subnets) ids.Add(subnet.Id);
        return ids;
    }

    private Ec2.InternetGateway Gateway() =>
        new(plan.Cluster.Value, new Ec2.InternetGatewayArgs
        {
            VpcId = vpc.Id,
            Tags = PlanInputs.Of(plan.Tags),
        }, options);

    private Ec2.NatGateway WayOut(int index, Input<string> zone, Ec2.InternetGateway gateway)
    {
        var table = Routes($"egress-{index}", null, gateway);
        var subnet = Subnet($"egress-{index}", plan.Network.EgressBlocks[index], zone, table);
        var address = new Ec2.Eip($"{plan.Cluster}-egress-{index}", new Ec2.EipArgs
        {
            Domain = "vpc",
            Tags = PlanInputs.Of(plan.Tags),
        }, options);
        return new Ec2.NatGateway($"{plan.Cluster}-egress-{index}", new Ec2.NatGatewayArgs
        {
            AllocationId = address.Id,
            SubnetId = subnet.Id,
            Tags = PlanInputs.Of(plan.Tags),
        }, options);
    }

    private Ec2.RouteTable Routes(string name, Ec2.NatGateway? translation, Ec2.InternetGateway? gateway = null)
    {
        var routes = new InputList<RouteTableRouteArgs>();
        if (translation is not null)
            routes.Add(new RouteTableRouteArgs { CidrBlock = "0.0.0.0/0", NatGatewayId = translation.Id });
        if (gateway is not null)
            routes.Add(new RouteTableRouteArgs { CidrBlock = "0.0.0.0/0", GatewayId = gateway.Id });
        return new Ec2.RouteTable($"{plan.Cluster}-{name}", new Ec2.RouteTableArgs
        {
            VpcId = vpc.Id,
            Routes = routes,
            Tags = PlanInputs.Of(plan.Tags),
        }, options);
    }

    private Ec2.Subnet Subnet(string name, string block, Input<string> zone, Ec2.RouteTable table)
    {
        var subnet = new Ec2.Subnet($"{plan.Cluster}-{name}", new Ec2.SubnetArgs
        {
            VpcId = vpc.Id,
            CidrBlock = block,
            AvailabilityZone = zone,
            MapPublicIpOnLaunch = false,
            Tags = PlanInputs.Of(plan.Tags),
        }, options);
        _ = new Ec2.RouteTableAssociation($"{plan.Cluster}-{name}", new Ec2.RouteTableAssociationArgs
        {
            RouteTableId = table.Id,
            SubnetId = subnet.Id,
        }, options);
        return subnet;
    }

    private void OpenDoors()
    {
        var inside = new Ec2.SecurityGroup($"{plan.Cluster}-doors", new Ec2.SecurityGroupArgs
        {
            VpcId = vpc.Id,
            Description = "Doors to the provider, for the cluster's own addresses",
            Ingress =
            {
                new SecurityGroupIngressArgs
                {
                    Protocol = "tcp",
                    FromPort = 443,
                    ToPort = 443,
                    CidrBlocks = { plan.Network.Block },
                },
            },
            Tags = PlanInputs.Of(plan.Tags),
        }, options);
        foreach (var door in Doors)
        {
            _ = new Ec2.VpcEndpoint($"{plan.Cluster}-{door}", new Ec2.VpcEndpointArgs
            {
                VpcId = vpc.Id,
                ServiceName = $"com.amazonaws.{plan.ProviderRegion}.{door}",
                VpcEndpointType = "Interface",
                PrivateDnsEnabled = true,
                SubnetIds = NodeSubnetIds,
                SecurityGroupIds = { inside.Id },
                Tags = PlanInputs.Of(plan.Tags),
            }, options);
        }

        var tableIds = new InputList<string>();
        foreach (var table in tables) tableIds.Add(table.Id);
        _ = new Ec2.VpcEndpoint($"{plan.Cluster}-s3", new Ec2.VpcEndpointArgs
        {
            VpcId = vpc.Id,
            ServiceName = $"com.amazonaws.{plan.ProviderRegion}.s3",
            VpcEndpointType = "Gateway",
            RouteTableIds = tableIds,
            Tags = PlanInputs.Of(plan.Tags),
        }, options);
    }
}
