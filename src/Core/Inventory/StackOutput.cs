using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using ControlPlane.Files;
using ControlPlane.Regions;

namespace ControlPlane.Inventory;

/// <summary>What a region's stack says it made, as <c>pulumi stack output --json</c> writes it.</summary>
public sealed record StackOutput
{
    /// <summary>Version of the form that this program writes and reads.</summary>
    public const int Version = 1;

    [Description("Region that the stack is named after.")]
    public required RegionId Region { get; init; }

    [Description("Country whose law governs the region.")]
    public required JurisdictionId Jurisdiction { get; init; }

    [Description("Clusters that the stack made or set up.")]
    public required Seq<MadeClusterOutput> Clusters { get; init; }

    /// <summary>Reads the outputs of a stack, strictly.</summary>
    public static Checked<StackOutput> Parse(SourceFile file) => YamlBinder.Bind<StackOutput>(file);
}

/// <summary>A cluster that a stack made or set up.</summary>
public sealed record MadeClusterOutput
{
    [Description("The cluster of the region file.")]
    public required ClusterId Cluster { get; init; }

    [Description("The site it stands at.")]
    public required SiteId Site { get; init; }

    [Description("Provider of the cluster.")]
    [NameFormat(NameFormatAttribute.DefaultPattern, NameFormatAttribute.DefaultExplanation)]
    public required string Provider { get; init; }

    [Description("The provider's own name of its region.")]
    public required string ProviderRegion { get; init; }

    [Description("Address of the API server; none for a cluster that stood already.")]
    public string? Endpoint { get; init; }

    [Description("The customer's key; none for a cluster that stood already.")]
    [NameFormat(ClusterSpec.KeyPattern, ClusterSpec.KeyExplanation)]
    public string? KeyId { get; init; }

    [Description("Pools of machines.")]
    public required Seq<MadePoolOutput> NodePools { get; init; }

    [Description("Tenants with a namespace.")]
    public Seq<TenantId> Tenants { get; init; }
}

/// <summary>A pool of machines that a stack made.</summary>
public sealed record MadePoolOutput
{
    [Description("The pool of the region file.")]
    public required NodePoolId Pool { get; init; }

    [Description("The provider's machine type; none on a cluster that stood already.")]
    public string? InstanceType { get; init; }

    [Description("Nodes.")]
    [Range(0, 100_000)]
    public required int Nodes { get; init; }

    [Description("Accelerators in each node.")]
    [Range(0, 1_024)]
    public required int AcceleratorsPerNode { get; init; }
}
