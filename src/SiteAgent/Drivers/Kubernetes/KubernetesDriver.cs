using System.Globalization;
using System.Text.Json.Nodes;
using ControlPlane.Failover;
using ControlPlane.Workloads;

namespace ControlPlane.SiteAgent.Drivers.Kubernetes;

/// <summary>
/// Drives a Kubernetes cluster: server-side apply under names made of placement and epoch, lists that are never older
/// than the question, and a watch for nodes. Exclusive work is a Job whose deadline the guard puts off again and again.
/// </summary>
internal sealed class KubernetesDriver : ISiteDriver
{
    private static readonly TimeSpan DatedEvery = TimeSpan.FromMilliseconds(100);

    private readonly KubernetesApi api;
    private readonly KubernetesSettings settings;
    private readonly TimeProvider clock;
    private readonly EpochFloor floor;
    private readonly NodeWatch nodes;
    private long? guardAt;

    public KubernetesDriver(KubernetesApi api, KubernetesSettings settings, TimeProvider clock)
    {
        this.api = api;
        this.settings = settings;
        this.clock = clock;
        floor = new(api);
        nodes = new(api, clock);
    }

    public bool Guards => settings.Guards;

    public async Task<SiteObservation> ObserveAsync(CancellationToken cancellation)
    {
        // Owners before pods: what is made in between shows as starting, never as absent.
        var jobs = await api.ListAsync(KubernetesNames.AllJobs, KubernetesNames.Managed, cancellation);
        var deployments = await api.ListAsync(KubernetesNames.AllDeployments, KubernetesNames.Managed, cancellation);
        var pods = await api.ListAsync(KubernetesNames.AllPods, KubernetesNames.Managed, cancellation);
        var seen = await nodes.ReadAsync(cancellation);
        return new()
        {
            Work = KubernetesView.Work(jobs.Items, deployments.Items, pods.Items),
            Nodes = SiteObservation.InOrder(seen.Nodes),
            Healthy = seen.Nodes.Count > 0 && 2 * seen.Nodes.Count(node => node.Ready) >= seen.Nodes.Count,
            ConfidencePercent = seen.IsFresh ? 95 : 60,
            Detail = seen.Detail,
        };
    }

    public async Task<StartAnswer> StartAsync(WorkOrder order, CancellationToken cancellation)
    {
        var work = WorkName.Of(order);
        var space = KubernetesNames.Namespace(order.Tenant);
        var newest = await floor.RaiseAsync(space, work, cancellation);
        if (newest > order.Epoch) return new RefusedOlder(newest);
        if (await StopOlderAsync(space, work, cancellation) is { } older) return new OlderStopping(older);
        if (KubernetesObjects.IsDeployment(order))
        {
            var body = KubernetesObjects.Deployment(order, settings);
            await ApplyAsync(KubernetesNames.Deployment(space, work.ToString()), body, cancellation);
            return new Started();
        }

        return await StartJobAsync(order, space, cancellation);
    }

    public async Task StopAsync(DecisionId placement, Epoch epoch, CancellationToken cancellation)
    {
        var name = new WorkName(placement, epoch).ToString();
        var selector = KubernetesNames.Managed
            + $",{KubernetesNames.PlacementLabel}={KubernetesNames.Label(placement)}"
            + $",{KubernetesNames.EpochLabel}={KubernetesNames.Label(epoch)}";
        foreach (var job in (await api.ListAsync(KubernetesNames.AllJobs, selector, cancellation)).Items)
        {
            await api.DeleteAsync(KubernetesNames.Job(KubernetesView.SpaceOf(job), name), cancellation);
        }

        foreach (var made in (await api.ListAsync(KubernetesNames.AllDeployments, selector, cancellation)).Items)
        {
            await api.DeleteAsync(KubernetesNames.Deployment(KubernetesView.SpaceOf(made), name), cancellation);
        }
    }

    public async Task GuardAsync(TimeSpan left, CancellationToken cancellation)
    {
        guardAt = clock.GetTimestamp() + (long)(left.TotalSeconds * clock.TimestampFrequency);
        var selector = $"{KubernetesNames.Managed},{KubernetesNames.ClassLabel}=exclusive";
        var jobs = await api.ListAsync(KubernetesNames.AllJobs, selector, cancellation);
        foreach (var job in jobs.Items.Where(job => KubernetesView.MayRun(job)))
        {
            var name = (string)job["metadata"]!["name"]!;
            var fresh = await api.GetAsync(KubernetesNames.Job(KubernetesView.SpaceOf(job), name), cancellation);
            if (fresh is not null && KubernetesView.MayRun(fresh)) await PutOffAsync(fresh, cancellation);
        }
    }

    public ValueTask DisposeAsync() => nodes.DisposeAsync();

