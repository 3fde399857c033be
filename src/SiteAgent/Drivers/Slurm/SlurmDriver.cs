using System.Globalization;
using ControlPlane.Failover;
using ControlPlane.Workloads;

namespace ControlPlane.SiteAgent.Drivers.Slurm;

/// <summary>
/// Drives a Slurm cluster through slurmrestd. One job stands for one epoch of a placement; a journal remembers
/// what Slurm forgets, and jobs that were submitted twice are found by their name and cancelled but one.
/// </summary>
internal sealed class SlurmDriver(SlurmApi api, SlurmSettings settings, SlurmJournal journal, TimeProvider clock)
    : ISiteDriver
{
    /// <summary>What reading a guard late may cost: the pause between two looks, and a write.</summary>
    private static readonly TimeSpan GuardMargin = TimeSpan.FromSeconds(2);

    private readonly SemaphoreSlim gate = new(1);
    private long guards;

    public bool Guards => settings.SharedFolder is not null;

    public async Task<SiteObservation> ObserveAsync(CancellationToken cancellation)
    {
        await gate.WaitAsync(cancellation);
        try
        {
            var jobs = await OursAsync(cancellation);
            var nodes = SlurmView.Nodes(await api.NodesAsync(cancellation));
            await CancelDoublesAsync(jobs, cancellation);
            Remember(jobs);
            var ready = nodes.Count(node => node.Ready);
            return new()
            {
                Work = SiteObservation.InOrder(SlurmView.Work(jobs, journal.Ended)),
                Nodes = SiteObservation.InOrder(nodes),
                Healthy = nodes.Count > 0 && 2 * ready >= nodes.Count,
                ConfidencePercent = 90,
                Detail = string.Create(CultureInfo.InvariantCulture, $"{ready} of {nodes.Count} nodes ready"),
            };
        }
        finally
        {
            gate.Release();
        }
    }

    public async Task<StartAnswer> StartAsync(WorkOrder order, CancellationToken cancellation)
    {
        await gate.WaitAsync(cancellation);
        try
        {
            return await StartAloneAsync(order, cancellation);
        }
        finally
        {
            gate.Release();
        }
    }

    public async Task StopAsync(DecisionId placement, Epoch epoch, CancellationToken cancellation)
    {
        await gate.WaitAsync(cancellation);
        try
        {
            foreach (var job in await OursAsync(cancellation))
            {
                if (job.Name.Placement == placement && job.Name.Epoch == epoch && job.IsLive)
                    await api.CancelAsync(job.Number, cancellation);
            }

            if (journal.Find(placement) is { } kept && kept.Epoch == epoch)
                journal.Put(new(placement, epoch), kept with { Job = 0, Status = null });
        }
        finally
        {
            gate.Release();
        }
    }

    public async Task GuardAsync(TimeSpan left, CancellationToken cancellation)
    {
        if (settings.SharedFolder is not { } shared) return;
        var seconds = Math.Max(0, (long)(left - GuardMargin).TotalSeconds);
        // A number that no earlier life of the agent wrote: what counts is that it is another one.
        var number = Math.Max(clock.GetUtcNow().ToUnixTimeMilliseconds(), Interlocked.Increment(ref guards));
        Interlocked.Exchange(ref guards, number);
        var path = Path.Combine(shared, SlurmScript.GuardFile);
        var text = string.Create(CultureInfo.InvariantCulture, $"{number} {seconds}\n");
        try
        {
            await File.WriteAllTextAsync(path + ".next", text, cancellation);
            File.Move(path + ".next", path, overwrite: true);
        }
        catch (IOException failure)
        {
            throw new SiteUnreachableException($"the guard can not be written: {failure.Message}", failure);
        }
    }

    public ValueTask DisposeAsync()
    {
        gate.Dispose();
        return ValueTask.CompletedTask;
    }

    private async Task<StartAnswer> StartAloneAsync(WorkOrder order, CancellationToken cancellation)
    {
        var name = WorkName.Of(order);
        var jobs = (await OursAsync(cancellation)).Where(job => job.Name.Placement == order.Placement).ToList();
        var kept = journal.Find(order.Placement);
        var newest = jobs.Select(job => job.Name.Epoch).Append(kept?.Epoch ?? order.Epoch).Max();
        if (newest > order.Epoch) return new RefusedOlder(newest);
        Epoch? older = null;
        foreach (var job in jobs.Where(job => job.IsLive && job.Name.Epoch < order.Epoch))
        {
            older = job.Name.Epoch;
            if (job.Status != WorkStatus.Stopping) await api.CancelAsync(job.Number, cancellation);
        }

        if (older is { } waiting) return new OlderStopping(waiting);
        if (kept?.Epoch == order.Epoch && kept.Status is not null) return new Started();
        if (jobs.Any(job => job.Name == name && job.Status is not null)) return new Started();
        var entry = new SlurmJournal.Entry(order.Epoch.Timeline, order.Epoch.Counter, 0, null)
        {
            RunClass = order.RunClass,
        };
        journal.Put(name, entry);
        var partitions = SlurmView.Partitions(await api.NodesAsync(cancellation));
        var number = await api.SubmitAsync(SlurmScript.Job(order, settings, partitions), cancellation);
        journal.Put(name, entry with { Job = number });
        return new Started();
    }

    private async Task<IReadOnlyList<SlurmJob>> OursAsync(CancellationToken cancellation) =>
        SlurmView.Jobs(await api.JobsAsync(cancellation));

    // The first one that Slurm took is the one; the others wait for it by their dependency.
    private async Task CancelDoublesAsync(IReadOnlyList<SlurmJob> jobs, CancellationToken cancellation)
    {
        foreach (var same in jobs.Where(job => job.IsLive).GroupBy(job => job.Name))
        {
            foreach (var extra in same.OrderBy(job => job.Number).Skip(1))
            {
                await api.CancelAsync(extra.Number, cancellation);
            }
        }
    }

    // Slurm forgets an ended job after minutes. One that was submitted and is gone unseen may have run to its end.
    private void Remember(IReadOnlyList<SlurmJob> jobs)
    {
        foreach (var (name, entry) in journal.Submitted.ToList())
        {
            var mine = jobs.Where(job => job.Name == name).ToList();
            if (mine.Any(job => job.IsLive)) continue;
            var ended = mine.Count == 0 ? WorkStatus.Failed : mine[^1].Status;
            // Without a status it was stopped, or its guard ended it: the same epoch may start again.
            journal.Put(name, ended is null ? entry with { Job = 0 } : entry with { Status = ended });
        }
    }
}
