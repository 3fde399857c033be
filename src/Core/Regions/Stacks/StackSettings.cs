using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using ControlPlane.Files;

namespace ControlPlane.Regions.Stacks;

/// <summary>
/// What a stack is told beside its region file: the tenants it serves, where the control plane is, and what only the
/// platform team knows, such as free address blocks. Secrets are no part of it.
/// </summary>
public sealed record StackSettings
{
    [Description("Address of the control plane that site agents connect to.")]
    [NameFormat("^https://[A-Za-z0-9.-]{1,253}(:[0-9]{1,5})?$", "an https address without a path")]
    public required string ControlPlaneUrl { get; init; }

    [Description("Image of the site agent with its digest.")]
    [NameFormat("^[a-z0-9][a-z0-9.:/_-]{0,255}@sha256:[0-9a-f]{64}$", "an image name with @sha256: and its digest")]
    public required string AgentImage { get; init; }

    [Description("Kubernetes version of clusters that the stack makes, such as 1.33.")]
    [NameFormat("^1\\.[0-9]{2}$", "a minor version such as 1.33")]
    public required string KubernetesVersion { get; init; }

    [Description("OCI registry that mirrors the charts; the vendors' own repositories when left out.")]
    [NameFormat("^oci://[a-z0-9][a-z0-9.:/_-]{0,200}$", "an address that starts with oci://")]
    public string? ChartMirror { get; init; }

    [Description("How nodes reach the control plane: nat over the internet, private over networks joined by hand.")]
    public required EgressKind Egress { get; init; }

    [Description("Teams that get a namespace on every cluster of the region.")]
    public Seq<TenantSettings> Tenants { get; init; }

    [Description("What each cluster needs beside the region file.")]
    public Seq<ClusterSettings> Clusters { get; init; }

    /// <summary>Reads settings from the text that the stack's configuration holds.</summary>
    public static Checked<StackSettings> Parse(SourceFile file) => YamlBinder.Bind<StackSettings>(file);
}

/// <summary>How nodes reach what lies outside their network.</summary>
public enum EgressKind
{
    /// <summary>By address translation over the internet, outwards only.</summary>
    Nat,

    /// <summary>Not over the internet at all.</summary>
    Private,
}

/// <summary>A team and what it may use on each cluster of the region.</summary>
public sealed record TenantSettings
{
    [Description("Identifies the tenant.")]
    public required TenantId Tenant { get; init; }

    [Description("Accelerators at once on each cluster.")]
    [Range(0, 1_000_000)]
    public required int Accelerators { get; init; }

    [Description("Thousandths of a CPU core at once on each cluster.")]
    [Range(1, long.MaxValue)]
    public required long CpuMilli { get; init; }

    [Description("Memory in MiB at once on each cluster.")]
    [Range(1, long.MaxValue)]
    public required long MemoryMib { get; init; }

    [Description("Pods at once on each cluster.")]
    [Range(1, 1_000_000)]
    public required int Pods { get; init; }
}

/// <summary>What one cluster needs beside the region file.</summary>
public sealed record ClusterSettings
{
    [Description("The cluster of the region file.")]
    public required ClusterId Cluster { get; init; }

    [Description("Free private IPv4 block of 65,536 addresses, such as 10.40.0.0/16; for clusters in a cloud.")]
    [NameFormat(
        "^(10\\.[0-9]{1,3}|172\\.(1[6-9]|2[0-9]|3[01])|192\\.168)\\.0\\.0/16$", "a private block such as 10.40.0.0/16")]
    public string? AddressBlock { get; init; }

    [Description("Store outside the provider that holds the key, where the region claims external key custody.")]
    public KeyStoreSettings? KeyStore { get; init; }
}

/// <summary>A key in a store outside the provider's control.</summary>
public sealed record KeyStoreSettings
{
    [Description("The provider's id of the connected store.")]
    [NameFormat("^[A-Za-z0-9][A-Za-z0-9/_.-]{0,255}$", "letters, digits, slashes, dots, underscores and hyphens")]
    public required string StoreId { get; init; }

    [Description("Id of the key in that store.")]
    [NameFormat("^[A-Za-z0-9][A-Za-z0-9/_.-]{0,255}$", "letters, digits, slashes, dots, underscores and hyphens")]
    public required string KeyId { get; init; }
}
