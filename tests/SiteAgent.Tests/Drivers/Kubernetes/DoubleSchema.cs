using System.Text.Json.Nodes;

namespace ControlPlane.SiteAgent.Tests.Drivers.Kubernetes;

/// <summary>Knows the fields that Kubernetes 1.20 has where the driver writes any.</summary>
internal static class DoubleSchema
{
    private static readonly HashSet<string> Pod =
    [
        "metadata", "metadata.labels.*", "spec", "spec.restartPolicy", "spec.terminationGracePeriodSeconds",
        "spec.automountServiceAccountToken", "spec.priorityClassName", "spec.affinity", "spec.affinity.nodeAffinity",
        "spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution",
        "spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms",
        "spec.containers", "metadata.labels",
    ];

    private static readonly HashSet<string> Shared =
        ["apiVersion", "kind", "metadata", "metadata.name", "metadata.namespace", "metadata.labels",
            "metadata.labels.*", "spec", "spec.template"];

    private static readonly Dictionary<string, HashSet<string>> Own = new()
    {
        ["jobs"] = ["spec.parallelism", "spec.completions", "spec.backoffLimit", "spec.activeDeadlineSeconds"],
        ["deployments"] =
        [
            "spec.replicas", "spec.strategy", "spec.strategy.type", "spec.selector", "spec.selector.matchLabels",
            "spec.selector.matchLabels.*",
        ],
    };

    /// <summary>The first field that the kind does not have; null when it has them all.</summary>
    public static string? Unknown(string kind, JsonObject body) =>
        Paths(body, "").FirstOrDefault(path => !IsKnown(kind, path));

    private static bool IsKnown(string kind, string path)
    {
        const string Template = "spec.template.";
        if (path.StartsWith(Template, StringComparison.Ordinal)) return In(Pod, path[Template.Length..]);
        return In(Shared, path) || In(Own[kind], path);
    }

    private static bool In(HashSet<string> known, string path) =>
        known.Contains(path) || known.Any(name => name.EndsWith(".*", StringComparison.Ordinal)
            && path.StartsWith(name[..^1], StringComparison.Ordinal));

    private static IEnumerable<string> Paths(JsonObject node, string prefix)
    {
        foreach (var (name, value) in node)
        {
            yield return prefix + name;
            if (value is not JsonObject inner) continue;
            foreach (var path in Paths(inner, $"{prefix}{name}.")) yield return path;
        }
    }
}
