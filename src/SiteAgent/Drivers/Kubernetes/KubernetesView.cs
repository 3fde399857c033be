using System.Globalization;
using System.Text.Json.Nodes;
using ControlPlane.Failover;
using ControlPlane.Workloads;

namespace ControlPlane.SiteAgent.Drivers.Kubernetes;

/// <summary>Reads what lists of a cluster say about our work. Pure, so that odd answers can be shown to it.</summary>
internal static class KubernetesView
{
    /// <summary>Everything that work is made of in a namespace, owners first.</summary>
    public static IReadOnlyList<(string List, string Kind)> Kinds(string space) =>
    [
        ($"apis/batch/v1/namespaces/{space}/jobs", "Job"),
        ($"apis/apps/v1/namespaces/{space}/deployments", "Deployment"),
        ($"api/v1/namespaces/{space}/pods", "Pod"),
    ];

    public static Seq<ObservedWork> Work(
        IEnumerable<JsonObject> jobs, IEnumerable<JsonObject> deployments, IEnumerable<JsonObject> pods)
    {
        var owners = jobs.Concat(deployments)
            .Where(item => NameOf(item) is not null)
            .ToDictionary(item => NameOf(item)!);
        var live = pods.Where(pod => IsLivePod(pod) && NameOf(pod) is not null).ToLookup(pod => NameOf(pod)!);
        return SiteObservation.InOrder(
            from name in owners.Keys.Union(live.Select(owned => owned.Key))
            let seen = See(name, owners.GetValueOrDefault(name), [.. live[name]])
            where seen is not null
            select seen);
    }

    public static string SpaceOf(JsonObject item) => (string)item["metadata"]!["namespace"]!;

    public static Epoch? EpochOf(JsonObject item) => NameOf(item)?.Epoch;

    public static bool IsLivePod(JsonObject pod) => (string?)pod["status"]?["phase"] is not ("Succeeded" or "Failed");

    public static DateTimeOffset? StartOf(JsonObject job) =>
        (string?)job["status"]?["startTime"] is { } text
        && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at)
            ? at
            : null;

    public static bool HasEnded(JsonObject job) =>
        Ended(job, "Complete") is not null || Ended(job, "Failed") is not null;

    public static bool IsPastDeadline(JsonObject job) =>
        (string?)Ended(job, "Failed")?["reason"] == "DeadlineExceeded";

    /// <summary>Whether the job controller may run pods of it, so that the deadline matters.</summary>
    public static bool MayRun(JsonObject job) =>
        !HasEnded(job) && StartOf(job) is not null;

    private static ObservedWork? See(WorkName name, JsonObject? owner, List<JsonObject> pods)
    {
        var labels = (owner ?? pods[0])["metadata"]?["labels"];
        var seen = new ObservedWork
        {
            Placement = name.Placement,
            Epoch = name.Epoch,
            RunClass = (string?)labels?[KubernetesNames.ClassLabel] == "sticky" ? RunClass.Sticky : RunClass.Exclusive,
            Status = WorkStatus.Stopping,
        };
        // Pods whose owner is gone, or ended, are on their way out, and may act until they are.
        if (owner is null || owner["metadata"]?["deletionTimestamp"] is not null) return seen;
        if (Ended(owner, "Complete") is not null)
            return pods.Count > 0 ? seen : seen with { Status = WorkStatus.Finished };
        if (Ended(owner, "Failed") is { } failed)
        {
            if (pods.Count > 0) return seen;
            return IsPastDeadline(owner)
                ? null
                : seen with { Status = WorkStatus.Failed, Detail = (string?)failed["message"] };
        }

        return seen with { Status = IsRunning(owner, pods) ? WorkStatus.Running : WorkStatus.Starting };
    }

    private static bool IsRunning(JsonObject owner, List<JsonObject> pods)
    {
        var wanted = (int?)owner["spec"]?["replicas"] ?? (int?)owner["spec"]?["completions"] ?? 1;
        var running = pods.Count(pod =>
            (string?)pod["status"]?["phase"] == "Running" && pod["metadata"]?["deletionTimestamp"] is null);
        return running > 0 && running + ((int?)owner["status"]?["succeeded"] ?? 0) >= wanted;
    }

    private static JsonNode? Ended(JsonObject job, string type) =>
        (job["status"]?["conditions"] as JsonArray ?? []).FirstOrDefault(condition =>
            (string?)condition?["type"] == type && (string?)condition?["status"] == "True");

    // Pods are named at random; their labels say what they belong to.
    private static WorkName? NameOf(JsonObject item)
    {
        var labels = item["metadata"]?["labels"];
        var placement = (string?)labels?[KubernetesNames.PlacementLabel];
        var epoch = ((string?)labels?[KubernetesNames.EpochLabel])?.Split('.');
        return epoch is [var timeline, var counter]
            && WorkName.TryParse($"cp-{placement}-{timeline}-{counter}", out var name) ? name : null;
    }
}
