using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using ControlPlane.Failover;
using ControlPlane.Workloads;

namespace ControlPlane.SiteAgent.Drivers.Slurm;

/// <summary>Reads what slurmrestd says about jobs and nodes. Pure.</summary>
internal static partial class SlurmView
{
    /// <summary>Our jobs, ordered by number.</summary>
    public static IReadOnlyList<SlurmJob> Jobs(IEnumerable<JsonObject> jobs) =>
    [
        .. from job in jobs
           let name = WorkName.TryParse((string?)job["name"], out var parsed) ? parsed : null
           where name is not null
           let number = (long?)job["job_id"] ?? 0
           orderby number
           select new SlurmJob(number, name, SlurmScript.ClassOf(job), StatusOf(job)),
    ];

    /// <summary>What is live or ended, one for each epoch; not what was stopped or ended by its guard.</summary>
    public static IEnumerable<ObservedWork> Work(
        IReadOnlyList<SlurmJob> jobs, IEnumerable<(WorkName Name, SlurmJournal.Entry Entry)> ended)
    {
        var remembered = ended.ToDictionary(item => item.Name, item => item.Entry);
        var seen = jobs.Where(job => job.IsLive).GroupBy(job => job.Name).Select(same => same.First()).ToList();
        foreach (var job in seen) yield return Of(job.Name, job.RunClass, job.Status!.Value);
        var live = seen.Select(job => job.Name).ToHashSet();
        foreach (var (name, entry) in remembered)
        {
            if (!live.Contains(name)) yield return Of(name, entry.RunClass, entry.Status!.Value);
        }
    }

    /// <summary>Nodes that are named for their pool and ordinal, as <see cref="NodeId"/> writes it.</summary>
    public static IReadOnlyList<NodeReport> Nodes(IEnumerable<JsonObject> nodes) =>
    [
        .. from node in nodes
           let match = NodeName().Match((string?)node["name"] ?? "")
           where match.Success
           let ready = IsReady(node)
           select new NodeReport
           {
               NodePool = new(match.Groups["pool"].Value),
               Node = int.Parse(match.Groups["ordinal"].ValueSpan, System.Globalization.CultureInfo.InvariantCulture),
               Ready = ready,
               Detail = ready ? null : Reason(node),
           },
    ];

    public static IReadOnlySet<string> Partitions(IEnumerable<JsonObject> nodes) => nodes
        .SelectMany(node => node["partitions"] as JsonArray ?? [])
        .Select(name => (string?)name ?? "")
        .ToHashSet(StringComparer.Ordinal);

    private static ObservedWork Of(WorkName name, RunClass runClass, WorkStatus status) => new()
    {
        Placement = name.Placement, Epoch = name.Epoch, RunClass = runClass, Status = status,
    };

    // A state that is not known counts as running: it may act.
    private static WorkStatus? StatusOf(JsonObject job) => (string?)job["job_state"] switch
    {
        "PENDING" or "CONFIGURING" or "REQUEUED" or "REQUEUE_HOLD" or "SPECIAL_EXIT" => WorkStatus.Starting,
        "COMPLETING" or "STAGE_OUT" or "SIGNALING" or "STOPPED" => WorkStatus.Stopping,
        "COMPLETED" => WorkStatus.Finished,
        "CANCELLED" or "PREEMPTED" or "REVOKED" => null,
        "FAILED" when ExitOf(job) == SlurmScript.GuardedExit => null,
        "FAILED" or "TIMEOUT" or "NODE_FAIL" or "BOOT_FAIL" or "OUT_OF_MEMORY" or "DEADLINE" => WorkStatus.Failed,
        _ => WorkStatus.Running,
    };

    // The number is what wait() gives: the exit code is in its second byte.
    private static int ExitOf(JsonObject job) => (((int?)job["exit_code"] ?? 0) >> 8) & 0xff;

    private static bool IsReady(JsonObject node)
    {
        var flags = (node["state_flags"] as JsonArray ?? []).Select(flag => (string?)flag).ToList();
        return (string?)node["state"] is "idle" or "mixed" or "allocated"
            && !flags.Any(flag => flag is "DRAIN" or "DOWN" or "NOT_RESPONDING" or "FAIL" or "POWERED_DOWN");
    }

    private static string Reason(JsonObject node) =>
        (string?)node["reason"] is { Length: > 0 } reason ? reason : (string?)node["state"] ?? "state not told";

    [GeneratedRegex("^(?<pool>.+)-(?<ordinal>[0-9]{4,6})$")]
    private static partial Regex NodeName();
}

/// <summary>A job of ours.</summary>
/// <param name="Status">Null when it was stopped, or ended by its guard.</param>
internal sealed record SlurmJob(long Number, WorkName Name, RunClass RunClass, WorkStatus? Status)
{
    public bool IsLive => Status is WorkStatus.Starting or WorkStatus.Running or WorkStatus.Stopping;
}
