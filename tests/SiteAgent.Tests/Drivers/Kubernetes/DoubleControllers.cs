using System.Globalization;
using System.Text.Json.Nodes;

namespace ControlPlane.SiteAgent.Tests.Drivers.Kubernetes;

/// <summary>
/// Plays the job controller, the deployment controller, the collector of garbage and the kubelets of the double, pass
/// after pass, as far as the driver leans on them.
/// </summary>
internal sealed class DoubleControllers(DoubleStore store) : IAsyncDisposable
{
    private readonly CancellationTokenSource stopping = new();
    private Task? working;
    private int podsMade;

    public void Begin() => working = RunAsync();

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
            lock (store.Gate) Pass();
            await Task.Delay(20);
        }
    }

    private void Pass()
    {
        foreach (var (path, job) in All("apis/batch/v1", "jobs")) Run(path, job);
        foreach (var (path, made) in All("apis/apps/v1", "deployments"))
        {
            Fill(path, made, (int?)made["spec"]?["replicas"] ?? 1);
        }

        foreach (var (path, pod) in All("api/v1", "pods"))
        {
            var owner = (string)pod["metadata"]!["annotations"]!["owner"]!;
            if (pod["metadata"]!["deletionTimestamp"] is not null) store.Remove(path);
            else if (store.Find(owner) is null) End(path);
            else if ((string?)pod["status"]?["phase"] == "Pending")
                store.Change(path, next => next["status"]!["phase"] = "Running");
        }
    }

    private void Run(string path, JsonObject job)
    {
        if (job["status"]?["startTime"] is not { } started)
        {
            // A real controller writes no date while there is nothing to run.
            if ((int?)job["spec"]?["parallelism"] == 0) return;
            store.Change(path, next => next["status"] = new JsonObject { ["startTime"] = Now() });
            return;
        }

        if (job["status"]?["conditions"] is not null) return;
        var pods = PodsOf(path).ToList();
        var succeeded = pods.Count(pod => Phase(pod.Item) == "Succeeded");
        var since = DateTimeOffset.Parse((string)started!, CultureInfo.InvariantCulture);
        if ((long?)job["spec"]?["activeDeadlineSeconds"] is { } deadline
            && DateTimeOffset.UtcNow >= since.AddSeconds(deadline))
        {
            foreach (var pod in pods.Where(pod => Phase(pod.Item) != "Succeeded")) End(pod.Path);
            Condition(path, "Failed", "DeadlineExceeded");
            return;
        }

        store.Change(path, next => next["status"]!["succeeded"] = succeeded);
        var completions = (int?)job["spec"]?["completions"] ?? 1;
        if (succeeded >= completions) Condition(path, "Complete", "");
        else Fill(path, job, Math.Min((int?)job["spec"]?["parallelism"] ?? 1, completions - succeeded));
    }

    private void Fill(string path, JsonObject owner, int wanted)
    {
        var live = PodsOf(path).Count(pod => Phase(pod.Item) is "Pending" or "Running");
        for (; live < wanted; live++)
        {
            var space = (string)owner["metadata"]!["namespace"]!;
            var name = $"{(string)owner["metadata"]!["name"]!}-{++podsMade}";
            store.Add($"/api/v1/namespaces/{space}/pods/{name}", new()
            {
                ["kind"] = "Pod",
                ["metadata"] = new JsonObject
                {
                    ["name"] = name,
                    ["namespace"] = space,
                    ["labels"] = owner["spec"]!["template"]!["metadata"]!["labels"]!.DeepClone(),
                    ["annotations"] = new JsonObject { ["owner"] = path },
                },
                ["status"] = new JsonObject { ["phase"] = "Pending" },
            });
        }
    }

    private void End(string path) => store.Change(path, next => next["metadata"]!["deletionTimestamp"] = Now());

    private void Condition(string path, string type, string reason) => store.Change(path, next =>
        next["status"]!["conditions"] = new JsonArray
        {
            new JsonObject { ["type"] = type, ["status"] = "True", ["reason"] = reason },
        });

    private List<(string Path, JsonObject Item)> All(string group, string kind) =>
        [.. store.In(new(group, null, kind, null))];

    private IEnumerable<(string Path, JsonObject Item)> PodsOf(string owner) =>
        All("api/v1", "pods").Where(pod => (string?)pod.Item["metadata"]!["annotations"]?["owner"] == owner);

    private static string? Phase(JsonObject pod) => (string?)pod["status"]?["phase"];

    private static string Now() => DateTimeOffset.UtcNow.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture);
}
