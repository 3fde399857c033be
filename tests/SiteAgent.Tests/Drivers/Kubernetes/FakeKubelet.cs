using System.Text.Json.Nodes;
using ControlPlane.Regions.Stacks;
using ControlPlane.SiteAgent.Drivers;
using ControlPlane.SiteAgent.Drivers.Kubernetes;

namespace ControlPlane.SiteAgent.Tests.Drivers.Kubernetes;

/// <summary>Plays the kubelets of two nodes: heartbeats, pods that run, pods that go.</summary>
internal sealed class FakeKubelet(KubernetesApi api) : IAsyncDisposable
{
    private static readonly string[] Nodes = ["node-a", "node-b"];

    private readonly CancellationTokenSource stopping = new();
    private readonly HashSet<string> finishing = [];
    private Task? working;
    private int passes;

    public async Task BeginAsync()
    {
        foreach (var name in Nodes)
        {
            await api.CreateAsync(KubernetesNames.Nodes, new()
            {
                ["metadata"] = new JsonObject
                {
                    ["name"] = name,
                    ["labels"] = new JsonObject { [PlanTags.Pool] = DriverBench.Pool.Value },
                },
            }, stopping.Token);
        }

        await PassAsync();
        working = RunAsync();
    }

    /// <summary>Lets the pods of an epoch come to their end by themselves.</summary>
    public void Finish(string work)
    {
        lock (finishing) finishing.Add(work);
    }

    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync();
        if (working is not null) await working;
        stopping.Dispose();
    }

    private async Task RunAsync()
    {
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                await PassAsync();
                await Task.Delay(200, stopping.Token);
            }
            catch (Exception gone) when (gone is OperationCanceledException or SiteUnreachableException)
            {
                // A server that was killed, or a pod that went between the list and the change; the next pass sees.
                await Task.Delay(50);
            }
        }
    }

    private async Task PassAsync()
    {
        if (passes++ % 25 == 0)
        {
            foreach (var name in Nodes) await StatusAsync($"{KubernetesNames.Nodes}/{name}", "v1", "Node", Heartbeat());
        }

        foreach (var pod in (await api.ListAsync(KubernetesNames.AllPods, "", stopping.Token)).Items)
        {
            if (pod["spec"]?["nodeName"] is null) continue;
            var path = $"api/v1/namespaces/{KubernetesView.SpaceOf(pod)}/pods/{(string)pod["metadata"]!["name"]!}";
            if (pod["metadata"]?["deletionTimestamp"] is not null) 
                await api.DeleteAsync(path, stopping.Token, "gracePeriodSeconds=0");
            else if (PhaseOf(pod) is { } phase) await StatusAsync(path, "v1", "Pod", phase);
        }
    }

    private JsonObject? PhaseOf(JsonObject pod)
    {
        var now = DateTimeOffset.UtcNow.ToString("yyyy-MM-ddTHH:mm:ssZ");
        bool ends;
        lock (finishing) ends = finishing.Any(work => ((string)pod["metadata"]!["name"]!).StartsWith(work));
        return ((string?)pod["status"]?["phase"], ends) switch
        {
            ("Pending", _) => new() { ["phase"] = "Running", ["startTime"] = now },
            ("Running", true) => new() { ["phase"] = "Succeeded" },
            _ => null,
        };
    }

    private async Task StatusAsync(string path, string version, string kind, JsonObject status)
    {
        var name = path[(path.LastIndexOf('/') + 1)..];
        var body = new JsonObject
        {
            ["apiVersion"] = version, ["kind"] = kind, ["metadata"] = new JsonObject { ["name"] = name },
            ["status"] = status,
        };
        await api.ApplyAsync(new($"{path}/status", body, "kubelet", Force: true), stopping.Token);
    }

    private static JsonObject Heartbeat()
    {
        var now = DateTimeOffset.UtcNow.ToString("yyyy-MM-ddTHH:mm:ssZ");
        var room = new JsonObject
        {
            ["cpu"] = "96", ["memory"] = "768Gi", ["pods"] = "110", ["nvidia.com/gpu"] = "8",
        };
        return new()
        {
            ["capacity"] = room,
            ["allocatable"] = room.DeepClone(),
            ["conditions"] = new JsonArray
            {
                new JsonObject
                {
                    ["type"] = "Ready", ["status"] = "True", ["reason"] = "KubeletReady", ["message"] = "played",
                    ["lastHeartbeatTime"] = now, ["lastTransitionTime"] = now,
                },
            },
        };
    }
}
