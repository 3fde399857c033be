using System.Globalization;
using ControlPlane.Workloads;

namespace ControlPlane.SiteAgent.Drivers.Kubernetes;

/// <summary>Names what the agent makes in a cluster, and where.</summary>
internal static class KubernetesNames
{
    public const string WorkManager = "cplane-site-agent";
    public const string GuardManager = "cplane-guard";
    public const string PlacementLabel = "cplane-placement";
    public const string EpochLabel = "cplane-epoch";
    public const string ClassLabel = "cplane-class";
    public const string Managed = "app.kubernetes.io/managed-by=cplane-site-agent";
    public const string QueueLabel = "kueue.x-k8s.io/queue-name";

    public const string AllJobs = "apis/batch/v1/jobs";
    public const string AllDeployments = "apis/apps/v1/deployments";
    public const string AllPods = "api/v1/pods";
    public const string Nodes = "api/v1/nodes";

    public static string Namespace(TenantId tenant) => "tenant-" + tenant.Value;

    public static string Job(string space, string name) => $"apis/batch/v1/namespaces/{space}/jobs/{name}";

    public static string Deployment(string space, string name) => $"apis/apps/v1/namespaces/{space}/deployments/{name}";

    public static string ConfigMaps(string space) => $"api/v1/namespaces/{space}/configmaps";

    public static string Queues(string space) => $"apis/kueue.x-k8s.io/v1beta1/namespaces/{space}/localqueues";

    public static string Label(DecisionId placement) => placement.Value.ToString("n");

    public static string Label(Epoch epoch) =>
        string.Create(CultureInfo.InvariantCulture, $"{epoch.Timeline}.{epoch.Counter}");

    public static string Label(RunClass runClass) => runClass == RunClass.Exclusive ? "exclusive" : "sticky";
}
