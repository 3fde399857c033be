using System.Globalization;
using System.Text.Json.Nodes;
using ControlPlane.Workloads;

namespace ControlPlane.SiteAgent.Drivers.Kubernetes;

/// <summary>
/// Keeps the newest epoch of a placement in the cluster itself, so that an older one is refused also by an agent that
/// was restarted, and by one that still runs beside its successor: raising it is a compare-and-swap.
/// </summary>
internal sealed class EpochFloor(KubernetesApi api)
{
    private const int MostTries = 5;

    /// <summary>Raises the floor to an epoch; gives the newest, which is greater when the epoch is too old.</summary>
    public async Task<Epoch> RaiseAsync(string space, WorkName work, CancellationToken cancellation)
    {
        var folder = KubernetesNames.ConfigMaps(space);
        var name = $"cp-{KubernetesNames.Label(work.Placement)}-floor";
        for (var attempt = 0; attempt < MostTries; attempt++)
        {
            var kept = await api.GetAsync($"{folder}/{name}", cancellation);
            if (kept is null)
            {
                if (await api.CreateAsync(folder, Body(space, name, work.Epoch), cancellation) is not null)
                    return work.Epoch;
                continue;
            }

            var newest = Read(kept);
            if (newest >= work.Epoch) return newest;
            var next = Body(space, name, work.Epoch);
            next["metadata"]!["resourceVersion"] = (string?)kept["metadata"]?["resourceVersion"];
            if (await api.ReplaceAsync($"{folder}/{name}", next, cancellation) is not null) return work.Epoch;
        }

        throw new SiteUnreachableException($"{name}: somebody else changed it {MostTries} times");
    }

    private static JsonObject Body(string space, string name, Epoch epoch) => new()
    {
        ["apiVersion"] = "v1",
        ["kind"] = "ConfigMap",
        ["metadata"] = new JsonObject
        {
            ["name"] = name,
            ["namespace"] = space,
            ["labels"] = new JsonObject { ["app.kubernetes.io/managed-by"] = KubernetesNames.WorkManager },
        },
        ["data"] = new JsonObject
        {
            ["timeline"] = epoch.Timeline.ToString(CultureInfo.InvariantCulture),
            ["counter"] = epoch.Counter.ToString(CultureInfo.InvariantCulture),
        },
    };

    // A floor that cannot be read refuses everything: better nothing runs than twice.
    private static Epoch Read(JsonObject kept)
    {
        var culture = CultureInfo.InvariantCulture;
        return long.TryParse((string?)kept["data"]?["timeline"], NumberStyles.None, culture, out var timeline)
            && long.TryParse((string?)kept["data"]?["counter"], NumberStyles.None, culture, out var counter)
                ? new(timeline, counter)
                : new(long.MaxValue, long.MaxValue);
    }
}
