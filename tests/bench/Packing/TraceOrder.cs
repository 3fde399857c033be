using ControlPlane.Traces;

namespace ControlPlane.Bench.Packing;

/// <summary>Nodes in the order of ties and pods in the order of arrival: one run of the packing experiment.</summary>
internal sealed record TraceOrder(
    string List, int? Seed, string Name, IReadOnlyList<TraceNode> Nodes, IReadOnlyList<TracePod> Pods)
{
    /// <summary>What the names of pods that were added to reach the demand have in them.</summary>
    private const string Added = "-tuned-";

    /// <summary>Demand at which arrivals stop, in thousandths of what is installed.</summary>
    public const int DemandMilli = 1300;

    /// <summary>Reads an order as it was exported from the published experiment.</summary>
    public static TraceOrder Read(string folder, int seed) => new(
        "published", seed, $"published {seed}",
        [.. TraceRows.Nodes(Path.Combine(folder, $"nodes{seed}.csv")).OrderBy(node => node.Rank)],
        TraceRows.Pods(Path.Combine(folder, $"pods{seed}.csv")));

    /// <summary>
    /// Makes an order by the rules of the published experiment from a random generator of its own: all pods shuffled,
    /// then pods drawn at random until 130 % of the GPUs are asked for, and nodes ranked at random.
    /// </summary>
    public static TraceOrder Make(string list, int seed)
    {
        var random = new Random(seed);
        var nodes = TraceRows.Nodes(DataFolder.In("traces", "openb_node_list_gpu_node.csv"));
        var pods = TraceRows.Pods(DataFolder.In("traces", $"openb_pod_list_{list}.csv"));
        var most = nodes.Sum(node => node.Gpus * 1000L) * DemandMilli / 1000;
        var arrivals = pods.ToArray();
        random.Shuffle(arrivals);
        var all = arrivals.ToList();
        var demand = pods.Sum(pod => (long)pod.TotalMilli);
        while (true)
        {
            var pod = pods[random.Next(pods.Count)];
            // The published rule looks at the milli of one GPU, however many a pod has.
            if (demand + (pod.Gpus == 0 ? 0 : pod.GpuMilli) > most) break;
            demand += pod.TotalMilli;
            all.Add(pod with { Name = $"{pod.Name}{Added}{all.Count - pods.Count}" });
        }

        var ranked = nodes.OrderBy(node => node.Name, StringComparer.Ordinal).ToArray();
        random.Shuffle(ranked);
        return new TraceOrder(list, null, $"{list} {seed}", ranked, all);
    }

    /// <summary>
    /// The pods of the trace itself, before any was added: what work is expected is learnt from these.
    /// </summary>
    public IEnumerable<TracePod> Trace => Pods.Where(pod => !pod.Name.Contains(Added, StringComparison.Ordinal));
}
