using System.Globalization;
using System.Text.Json.Nodes;
using ControlPlane.Failover;
using ControlPlane.Workloads;

namespace ControlPlane.SiteAgent.Drivers.Slurm;

/// <summary>
/// Writes the job that an order becomes. The script of exclusive work watches the guard itself: it starts when it saw
/// the guard change, and ends its work when the guard runs out, though the agent and Slurm's daemons may be dead.
/// </summary>
internal static class SlurmScript
{
    /// <summary>With this the script ends when the guard ran out.</summary>
    public const int GuardedExit = 91;

    public const string GuardFile = "cplane-guard";

    private const string Plain = "#!/bin/sh\nexec /bin/sh -c \"$CPLANE_COMMAND\"\n";

    // Uptime is the node's own clock, which nobody sets and which counts sleep. The guard is "number seconds": what
    // counts is when a new number is seen, so that clocks of two machines are never compared.
    private const string Guarded = """
        #!/bin/sh
        up() { cut -d. -f1 /proc/uptime; }
        last=$(cat "$CPLANE_GUARD" 2>/dev/null)
        until=$(( $(up) + ${last#* } + 1 ))
        work=
        while :; do
          seen=$(cat "$CPLANE_GUARD" 2>/dev/null || echo "$last")
          if [ -n "$seen" ] && [ "$seen" != "$last" ]; then
            last=$seen
            until=$(( $(up) + ${seen#* } ))
            if [ -z "$work" ] && [ "${seen#* }" -gt 0 ]; then
              setsid /bin/sh -c "$CPLANE_COMMAND" &
              work=$!
            fi
          fi
          if [ "$(up)" -ge "$until" ]; then
            [ -z "$work" ] || kill -s KILL -- "-$work" 2>/dev/null
            exit 91
          fi
          if [ -n "$work" ] && ! kill -0 "$work" 2>/dev/null; then wait "$work"; exit $?; fi
          sleep 0.5
        done
        """;

    public static JsonObject Job(WorkOrder order, SlurmSettings settings, IReadOnlySet<string> partitions)
    {
        var guarded = order.RunClass == RunClass.Exclusive && settings.SharedFolder is not null;
        var nodes = order.Units.Select(unit => (unit.NodePool, unit.Node)).Distinct().Count();
        var perNode = (order.Units.Count + nodes - 1) / nodes;
        var folder = settings.SharedFolder ?? "/tmp";
        var job = new JsonObject
        {
            ["name"] = WorkName.Of(order).ToString(),
            ["comment"] = Comment(order),
            ["environment"] = new JsonObject
            {
                ["PATH"] = "/usr/local/bin:/usr/bin:/bin",
                [WorkName.Variable] = WorkName.Of(order).ToString(),
                ["CPLANE_COMMAND"] = WorkName.LabelOf(order, WorkName.CommandLabel) ?? "sleep infinity",
                ["CPLANE_GUARD"] = Path.Combine(folder, GuardFile),
            },
            ["current_working_directory"] = folder,
            ["standard_output"] = "/dev/null",
            ["standard_error"] = "/dev/null",
            ["requeue"] = false,
            // A second job of this name, from a request that was thought lost, waits until it is cancelled.
            ["dependency"] = "singleton",
            ["nodes"] = new JsonArray { nodes, nodes },
            ["tasks"] = order.Units.Count,
            ["tasks_per_node"] = perNode,
            ["cpus_per_task"] = Math.Max(1, (order.CpuMilli + 999) / 1000),
            ["memory_per_node"] = Math.Max(1, order.MemoryMib * perNode),
        };
        if (order.Accelerators > 0)
            job["gpus_per_node"] = (order.Accelerators * perNode).ToString(CultureInfo.InvariantCulture);
        var named = order.Units.Select(unit => unit.NodePool.Value).Distinct().Order(StringComparer.Ordinal)
            .Where(partitions.Contains).ToList();
        if (named.Count > 0) job["partition"] = string.Join(',', named);
        return new() { ["job"] = job, ["script"] = guarded ? Guarded : Plain };
    }

    public static RunClass ClassOf(JsonObject job) =>
        (string?)job["comment"] == "cplane sticky" ? RunClass.Sticky : RunClass.Exclusive;

    private static string Comment(WorkOrder order) =>
        order.RunClass == RunClass.Sticky ? "cplane sticky" : "cplane exclusive";
}
