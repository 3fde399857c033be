using ControlPlane.Failover;
using ControlPlane.SiteAgent.Drivers;
using ControlPlane.Workloads;

namespace ControlPlane.SiteAgent.Tests.Drivers;

/// <summary>Holds every driver to what it promises; one public method for each promise.</summary>
internal static class DriverContract
{
    private static readonly CancellationToken None = CancellationToken.None;

    /// <summary>Names of the promises, for theories.</summary>
    public static TheoryData<string> Promises =>
        [.. from method in typeof(DriverContract).GetMethods() where method.IsStatic
            where method.ReturnType == typeof(Task) && method.Name != nameof(HoldAsync) orderby method.Name
            select method.Name];

    /// <summary>Checks one promise on a scheduler that is fresh or shared, and closes the bench.</summary>
    public static async Task HoldAsync(string promise, DriverBench bench)
    {
        await using (bench)
        {
            await (Task)typeof(DriverContract).GetMethod(promise)!.Invoke(null, [bench])!;
        }
    }

    public static async Task What_was_started_runs_and_is_seen_under_its_epoch(DriverBench bench)
    {
        await using var driver = bench.Connect();
        var order = DriverBench.Order();

        await bench.RunAsync(driver, order);

        var seen = await DriverBench.SeenAsync(driver, order);
        Assert.Equal(
            new ObservedWork
            {
                Placement = order.Placement,
                Epoch = order.Epoch,
                RunClass = RunClass.Exclusive,
                Status = WorkStatus.Running,
            },
            seen! with { Detail = null });
        Assert.Equal(1, await bench.CountLiveAsync(order));
    }

    public static async Task Starting_again_gives_one_copy_also_from_a_driver_that_was_restarted(DriverBench bench)
    {
        var order = DriverBench.Order();
        await using (var before = bench.Connect())
        {
            await before.StartAsync(order, None);
            await before.StartAsync(order, None);
        }

        await using var after = bench.Connect();
        await bench.RunAsync(after, order);

        Assert.Equal(1, await bench.CountLiveAsync(order));
    }

