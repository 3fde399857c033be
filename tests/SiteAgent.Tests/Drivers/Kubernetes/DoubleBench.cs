using System.Text.Json.Nodes;
using ControlPlane.Failover;
using ControlPlane.Regions.Stacks;
using ControlPlane.SiteAgent.Drivers;
using ControlPlane.SiteAgent.Drivers.Kubernetes;

namespace ControlPlane.SiteAgent.Tests.Drivers.Kubernetes;

/// <summary>Sets up the double with a tenant's namespace and two nodes.</summary>
internal sealed class DoubleBench : DriverBench
{
    private readonly LossyHandler lossy;
    private bool killed;

    private DoubleBench(KubernetesDouble made, Func<HttpRequestMessage, bool>? loses)
    {
        Double = made;
        lossy = new(new SocketsHttpHandler()) { Loses = loses ?? (request => request.Method != HttpMethod.Get) };
    }

    public KubernetesDouble Double { get; }

    public static async Task<DoubleBench> OpenAsync(Func<HttpRequestMessage, bool>? loses = null)
    {
        var bench = new DoubleBench(await KubernetesDouble.StartAsync(), loses);
        lock (bench.Double.Store.Gate)
        {
            bench.Double.Store.Add("/api/v1/namespaces/tenant-klinik-nord", Named("tenant-klinik-nord"));
            foreach (var name in new[] { "node-a", "node-b" })
            {
                var node = Named(name);
                node["metadata"]!["labels"] = new JsonObject { [PlanTags.Pool] = Pool.Value };
                node["status"] = new JsonObject
                {
                    ["conditions"] = new JsonArray { new JsonObject { ["type"] = "Ready", ["status"] = "True" } },
                };
                bench.Double.Store.Add($"/api/v1/nodes/{name}", node);
            }
        }

        return bench;
    }

    public override ISiteDriver Connect()
    {
        var http = new HttpClient(lossy, disposeHandler: false) { BaseAddress = Double.Url };
        return new KubernetesDriver(new(http, () => null), new(), TimeProvider.System);
    }

    public override Task<int> CountLiveAsync(WorkOrder order)
    {
        lock (Double.Store.Gate)
        {
            // Pods, not Jobs: what can act is what counts. A gang of two is one copy.
            var live = PodsOf(order).Count(pod => KubernetesView.IsLivePod(pod.Item));
            return Task.FromResult((live + order.Units.Count - 1) / order.Units.Count);
        }
    }

    public override void LoseNextReply() => lossy.LoseNext();

    public override async Task KillSchedulerAsync()
    {
        killed = true;
        await Double.DisposeAsync();
    }

    public override Task FinishAsync(WorkOrder order)
    {
        lock (Double.Store.Gate)
        {
            foreach (var pod in PodsOf(order).ToList())
            {
                Double.Store.Change(pod.Path, next => next["status"]!["phase"] = "Succeeded");
            }
        }

        return Task.CompletedTask;
    }

    public string? QueueOf(WorkOrder order) =>
        (string?)JobOf(order)["metadata"]!["labels"]![KubernetesNames.QueueLabel];

    public JsonObject JobOf(WorkOrder order)
    {
        lock (Double.Store.Gate)
        {
            return Double.Store.Find($"/{KubernetesNames.Job("tenant-klinik-nord", WorkName.Of(order).ToString())}")!;
        }
    }

    public override async ValueTask DisposeAsync()
    {
        if (!killed) await Double.DisposeAsync();
        lossy.Dispose();
    }

    private IEnumerable<(string Path, JsonObject Item)> PodsOf(WorkOrder order) =>
        Double.Store.In(new("api/v1", null, "pods", null)).Where(pod =>
            KubernetesView.EpochOf(pod.Item) == order.Epoch
            && (string?)pod.Item["metadata"]!["labels"]![KubernetesNames.PlacementLabel]
                == KubernetesNames.Label(order.Placement));

    private static JsonObject Named(string name) => new() { ["metadata"] = new JsonObject { ["name"] = name } };
}
