namespace ControlPlane.Regions.Stacks;

/// <summary>What runs on every cluster before any tenant's work.</summary>
public sealed record PlatformPlan
{
    /// <summary>Namespace of the site agent and the device plugins.</summary>
    public const string SystemNamespace = "cplane-system";

    public required Seq<PriorityBand> Bands { get; init; }
    public required Seq<TenantPlan> Tenants { get; init; }
    public required Seq<DevicePlugin> DevicePlugins { get; init; }
    public required AgentPlan Agent { get; init; }
}

/// <summary>A Kubernetes priority class and the request priorities that map to it.</summary>
public sealed record PriorityBand(string Name, int From, int Value, bool Preempts, bool IsDefault)
{
    /// <summary>The bands of every cluster; a request is in the highest that starts at or below it.</summary>
    public static Seq<PriorityBand> All { get; } =
    [
        new("cplane-spare", 0, 1_000, Preempts: false, IsDefault: false),
        new("cplane-normal", 100, 100_000, Preempts: false, IsDefault: true),
        new("cplane-high", 500, 500_000, Preempts: true, IsDefault: false),
        new("cplane-failover", 900, 900_000, Preempts: true, IsDefault: false),
    ];
}

/// <summary>A tenant's namespace and the most it may hold.</summary>
public sealed record TenantPlan
{
    public required TenantId Tenant { get; init; }
    public required string Namespace { get; init; }

    /// <summary>Hard limits as Kubernetes names them, ordered by name.</summary>
    public required Seq<PlanEntry> Quota { get; init; }
}

/// <summary>The chart that makes a vendor's accelerators known to Kubernetes.</summary>
public sealed record DevicePlugin(string Vendor, string Resource, string Chart, string Version)
{
    /// <summary>Repository of the chart; null for charts whose name is a whole OCI address.</summary>
    public string? Repository { get; init; }

    /// <summary>Plugins by vendor. A vendor without a row has no chart that could be named with certainty.</summary>
    public static Seq<DevicePlugin> All { get; } =
    [
        new("amd", "amd.com/gpu", "amd-gpu", "0.20.0") { Repository = "https://rocm.github.io/k8s-device-plugin/" },
        new("aws", "aws.amazon.com/neuron", "oci://public.ecr.aws/neuron/neuron-helm-chart", "1.3.0"),
        new("nvidia", "nvidia.com/gpu", "nvidia-device-plugin", "0.17.4")
        {
            Repository = "https://nvidia.github.io/k8s-device-plugin",
        },
    ];

    public static DevicePlugin? Of(string vendor) => All.FirstOrDefault(plugin => plugin.Vendor == vendor);

    /// <summary>The plugin as a mirror serves it: by the chart's own name below the mirror.</summary>
    public DevicePlugin From(string? mirror) => mirror is null
        ? this
        : this with { Chart = $"{mirror}/{Chart[(Chart.LastIndexOf('/') + 1)..]}", Repository = null };
}

/// <summary>The site agent: it connects outwards to the control plane and drives the cluster it runs in.</summary>
public sealed record AgentPlan
{
    public required string Image { get; init; }
    public required string ControlPlaneUrl { get; init; }

    /// <summary>What the agent may do in the whole cluster.</summary>
    public Seq<AgentAccess> Permissions { get; } =
    [
        new("", ["nodes"], ["get", "list", "watch", "patch"]),
        new("", ["pods"], ["get", "list", "watch"]),
        new("apps", ["deployments"], ["get", "list", "watch"]),
        new("batch", ["jobs"], ["get", "list", "watch"]),
        new("scheduling.k8s.io", ["priorityclasses"], ["get", "list"]),
    ];

    /// <summary>What the agent may do in each tenant's namespace.</summary>
    public Seq<AgentAccess> TenantPermissions { get; } =
    [
        new("", ["configmaps", "events", "pods", "secrets"], Everything),
        new("apps", ["deployments"], Everything),
        new("batch", ["jobs"], Everything),
        new("kueue.x-k8s.io", ["localqueues"], ["get", "list", "watch"]),
    ];

    private static Seq<string> Everything => ["get", "list", "watch", "create", "update", "patch", "delete"];
}

/// <summary>What may be done with which kinds of things of one Kubernetes API group.</summary>
public sealed record AgentAccess(string Group, Seq<string> Kinds, Seq<string> Verbs);
