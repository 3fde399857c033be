using System.Globalization;
using ControlPlane.Regions;
using ControlPlane.Regions.Stacks;
using Pulumi;
using Pulumi.Aws.Ec2.Inputs;
using Pulumi.Aws.Eks.Inputs;
using Ec2 = Pulumi.Aws.Ec2;
using Eks = Pulumi.Aws.Eks;
using Iam = Pulumi.Aws.Iam;
using Kms = Pulumi.Aws.Kms;

namespace ControlPlane.Stacks.Clouds;

/// <summary>
/// Declares the machines of a cluster on AWS, pool by pool, with the capacity that was bought for them.
/// </summary>
internal sealed class AwsNodes(AwsClusterPlan plan, AwsNetwork network, CustomResourceOptions options)
{
    private const int RootDiskGibibytes = 200;

    public required Eks.Cluster Cluster { get; init; }

    public required Kms.Key Key { get; init; }

    public required Iam.Role Role { get; init; }

    /// <summary>Declares all groups; gives the one that carries the cluster's own work.</summary>
    public Eks.NodeGroup Declare(Resource addon)
    {
        var groups = plan.Pools.Where(
            pool => pool.Nodes > 0).ToDictionary(pool => pool.Pool, pool => Group(pool, addon));
        return groups[plan.SystemPool.Pool];
    }

    private Eks.NodeGroup Group(PoolPlan pool, Resource addon)
    {
        var template = Template(pool);
        var isBlock = pool.Capacity?.Kind == CapacityKind.Block;
        return new Eks.NodeGroup(pool.Pool.Value, new Eks.NodeGroupArgs
        {
            ClusterName = Cluster.Name,
            NodeRoleArn = Role.Arn,
            SubnetIds = network.SubnetIdsOf(pool),
            AmiType = AmiType(pool),
            CapacityType = isBlock ? "CAPACITY_BLOCK" : "ON_DEMAND",
            ScalingConfig = new NodeGroupScalingConfigArgs
            {
                DesiredSize = pool.Nodes,
                MinSize = pool.Nodes,
                MaxSize = pool.Nodes,
            },
            LaunchTemplate = new NodeGroupLaunchTemplateArgs
            {
                Id = template.Id,
                Version = template.LatestVersion.Apply(version => version.ToString(CultureInfo.InvariantCulture)),
            },
            Labels = PlanInputs.Of(pool.Labels),
            Taints = Taints(pool),
            Tags = PlanInputs.Tags(plan, pool),
        }, CustomResourceOptions.Merge(options, new CustomResourceOptions { DependsOn = { addon } }));
    }

    private Ec2.LaunchTemplate Template(PoolPlan pool)
    {
        var args = Common(pool);
        if (Placement(pool) is { } placement) args.Placement = placement;
        if (Reservation(pool) is { } reservation) args.CapacityReservationSpecification = reservation;
        if (pool.Capacity?.Kind == CapacityKind.Block)
            args.InstanceMarketOptions = new LaunchTemplateInstanceMarketOptionsArgs { MarketType = "capacity-block" };
        return new Ec2.LaunchTemplate(pool.Pool.Value, args, options);
    }

    private Ec2.LaunchTemplateArgs Common(PoolPlan pool) => new()
    {
        InstanceType = pool.InstanceType!, // every pool of a cloud has one; the plan sees to it
        UpdateDefaultVersion = true,
        BlockDeviceMappings =
        {
            new LaunchTemplateBlockDeviceMappingArgs
            {
                DeviceName = "/dev/xvda",
                Ebs = new LaunchTemplateBlockDeviceMappingEbsArgs
                {
                    Encrypted = "true",
                    KmsKeyId = Key.Arn,
                    VolumeSize = RootDiskGibibytes,
                    VolumeType = "gp3",
                    DeleteOnTermination = "true",
                },
            },
        },
        MetadataOptions =
            new LaunchTemplateMetadataOptionsArgs { HttpTokens = "required", HttpPutResponseHopLimit = 1 },
        NetworkInterfaces = Interfaces(pool),
        TagSpecifications =
        {
            new LaunchTemplateTagSpecificationArgs { ResourceType = "instance", Tags = PlanInputs.Tags(plan, pool) },
            new LaunchTemplateTagSpecificationArgs { ResourceType = "volume", Tags = PlanInputs.Tags(plan, pool) },
        },
        Tags = PlanInputs.Tags(plan, pool),
    };

