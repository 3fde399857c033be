using ControlPlane.Placements.Packing;
using ControlPlane.Traces;

namespace ControlPlane.Bench.Packing;

/// <summary>Puts pods and nodes of the trace into the terms of packing: models become numbers and bits.</summary>
internal sealed class TraceKinds(IEnumerable<TraceNode> nodes)
{
    private readonly List<string> models =
        [.. nodes.Select(node => node.Model).Distinct().Order(StringComparer.Ordinal)];

    public NodeShape ShapeOf(TraceNode node) =>
        new(node.CpuMilli, node.MemoryMib, node.Gpus, models.IndexOf(node.Model));

    public PackingKind KindOf(TracePod pod)
    {
        if (pod.Gpus == 0) return new PackingKind(pod.CpuMilli, pod.MemoryMib, 0, 0, PackingKind.AnyModel);
        var accepted = pod.Models.Length == 0
            ? PackingKind.AnyModel
            : pod.Models.Split('|').Aggregate(0UL, (bits, model) => bits | Bit(model));
        return pod.IsShare
            ? new PackingKind(pod.CpuMilli, pod.MemoryMib, 0, pod.GpuMilli, accepted)
            : new PackingKind(pod.CpuMilli, pod.MemoryMib, pod.Gpus, 0, accepted);
    }

    private ulong Bit(string model) => models.IndexOf(model) is var at and >= 0 ? 1UL << at : 0;
}
