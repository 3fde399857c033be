using ControlPlane.Regions;
using ControlPlane.Regions.Stacks;
using Pulumi;
using Pulumi.Azure.Compute.Inputs;
using Compute = Pulumi.Azure.Compute;
using ContainerService = Pulumi.Azure.ContainerService;
using Core = Pulumi.Azure.Core;

namespace ControlPlane.Stacks.Clouds;

/// <summary>
/// Declares the machines of a cluster on Azure beside its system pool, and the capacity that was bought.
/// </summary>
internal sealed class AzureNodes(AzureClusterPlan plan, CustomResourceOptions options)
{
    public required Core.ResourceGroup Group { get; init; }

    public required ContainerService.KubernetesCluster Cluster { get; init; }

    public required AzureNetwork Network { get; init; }

    public void Declare()
    {
        foreach (var pool in plan.Pools.Where(pool => pool.Nodes > 0 && pool.Pool != plan.SystemPool.Pool)) Pool(pool);
    }

    private void Pool(PoolPlan pool)
    {
        var args = new ContainerService.KubernetesClusterNodePoolArgs
        {
            KubernetesClusterId = Cluster.Id,
            Name = pool.ShortName,
            Mode = "User",
            VmSize = pool.InstanceType!, // every pool of a cloud has one; the plan sees to it
            NodeCount = pool.Nodes,
            NodePublicIpEnabled = false,
            NodeLabels = PlanInputs.Of(pool.Labels),
            NodeTaints = Taints(pool),
            VnetSubnetId = Network.NodeSubnetId,
            Tags = PlanInputs.Tags(plan, pool),
        };
        if (pool.Capacity is { } capacity)
        {
            args.CapacityReservationGroupId = Reserved(pool, capacity);
            args.Zones = new InputList<string> { capacity.Zone };
        }

        _ = new ContainerService.KubernetesClusterNodePool(pool.Pool.Value, args, options);
    }

    private Output<string> Reserved(PoolPlan pool, CapacitySpec capacity)
    {
        var group = new Compute.CapacityReservationGroup(
            pool.Pool.Value,
            new Compute.CapacityReservationGroupArgs
            {
                ResourceGroupName = Group.Name,
                Location = plan.ProviderRegion,
                Zones = { capacity.Zone },
                Tags = PlanInputs.Tags(plan, pool),
            },
            options);
        var reservation = new Compute.CapacityReservation(pool.Pool.Value, new Compute.CapacityReservationArgs
        {
            CapacityReservationGroupId = group.Id,
            Zone = capacity.Zone,
            Sku = new CapacityReservationSkuArgs
            {
                Name = pool.InstanceType!, // every pool of a cloud has one; the plan sees to it
                Capacity = pool.Nodes,
            },
            Tags = PlanInputs.Tags(plan, pool),
        }, options);
        // Machines come only once there is capacity in the group.
        return Output.Tuple(group.Id, reservation.Id).Apply(ids => ids.Item1);
    }

    private static InputList<string> Taints(PoolPlan pool)
    {
        var taints = new InputList<string>();
        if (pool.AcceleratorResource is { } resource) taints.Add($"{resource}=present:NoSchedule");
        return taints;
    }
}