    public static async Task Starting_at_the_same_time_gives_one_copy(DriverBench bench)
    {
        await using var driver = bench.Connect();
        var order = DriverBench.Order();

        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => driver.StartAsync(order, None)));
        await bench.RunAsync(driver, order);

        Assert.Equal(1, await bench.CountLiveAsync(order));
    }

    public static async Task A_reply_that_is_lost_makes_no_second_copy(DriverBench bench)
    {
        await using var driver = bench.Connect();
        var order = DriverBench.Order();

        bench.LoseNextReply();
        await Assert.ThrowsAsync<SiteUnreachableException>(() => driver.StartAsync(order, None));
        await using var another = bench.Connect();
        await bench.RunAsync(another, order);

        Assert.Equal(1, await bench.CountLiveAsync(order));
    }

    public static async Task Services_and_gangs_run_as_batches_do(DriverBench bench)
    {
        await using var driver = bench.Connect();
        var service = DriverBench.Order(RunClass.Sticky, WorkloadKind.Service);
        var gang = DriverBench.Order(kind: WorkloadKind.Gang) with
        {
            Units =
            [
                new() { Ordinal = 0, Cluster = DriverBench.Cluster, NodePool = DriverBench.Pool, Node = 0 },
                new() { Ordinal = 1, Cluster = DriverBench.Cluster, NodePool = DriverBench.Pool, Node = 1 },
            ],
        };

        await bench.RunAsync(driver, service);
        await bench.RunAsync(driver, gang);

        Assert.Equal((1, 1), (await bench.CountLiveAsync(service), await bench.CountLiveAsync(gang)));
        Assert.Equal(RunClass.Sticky, (await DriverBench.SeenAsync(driver, service))!.RunClass);
    }

    public static async Task An_older_epoch_is_refused_while_the_newer_runs_and_after_it_was_stopped(DriverBench bench)
    {
        var newer = DriverBench.Order();
        var older = newer with { Epoch = new(2, 900) };
        StartAnswer whileItRuns;
        await using (var driver = bench.Connect())
        {
            await bench.RunAsync(driver, newer);
            whileItRuns = await driver.StartAsync(older, None);
            await driver.StopAsync(newer.Placement, newer.Epoch, None);
            await bench.UntilAsync("it is gone", async () => await DriverBench.SeenAsync(driver, newer) is null);
        }

        await using var restarted = bench.Connect();
        var afterwards = await restarted.StartAsync(older, None);

        Assert.Equal(
            (new RefusedOlder(newer.Epoch), new RefusedOlder(newer.Epoch)), ((object)whileItRuns, (object)afterwards));
        Assert.Equal(0, await bench.CountLiveAsync(older));
    }

    public static async Task A_newer_epoch_starts_when_the_older_is_gone_and_never_beside_it(DriverBench bench)
    {
        await using var driver = bench.Connect();
        var older = DriverBench.Order();
        var newer = older with { Epoch = new(3, 8) };
        await bench.RunAsync(driver, older);

        var first = await driver.StartAsync(newer, None);
        await bench.UntilAsync("the newer is started", async () =>
        {
            Assert.True(await bench.CountLiveAsync(older) + await bench.CountLiveAsync(newer) <= 1, "two at once");
            return await driver.StartAsync(newer, None) is Started;
        });
        await bench.RunAsync(driver, newer);

        Assert.Equal(new OlderStopping(older.Epoch), first);
        Assert.Equal((0, 1), (await bench.CountLiveAsync(older), await bench.CountLiveAsync(newer)));
    }

    public static async Task Stopping_ends_one_epoch_and_may_be_repeated(DriverBench bench)
    {
        await using var driver = bench.Connect();
        var stopped = DriverBench.Order();
        var other = DriverBench.Order(RunClass.Sticky);
        await bench.RunAsync(driver, stopped);
        await bench.RunAsync(driver, other);

        await driver.StopAsync(stopped.Placement, new(1, 1), None);
        Assert.Equal(1, await bench.CountLiveAsync(stopped));
        await driver.StopAsync(stopped.Placement, stopped.Epoch, None);
        await bench.UntilAsync("it is gone", async () => await DriverBench.SeenAsync(driver, stopped) is null);
        await driver.StopAsync(stopped.Placement, stopped.Epoch, None);

        Assert.Equal((0, 1), (await bench.CountLiveAsync(stopped), await bench.CountLiveAsync(other)));
    }

    public static async Task What_came_to_its_end_is_seen_as_finished_and_does_not_start_again(DriverBench bench)
    {
        await using var driver = bench.Connect();
        var order = DriverBench.Order();
        await bench.RunAsync(driver, order);

        await bench.FinishAsync(order);
        await bench.UntilAsync("it is finished", async () =>
            await DriverBench.SeenAsync(driver, order) is { Status: WorkStatus.Finished });
        await using var restarted = bench.Connect();
        var again = await restarted.StartAsync(order, None);

        Assert.Equal(new Started(), again);
        Assert.Equal(WorkStatus.Finished, (await DriverBench.SeenAsync(restarted, order))!.Status);
        Assert.Equal(0, await bench.CountLiveAsync(order));
    }

    public static async Task Nodes_and_health_are_seen(DriverBench bench)
    {
        await using var driver = bench.Connect();

        var seen = await driver.ObserveAsync(None);

        Assert.Equal(
            [(DriverBench.Pool, 0, true), (DriverBench.Pool, 1, true)],
            seen.Nodes.Where(node => node.NodePool == DriverBench.Pool).Take(2)
                .Select(node => (node.NodePool, node.Node, node.Ready)));
        Assert.True(seen.Healthy && seen.ConfidencePercent > 0, seen.Detail);
    }

    public static async Task A_scheduler_that_does_not_answer_is_never_taken_for_an_empty_one(DriverBench bench)
    {
        await using var driver = bench.Connect();
        var order = DriverBench.Order();
        await bench.RunAsync(driver, order);

        await bench.KillSchedulerAsync();

        await Assert.ThrowsAsync<SiteUnreachableException>(() => driver.ObserveAsync(None));
        await Assert.ThrowsAsync<SiteUnreachableException>(() => driver.StartAsync(order, None));
        await Assert.ThrowsAsync<SiteUnreachableException>(() => driver.StopAsync(order.Placement, order.Epoch, None));
    }

    public static async Task When_the_guard_runs_out_exclusive_work_ends_and_sticky_work_runs_on(DriverBench bench)
    {
        var exclusive = DriverBench.Order();
        var sticky = DriverBench.Order(RunClass.Sticky);
        await using (var driver = bench.Connect())
        {
            if (!driver.Guards) return;
            await driver.GuardAsync(TimeSpan.FromMinutes(2), None);
            await bench.RunAsync(driver, exclusive);
            await bench.RunAsync(driver, sticky);
            await driver.GuardAsync(TimeSpan.FromSeconds(4), None);
        }

        Assert.Equal(1, await bench.CountLiveAsync(exclusive));
        await bench.UntilAsync("the exclusive work is gone", async () => await bench.CountLiveAsync(exclusive) == 0);

        Assert.Equal(1, await bench.CountLiveAsync(sticky));
    }

    public static async Task A_guard_that_is_put_off_in_time_lets_exclusive_work_run_on(DriverBench bench)
    {
        await using var driver = bench.Connect();
        if (!driver.Guards) return;
        var order = DriverBench.Order();
        await driver.GuardAsync(TimeSpan.FromSeconds(8), None);
        await bench.RunAsync(driver, order);

        for (var renewal = 0; renewal < 5; renewal++)
        {
            await driver.GuardAsync(TimeSpan.FromSeconds(8), None);
            await bench.PassAsync(TimeSpan.FromSeconds(2));
        }

        Assert.Equal(1, await bench.CountLiveAsync(order));
    }
}