    private async Task<StartAnswer> StartJobAsync(WorkOrder order, string space, CancellationToken cancellation)
    {
        var path = KubernetesNames.Job(space, WorkName.Of(order).ToString());
        var job = await api.GetAsync(path, cancellation);
        if (job is not null && KubernetesView.IsPastDeadline(job))
        {
            // The guard ended it; under a new lease the same epoch may go on, as a new Job.
            await api.DeleteAsync(path, cancellation);
            return new OlderStopping(order.Epoch);
        }

        job ??= await ApplyAsync(path, await JobAsync(order, space, cancellation), cancellation);
        if (order.RunClass == RunClass.Sticky || KubernetesView.HasEnded(job)) return new Started();
        // The deadline counts from when the job controller took the Job up, so it is set anew once that is known.
        job = await DatedAsync(path, job, cancellation);
        await PutOffAsync(job, cancellation);
        return new Started();
    }

    private async Task<JsonObject> JobAsync(WorkOrder order, string space, CancellationToken cancellation)
    {
        var queue = order.RunClass == RunClass.Sticky ? await QueueAsync(space, cancellation) : null;
        var job = KubernetesObjects.Job(order, settings, queue);
        if (order.RunClass == RunClass.Exclusive && guardAt is not null)
        {
            if (Left < 2) throw new SiteUnreachableException("the guard ran out before the start");
            job["spec"]!["activeDeadlineSeconds"] = (long)Left - 1;
        }

        return job;
    }

    /// <summary>Seconds until the guard runs out.</summary>
    private double Left => (guardAt!.Value - clock.GetTimestamp()) / (double)clock.TimestampFrequency;

    /// <summary>Lets a Job that is dated run until the guard, and not longer.</summary>
    private async Task PutOffAsync(JsonObject job, CancellationToken cancellation)
    {
        if (guardAt is null) return;
        var startedAt = KubernetesView.StartOf(job)!.Value.ToUnixTimeSeconds(); // whoever calls saw to it
        var elapsed = ((long?)job[KubernetesApi.AnsweredAt] ?? startedAt) - startedAt;
        // Both dates are cut to the second; the second that this may cost is taken off.
        var deadline = Math.Max(1, (long)(elapsed + Left) - 1);
        var (space, name) = (KubernetesView.SpaceOf(job), (string)job["metadata"]!["name"]!);
        var apply = new KubernetesApply(
            KubernetesNames.Job(space, name),
            KubernetesObjects.Guarded(space, name, deadline),
            KubernetesNames.GuardManager,
            Force: true);
        await api.ApplyAsync(apply, cancellation);
    }

    private async Task<JsonObject> DatedAsync(string path, JsonObject job, CancellationToken cancellation)
    {
        var since = clock.GetTimestamp();
        var current = job;
        while (KubernetesView.StartOf(current) is null)
        {
            if (clock.GetElapsedTime(since) > settings.DatedWithin)
            {
                // Taken up later, it would run for longer than its guard.
                await api.DeleteAsync(path, cancellation);
                throw new SiteUnreachableException("the job controller does not take up new Jobs");
            }

            await Task.Delay(DatedEvery, clock, cancellation);
            current = await api.GetAsync(path, cancellation)
                ?? throw new SiteUnreachableException("somebody deleted the Job while it was started");
        }

        return current;
    }

    private async Task<Epoch?> StopOlderAsync(string space, WorkName work, CancellationToken cancellation)
    {
        var selector =
            $"{KubernetesNames.Managed},{KubernetesNames.PlacementLabel}={KubernetesNames.Label(work.Placement)}";
        Epoch? older = null;
        foreach (var (list, kind) in KubernetesView.Kinds(space))
        {
            foreach (var item in (await api.ListAsync(list, selector, cancellation)).Items)
            {
                if (KubernetesView.EpochOf(item) is not { } epoch || epoch >= work.Epoch) continue;
                if (kind == "Pod" && !KubernetesView.IsLivePod(item)) continue;
                older = epoch;
                var path = $"{list}/{(string)item["metadata"]!["name"]!}";
                if (kind != "Pod") await api.DeleteAsync(path, cancellation);
            }
        }

        return older;
    }

    private async Task<JsonObject> ApplyAsync(string path, JsonObject body, CancellationToken cancellation) =>
        await api.ApplyAsync(new(path, body, KubernetesNames.WorkManager, Force: false), cancellation)
        ?? throw new SiteUnreachableException(string.Create(
            CultureInfo.InvariantCulture, $"{path}: somebody else owns fields of it"));

    // A cluster without Kueue answers 404; one with it may have a queue for the tenant.
    private async Task<string?> QueueAsync(string space, CancellationToken cancellation)
    {
        var queues = await api.GetAsync(KubernetesNames.Queues(space), cancellation);
        return (queues?["items"] as JsonArray ?? []).OfType<JsonObject>()
            .Select(queue => (string?)queue["metadata"]?["name"])
            .Order(StringComparer.Ordinal)
            .FirstOrDefault();
    }
}
