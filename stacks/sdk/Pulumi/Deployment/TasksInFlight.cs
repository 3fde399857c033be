namespace Pulumi;

/// <summary>Knows the work that a program has begun and tells when all of it is over, or when some fails.</summary>
internal sealed class TasksInFlight
{
    private readonly Lock gate = new();
    private readonly List<Exception> faults = [];
    private readonly HashSet<Exception> told = new(ReferenceEqualityComparer.Instance);
    private int open;
    private long steps;
    private TaskCompletionSource<IReadOnlyList<Exception>>? waiting;

    /// <summary>Grows whenever any work begins or ends.</summary>
    public long Steps => Interlocked.Read(ref steps);

    /// <summary>Waits for a task too; talking about the work is not counted as work.</summary>
    public void Track(Task task, bool isTalk = false)
    {
        var step = isTalk ? 0 : 1;
        lock (gate)
        {
            open++;
            steps += step;
        }
        task.ContinueWith(
            ended => End(ended, step), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously,
            TaskScheduler.Default);
    }

    /// <summary>Ends with the new faults, or with none once nothing is under way any more.</summary>
    public Task<IReadOnlyList<Exception>> IdleOrFaultsAsync()
    {
        lock (gate)
        {
            if (faults.Count > 0 || open == 0)
            {
                return Task.FromResult<IReadOnlyList<Exception>>(TakeFaults());
            }
            waiting ??= new(TaskCreationOptions.RunContinuationsAsynchronously);
            return waiting.Task;
        }
    }

    private void End(Task task, int step)
    {
        lock (gate)
        {
            open--;
            steps += step;
            // One fault reaches everything that depends on it; a person needs to read it once.
            var causes = task.IsCanceled ? [new TaskCanceledException(task)] : task.Exception?.InnerExceptions;
            faults.AddRange((causes ?? []).Where(told.Add));
            if (waiting is not null && (faults.Count > 0 || open == 0))
            {
                var waiter = waiting;
                waiting = null;
                waiter.SetResult(TakeFaults());
            }
        }
    }

    private Exception[] TakeFaults()
    {
        Exception[] taken = [.. faults];
        faults.Clear();
        return taken;
    }
}
