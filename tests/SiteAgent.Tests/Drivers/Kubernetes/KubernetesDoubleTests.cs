using System.Text.Json.Nodes;
using ControlPlane.SiteAgent.Drivers;
using ControlPlane.SiteAgent.Drivers.Kubernetes;
using ControlPlane.Workloads;

namespace ControlPlane.SiteAgent.Tests.Drivers.Kubernetes;

/// <summary>Holds the driver to the contract on a double that is as strict as a real server.</summary>
public sealed class KubernetesDoubleTests
{
    [Theory]
    [MemberData(nameof(DriverContract.Promises), MemberType = typeof(DriverContract))]
    public async Task The_driver_keeps_the_contract(string promise) =>
        await DriverContract.HoldAsync(promise, await DoubleBench.OpenAsync());

    // Each request that a start makes may lose its answer: floor, Job, deadline.
    [Theory]
    [InlineData("POST", "/configmaps")]
    [InlineData("PATCH", "/jobs/")]
    [InlineData("PATCH", "force=true")]
    public async Task Whichever_answer_of_a_start_is_lost_there_is_one_copy(string method, string part)
    {
        await using var bench = await DoubleBench.OpenAsync(request =>
            request.Method.Method == method && request.RequestUri!.ToString().Contains(part, StringComparison.Ordinal));
        await using var driver = bench.Connect();
        var order = DriverBench.Order();
        await driver.GuardAsync(TimeSpan.FromMinutes(5), CancellationToken.None);

        bench.LoseNextReply();
        await Assert.ThrowsAsync<SiteUnreachableException>(() => driver.StartAsync(order, CancellationToken.None));
        await bench.RunAsync(driver, order);

        Assert.Equal(1, await bench.CountLiveAsync(order));
        Assert.Single(bench.Double.Store.In(new("apis/batch/v1", null, "jobs", null)));
    }

    [Fact]
    public async Task A_watch_that_is_too_old_begins_anew_from_a_list()
    {
        await using var bench = await DoubleBench.OpenAsync();
        await using var driver = bench.Connect();
        await driver.ObserveAsync(CancellationToken.None);

        bench.Double.Store.Compact();
        lock (bench.Double.Store.Gate)
        {
            bench.Double.Store.Change("/api/v1/nodes/node-b", node =>
                node["status"]!["conditions"]![0]!["status"] = "False");
        }

        await bench.UntilAsync("the second node is seen as not ready", async () =>
        {
            var seen = await driver.ObserveAsync(CancellationToken.None);
            return seen.Nodes.Select(node => node.Ready).SequenceEqual([true, false]);
        });
    }

    [Fact]
    public async Task What_somebody_else_owns_is_not_taken_over()
    {
        await using var bench = await DoubleBench.OpenAsync();
        await using var driver = bench.Connect();
        var order = DriverBench.Order(RunClass.Sticky, WorkloadKind.Service);
        await bench.RunAsync(driver, order);
        var path = $"/{KubernetesNames.Deployment("tenant-klinik-nord", WorkName.Of(order).ToString())}";
        var theirs = new JsonObject { ["spec"] = new JsonObject { ["replicas"] = 5 } };
        lock (bench.Double.Store.Gate) bench.Double.Store.Apply(path, theirs, "an-operator", force: true);

        var refused = await Assert.ThrowsAsync<SiteUnreachableException>(
            () => driver.StartAsync(order, CancellationToken.None));

        Assert.Contains("somebody else owns fields", refused.Message, StringComparison.Ordinal);
        Assert.Equal(5, (int)bench.Double.Store.Find(path)!["spec"]!["replicas"]!);
    }

    [Fact]
    public async Task Where_Kueue_has_a_queue_for_the_tenant_work_that_can_wait_goes_through_it()
    {
        await using var bench = await DoubleBench.OpenAsync();
        await using var driver = bench.Connect();
        lock (bench.Double.Store.Gate)
        {
            var queue = new JsonObject { ["metadata"] = new JsonObject { ["name"] = "gpus" } };
            bench.Double.Store.Add($"/{KubernetesNames.Queues("tenant-klinik-nord")}/gpus", queue);
        }

        var waits = DriverBench.Order(RunClass.Sticky);
        var exclusive = DriverBench.Order();
        await bench.RunAsync(driver, waits);
        await bench.RunAsync(driver, exclusive);

        Assert.Equal(("gpus", null), (bench.QueueOf(waits), bench.QueueOf(exclusive)));
    }

    [Fact]
    public async Task An_order_becomes_an_object_without_finalizers_owned_by_the_agent()
    {
        await using var bench = await DoubleBench.OpenAsync();
        await using var driver = bench.Connect();
        var order = DriverBench.Order() with { Placement = new(new("0190f2aa-0000-7000-8000-000000000001")) };
        await bench.RunAsync(driver, order);

        var job = bench.JobOf(order);

        Assert.Equal("cp-0190f2aa000070008000000000000001-3-7", (string)job["metadata"]!["name"]!);
        Assert.Null(job["metadata"]!["finalizers"]);
        Assert.Equal("cplane-site-agent", (string)job["metadata"]!["labels"]!["app.kubernetes.io/managed-by"]!);
        Assert.Equal("2", (string)job["spec"]!["template"]!["spec"]!["containers"]![0]!["resources"]!["limits"]![
            "nvidia.com/gpu"]!);
    }
}