    private LaunchTemplatePlacementArgs? Placement(PoolPlan pool)
    {
        // A block and a reservation lie in one hall already, and the provider refuses a second demand.
        if (!pool.StandsClose || pool.Capacity is not null) return null;
        var group = new Ec2.PlacementGroup(pool.Pool.Value, new Ec2.PlacementGroupArgs
        {
            Strategy = "cluster",
            Tags = PlanInputs.Tags(plan, pool),
        }, options);
        return new LaunchTemplatePlacementArgs { GroupName = group.Name };
    }

    private InputList<LaunchTemplateNetworkInterfaceArgs> Interfaces(PoolPlan pool)
    {
        var interfaces = new InputList<LaunchTemplateNetworkInterfaceArgs>();
        for (var index = 0; index < pool.RdmaInterfaces; index++)
        {
            var card = new LaunchTemplateNetworkInterfaceArgs
            {
                // The first card carries ordinary traffic too; the others reach memory and need no address.
                InterfaceType = index == 0 ? "efa" : "efa-only",
                NetworkCardIndex = index,
                DeviceIndex = index == 0 ? 0 : 1,
                DeleteOnTermination = "true",
                SecurityGroups = { Cluster.VpcConfig.Apply(network => network.ClusterSecurityGroupId ?? "") },
            };
            if (index == 0) card.AssociatePublicIpAddress = "false";
            interfaces.Add(card);
        }

        return interfaces;
    }

    private LaunchTemplateCapacityReservationSpecificationArgs? Reservation(PoolPlan pool)
    {
        Output<string>? id = pool.Capacity switch
        {
            { Kind: CapacityKind.Reservation } capacity => Reserved(pool, capacity).Id,
            { Kind: CapacityKind.Block } capacity => Block(pool, capacity).Id,
            _ => null,
        };
        if (id is null) return null;
        return new LaunchTemplateCapacityReservationSpecificationArgs
        {
            CapacityReservationTarget = new LaunchTemplateCapacityReservationSpecificationCapacityReservationTargetArgs
            {
                CapacityReservationId = id,
            },
        };
    }

    private Ec2.CapacityReservation Reserved(PoolPlan pool, CapacitySpec capacity) =>
        new(pool.Pool.Value, new Ec2.CapacityReservationArgs
        {
            AvailabilityZone = capacity.Zone,
            InstanceCount = pool.Nodes,
            InstancePlatform = "Linux/UNIX",
            InstanceType = pool.InstanceType!, // every pool of a cloud has one; the plan sees to it
            InstanceMatchCriteria = "targeted",
            EndDateType = "unlimited",
            Tags = PlanInputs.Tags(plan, pool),
        }, options);

    private Ec2.CapacityBlockReservation Block(PoolPlan pool, CapacitySpec capacity)
    {
        var offer = Ec2.GetCapacityBlockOffering.Invoke(
            new Ec2.GetCapacityBlockOfferingInvokeArgs
            {
                InstanceType = pool.InstanceType!, // every pool of a cloud has one; the plan sees to it
                InstanceCount = pool.Nodes,
                CapacityDurationHours = capacity.DurationHours ?? 0,
                Region = plan.ProviderRegion,
            },
            new InvokeOptions { Parent = options.Parent, Provider = options.Provider });
        return new Ec2.CapacityBlockReservation(pool.Pool.Value, new Ec2.CapacityBlockReservationArgs
        {
            CapacityBlockOfferingId = offer.Apply(found => found.CapacityBlockOfferingId),
            InstancePlatform = "Linux/UNIX",
            Tags = PlanInputs.Tags(plan, pool),
        }, CustomResourceOptions.Merge(options, new CustomResourceOptions
        {
            // A block is bought once; a later offer is another block.
            IgnoreChanges = { "capacityBlockOfferingId" },
            Protect = true,
        }));
    }

    private static InputList<NodeGroupTaintArgs> Taints(PoolPlan pool)
    {
        var taints = new InputList<NodeGroupTaintArgs>();
        if (pool.AcceleratorResource is { } resource)
            taints.Add(new NodeGroupTaintArgs { Key = resource, Value = "present", Effect = "NO_SCHEDULE" });
        return taints;
    }

    private static string AmiType(PoolPlan pool) => pool.AcceleratorResource switch
    {
        "nvidia.com/gpu" => "AL2023_x86_64_NVIDIA",
        "aws.amazon.com/neuron" => "AL2023_x86_64_NEURON",
        _ => "AL2023_x86_64_STANDARD",
    };
}
