using System.Globalization;
using System.Text.Json.Nodes;
using ControlPlane.Failover;
using ControlPlane.Regions.Stacks;
using ControlPlane.Workloads;

namespace ControlPlane.SiteAgent.Drivers.Kubernetes;

/// <summary>
/// Writes the objects that an order becomes: a Job for what ends and for everything exclusive, because a Job can be
/// given a deadline; a Deployment for services that run on. No finalizers; nothing but names from the order.
/// </summary>
internal static class KubernetesObjects
{
    private const int StopSeconds = 10;

    public static bool IsDeployment(WorkOrder order) =>
        order is { Kind: WorkloadKind.Service, RunClass: RunClass.Sticky };

    /// <summary>A Job; of exclusive work, <see cref="Guarded"/> says again and again until when it may run.</summary>
    public static JsonObject Job(WorkOrder order, KubernetesSettings settings, string? queue)
    {
        var body = Of(order, "batch/v1", "Job", queue);
        body["spec"] = new JsonObject
        {
            ["parallelism"] = order.Units.Count,
            ["completions"] = order.Units.Count,
            ["backoffLimit"] = 6,
            ["template"] = Template(order, settings, "OnFailure"),
        };
        return body;
    }

    public static JsonObject Deployment(WorkOrder order, KubernetesSettings settings)
    {
        var body = Of(order, "apps/v1", "Deployment", null);
        body["spec"] = new JsonObject
        {
            ["replicas"] = order.Units.Count,
            ["strategy"] = new JsonObject { ["type"] = "Recreate" },
            ["selector"] = new JsonObject
            {
                ["matchLabels"] = new JsonObject
                {
                    [KubernetesNames.PlacementLabel] = KubernetesNames.Label(order.Placement),
                    [KubernetesNames.EpochLabel] = KubernetesNames.Label(order.Epoch),
                },
            },
            ["template"] = Template(order, settings, "Always"),
        };
        return body;
    }

    /// <summary>For how long a Job may run in all; the part that the guard owns.</summary>
    public static JsonObject Guarded(string space, string name, long deadlineSeconds) => new()
    {
        ["apiVersion"] = "batch/v1",
        ["kind"] = "Job",
        ["metadata"] = new JsonObject { ["name"] = name, ["namespace"] = space },
        ["spec"] = new JsonObject { ["activeDeadlineSeconds"] = deadlineSeconds },
    };

    private static JsonObject Of(WorkOrder order, string version, string kind, string? queue)
    {
        var labels = Labels(order);
        if (queue is not null) labels[KubernetesNames.QueueLabel] = queue;
        return new()
        {
            ["apiVersion"] = version,
            ["kind"] = kind,
            ["metadata"] = new JsonObject
            {
                ["name"] = WorkName.Of(order).ToString(),
                ["namespace"] = KubernetesNames.Namespace(order.Tenant),
                ["labels"] = labels,
            },
        };
    }

    private static JsonObject Labels(WorkOrder order) => new()
    {
        ["app.kubernetes.io/managed-by"] = KubernetesNames.WorkManager,
        [KubernetesNames.PlacementLabel] = KubernetesNames.Label(order.Placement),
        [KubernetesNames.EpochLabel] = KubernetesNames.Label(order.Epoch),
        [KubernetesNames.ClassLabel] = KubernetesNames.Label(order.RunClass),
        ["cplane-workload"] = order.Workload,
    };

    private static JsonObject Template(WorkOrder order, KubernetesSettings settings, string restart)
    {
        var spec = new JsonObject
        {
            ["restartPolicy"] = restart,
            ["terminationGracePeriodSeconds"] = StopSeconds,
            ["automountServiceAccountToken"] = false,
            ["affinity"] = OnPools(order),
            ["containers"] = new JsonArray { Container(order, settings) },
        };
        if (BandOf(order.Priority) is { } band && settings.PriorityClasses) spec["priorityClassName"] = band;
        return new() { ["metadata"] = new JsonObject { ["labels"] = Labels(order) }, ["spec"] = spec };
    }

    private static JsonObject Container(WorkOrder order, KubernetesSettings settings)
    {
        var resources = Resources(order);
        var container = new JsonObject
        {
            ["name"] = "work",
            ["image"] = WorkName.LabelOf(order, WorkName.ImageLabel) ?? settings.DefaultImage,
            ["env"] = new JsonArray
            {
                new JsonObject { ["name"] = WorkName.Variable, ["value"] = WorkName.Of(order).ToString() },
            },
            ["resources"] = new JsonObject { ["requests"] = resources.DeepClone(), ["limits"] = resources },
        };
        if (WorkName.LabelOf(order, WorkName.CommandLabel) is { } command)
            container["command"] = new JsonArray { "/bin/sh", "-c", command };
        return container;
    }

    private static JsonObject Resources(WorkOrder order)
    {
        var resources = new JsonObject
        {
            ["cpu"] = string.Create(CultureInfo.InvariantCulture, $"{order.CpuMilli}m"),
            ["memory"] = string.Create(CultureInfo.InvariantCulture, $"{order.MemoryMib}Mi"),
        };
        if (order.Accelerators > 0)
        {
            var vendor = order.Units.Select(unit => unit.Sku?.Value.Split('-')[0]).FirstOrDefault(name => name != null);
            resources[DevicePlugin.Of(vendor ?? "nvidia")?.Resource ?? "nvidia.com/gpu"] =
                order.Accelerators.ToString(CultureInfo.InvariantCulture);
        }

        return resources;
    }

    // The scheduler chooses among the nodes of the pools that the decision chose; law and price are the same on them.
    private static JsonObject OnPools(WorkOrder order)
    {
        var pools = new JsonArray();
        foreach (var pool in order.Units.Select(unit => unit.NodePool).Distinct().Order()) pools.Add(pool.Value);
        var terms = new JsonArray
        {
            new JsonObject
            {
                ["matchExpressions"] = new JsonArray
                {
                    new JsonObject { ["key"] = PlanTags.Pool, ["operator"] = "In", ["values"] = pools },
                },
            },
        };
        return new()
        {
            ["nodeAffinity"] = new JsonObject
            {
                ["requiredDuringSchedulingIgnoredDuringExecution"] = new JsonObject { ["nodeSelectorTerms"] = terms },
            },
        };
    }

    private static string? BandOf(int priority) =>
        PriorityBand.All.LastOrDefault(band => band.From <= priority)?.Name;
}
