using BenchmarkDotNet.Attributes;
using ControlPlane.Placements.Packing;

namespace ControlPlane.Bench.Nanoseconds;

/// <summary>
/// Times the choice of a node by fragmentation, with taking and giving back, on nodes that are 60 % full.
/// </summary>
// BenchmarkDotNet takes public, unsealed classes only.
public class NodeNanoseconds
{
    /// <summary>Choices of one invocation.</summary>
    public const int Choices = 1_024;

    private const int PercentFull = 60;
    private const int Kinds = 48;

    private readonly Queue<PackedUnit> held = new();
    private PackingNodes nodes = null!; // made before anything is timed
    private PackingRule rule = null!;
    private PackingIndex index = null!;
    private PackingKind[] arrivals = [];
    private int next;

    [ParamsSource(nameof(Sizes))]
    public int Nodes { get; set; }

    public static IEnumerable<int> Sizes => NanosecondsTable.IsQuick ? [500] : [1_500, 100_000];

    [GlobalSetup]
    public void Fill()
    {
        var random = new Random(1);
        int[] shares = [110, 230, 470, 500, 810];
        int[] sizes = [0, 1, 2, 4, 8];
        nodes = new PackingNodes([.. Enumerable.Range(0, Nodes).Select(_ =>
            new NodeShape(96_000, 786_432, sizes[random.Next(1, sizes.Length)], 0))]);
        var kinds = Enumerable.Range(0, Kinds).Select(_ => random.Next(3) == 0
                ? new PackingKind(
                    1_000 * random.Next(1, 8), 8_192, 0, shares[random.Next(shares.Length)], PackingKind.AnyModel)
                : new PackingKind(
                    4_000 * random.Next(1, 4), 16_384, sizes[random.Next(1, 4)], 0, PackingKind.AnyModel))
            .ToArray();
        arrivals = [.. Enumerable.Range(0, 8_192).Select(_ => kinds[random.Next(Kinds)])];
        rule = new FragmentationRule(WorkloadMix.Of(
            arrivals.Select(kind => (kind, "")), WorkloadMix.PublishedPercent));
        index = new PackingIndex(nodes, rule);
        held.EnsureCapacity(Nodes * 8);
        for (long used = 0; used * 100 < nodes.InstalledMilli * PercentFull;) used += Place();
        for (var each = 0; each < Choices; each++) Turn();
    }

    [Benchmark(OperationsPerInvoke = Choices, Description = "node by fragmentation, taking and giving back")]
    public void Choose()
    {
        for (var each = 0; each < Choices; each++) Turn();
    }

    private void Turn()
    {
        Place();
        if (!held.TryDequeue(out var oldest)) return;
        nodes.Give(oldest.Node, oldest.Kind, oldest.Devices);
        index.Changed(oldest.Node);
    }

    private long Place()
    {
        var kind = arrivals[next];
        next = (next + 1) % arrivals.Length;
        var node = index.Find(kind);
        if (node < 0) return 0;
        var devices = rule.Choose(nodes, node, kind);
        nodes.Take(node, kind, devices);
        index.Changed(node);
        held.Enqueue(new PackedUnit(0, kind, node, devices));
        return kind.TotalMilli;
    }
}
