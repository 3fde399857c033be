namespace ControlPlane.Regions.Stacks;

/// <summary>
/// What a region's clusters must hold, decided from the region file and the stack's settings. Stacks map it to
/// resources and decide nothing themselves.
/// </summary>
public sealed record RegionPlan
{
    public required RegionId Region { get; init; }

    /// <summary>The file that declares the region.</summary>
    public required string File { get; init; }

    public required JurisdictionId Jurisdiction { get; init; }

    /// <summary>Clusters to declare, ordered by id.</summary>
    public required Seq<ClusterPlan> Clusters { get; init; }

    /// <summary>What the stack leaves alone, and why.</summary>
    public required Seq<LeftOut> LeftOut { get; init; }
}

/// <summary>Something of the region file that the stack leaves alone, and why.</summary>
public sealed record LeftOut(string Name, string Because);

/// <summary>What one Kubernetes cluster must hold, whichever cloud it stands on.</summary>
public abstract record ClusterPlan
{
    public required ClusterId Cluster { get; init; }
    public required SiteId Site { get; init; }
    public required string Provider { get; init; }
    public required string ProviderRegion { get; init; }

    /// <summary>Tags that every resource carries.</summary>
    public required Seq<PlanEntry> Tags { get; init; }

    public required Seq<PoolPlan> Pools { get; init; }
    public required PlatformPlan Platform { get; init; }
}

/// <summary>A name and its value, ordered and compared by both.</summary>
public readonly record struct PlanEntry(string Name, string Value);

/// <summary>A cluster that the stack makes in a cloud: with a network, a key and machines.</summary>
public abstract record CloudClusterPlan : ClusterPlan
{
    public required string KubernetesVersion { get; init; }
    public required NetworkPlan Network { get; init; }
    public required KeyPlan Key { get; init; }

    /// <summary>The pool that carries the cluster's own work; it has no accelerators.</summary>
    public required PoolPlan SystemPool { get; init; }

    /// <summary>Realm of the provider, such as aws-eusc; the provider's main one when null.</summary>
    public required string? Partition { get; init; }
}

/// <summary>A cluster on AWS.</summary>
public sealed record AwsClusterPlan : CloudClusterPlan;

/// <summary>A cluster on Azure.</summary>
public sealed record AzureClusterPlan : CloudClusterPlan
{
    /// <summary>Name of the key vault before the provider makes it unique; vault names are short.</summary>
    public required string VaultName { get; init; }
}

/// <summary>A cluster that stands already; the stack reaches it by a kubeconfig.</summary>
public sealed record OnPremClusterPlan : ClusterPlan;

/// <summary>Private addresses of a cluster, by zone.</summary>
public sealed record NetworkPlan
{
    /// <summary>All addresses of the cluster.</summary>
    public required string Block { get; init; }

    /// <summary>Blocks of nodes, one for each zone in the order of the provider's zones.</summary>
    public required Seq<string> NodeBlocks { get; init; }

    /// <summary>Blocks of address translation, one for each zone; none when nothing leaves over the internet.</summary>
    public required Seq<string> EgressBlocks { get; init; }
}

/// <summary>The customer's key that encrypts the cluster's secrets and disks.</summary>
public sealed record KeyPlan
{
    public required KeyCustodyLevel Custody { get; init; }

    /// <summary>Where the key lives outside the provider; null for a key in the provider's key store.</summary>
    public required KeyStoreSettings? Store { get; init; }

    /// <summary>Days after which the provider makes new key material.</summary>
    public const int RotationDays = 365;

    /// <summary>Days between asking for deletion and the key's end.</summary>
    public const int DeletionDays = 30;
}

/// <summary>A pool of equal nodes as a cloud must hold it.</summary>
public sealed record PoolPlan
{
    public required NodePoolId Pool { get; init; }

    /// <summary>At most 12 lower-case letters and digits, unique in the cluster: some clouds allow no more.</summary>
    public required string ShortName { get; init; }

    /// <summary>The provider's machine type; null on clusters that the stack does not make.</summary>
    public required string? InstanceType { get; init; }

    public required int Nodes { get; init; }
    public required int AcceleratorsPerNode { get; init; }

    /// <summary>Name by which Kubernetes counts the accelerators; null for pools without.</summary>
    public required string? AcceleratorResource { get; init; }

    public required Seq<PlanEntry> Labels { get; init; }

    /// <summary>Capacity that the provider keeps; null for on demand.</summary>
    public required CapacitySpec? Capacity { get; init; }

    /// <summary>Block of addresses in the zone of the kept capacity; null for pools that use all zones.</summary>
    public required string? OwnBlock { get; init; }

    /// <summary>Whether nodes must stand close to each other, since they share a fabric.</summary>
    public required bool StandsClose { get; init; }

    /// <summary>Network interfaces that reach other nodes' memory directly; 0 for none.</summary>
    public required int RdmaInterfaces { get; init; }
}
