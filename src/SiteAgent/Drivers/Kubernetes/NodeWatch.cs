using System.Globalization;
using System.Text.Json.Nodes;
using ControlPlane.Failover;
using ControlPlane.Regions.Stacks;

namespace ControlPlane.SiteAgent.Drivers.Kubernetes;

/// <summary>
/// Follows the nodes of a cluster by list and watch. The stream is drained in a task of its own; on any end it goes on
/// from the last version seen, and lists anew when the server says that this version is too old.
/// </summary>
internal sealed class NodeWatch(KubernetesApi api, TimeProvider clock) : IAsyncDisposable
{
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(1);

    private readonly CancellationTokenSource stopping = new();
    private readonly Lock gate = new();
    private readonly SortedDictionary<string, JsonObject> nodes = new(StringComparer.Ordinal);
    private string version = "";
    private string? trouble;
    private Task? following;

    /// <summary>The nodes as last heard of; the first time they are listed.</summary>
    public async Task<NodesSeen> ReadAsync(CancellationToken cancellation)
    {
        if (following is null)
        {
            await ListAsync(cancellation);
            following = FollowAsync(stopping.Token);
        }

        lock (gate)
        {
            return new(Reports(nodes.Values), trouble is null, trouble);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync();
        if (following is not null) await following;
        stopping.Dispose();
    }

    private async Task FollowAsync(CancellationToken cancellation)
    {
        while (!cancellation.IsCancellationRequested)
        {
            try
            {
                await foreach (var change in api.WatchAsync(KubernetesNames.Nodes, version, cancellation))
                {
                    trouble = null;
                    if (Take(change)) continue;
                    await ListAsync(cancellation);
                    break;
                }
            }
            catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
            {
                return;
            }
            catch (Exception failure) when (failure is SiteUnreachableException or IOException)
            {
                trouble = failure.Message;
                // The version may be ahead of a server that was restored; a fresh list is never wrong.
                version = "";
            }

            if (!await PauseAsync(cancellation)) return;
            if (version.Length == 0) await TryListAsync(cancellation);
        }
    }

    private async Task<bool> PauseAsync(CancellationToken cancellation)
    {
        try
        {
            await Task.Delay(RetryAfter, clock, cancellation);
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    private async Task TryListAsync(CancellationToken cancellation)
    {
        try
        {
            await ListAsync(cancellation);
            trouble = null;
        }
        catch (Exception failure) when (failure is SiteUnreachableException or OperationCanceledException)
        {
            trouble = failure.Message;
        }
    }

    private async Task ListAsync(CancellationToken cancellation)
    {
        var all = await api.ListAsync(KubernetesNames.Nodes, PlanTags.Pool, cancellation);
        lock (gate)
        {
            nodes.Clear();
            foreach (var node in all.Items) nodes[(string)node["metadata"]!["name"]!] = node;
            version = all.Version;
        }
    }

    /// <summary>Takes an event in; false when the stream can not go on from here.</summary>
    private bool Take(JsonObject change)
    {
        if ((string?)change["type"] == "ERROR" || change["object"] is not JsonObject item) return false;
        lock (gate)
        {
            if ((string?)item["metadata"]?["resourceVersion"] is { Length: > 0 } seen) version = seen;
            var name = (string?)item["metadata"]?["name"] ?? "";
            var isOurs = item["metadata"]?["labels"]?[PlanTags.Pool] is not null;
            switch ((string?)change["type"])
            {
                case "ADDED" or "MODIFIED" when isOurs:
                    nodes[name] = item;
                    break;
                case "ADDED" or "MODIFIED" or "DELETED":
                    nodes.Remove(name);
                    break;
                default:
                    break;
            }
        }

        return true;
    }

    // Nodes of a pool are counted in the order of their names, unless a node carries its number.
    private static IReadOnlyList<NodeReport> Reports(IEnumerable<JsonObject> all) =>
    [
        .. from node in all
           group node by (string)node["metadata"]!["labels"]![PlanTags.Pool]! into pool
           from item in pool.Select((node, index) => Report(new(pool.Key), node, index))
           select item,
    ];

    private static NodeReport Report(NodePoolId pool, JsonObject node, int index)
    {
        var label = (string?)node["metadata"]?["labels"]?["cplane-node"];
        var numbered = int.TryParse(label, NumberStyles.None, CultureInfo.InvariantCulture, out var number);
        var ready = (node["status"]?["conditions"] as JsonArray ?? []).FirstOrDefault(
            condition => (string?)condition?["type"] == "Ready");
        return new()
        {
            NodePool = pool,
            Node = numbered ? number : index,
            Ready = (string?)ready?["status"] == "True",
            Detail = (string?)ready?["status"] == "True" ? null : (string?)ready?["reason"] ?? "no heartbeat yet",
        };
    }
}

/// <summary>Nodes as last heard of, and whether the watch is up.</summary>
internal sealed record NodesSeen(IReadOnlyList<NodeReport> Nodes, bool IsFresh, string? Detail);
