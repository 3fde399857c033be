namespace ControlPlane.Placements.Packing;

/// <summary>
/// The work that is expected: kinds of unit with their shares. How useful a leftover is, is judged by which of these
/// could still run on it.
/// </summary>
internal sealed class WorkloadMix
{
    /// <summary>How much of the sample the published experiment takes.</summary>
    public const int PublishedPercent = 95;

    private WorkloadMix(List<(PackingKind Kind, double Share)> typical)
    {
        Typical = typical;
    }

    /// <summary>Kinds with their shares, which add up to 1; the most frequent first.</summary>
    public IReadOnlyList<(PackingKind Kind, double Share)> Typical { get; }

    /// <summary>Kinds with their shares, which add up to 1.</summary>
    public static WorkloadMix Of(List<(PackingKind Kind, double Share)> kinds) => new(kinds);

    /// <summary>
    /// The most frequent kinds of a sample, as many as make up a share of it, with their shares of those. Memory does
    /// not count. Equal counts are ordered downwards by CPU, thousandths, accelerators and text, as the published
    /// experiment has it; the order decides sums and so, in the last digit, scores.
    /// </summary>
    /// <param name="sample">One entry for each unit; the text says which models will do.</param>
    /// <param name="percent">How much of the sample the kinds must make up.</param>
    public static WorkloadMix Of(IEnumerable<(PackingKind Kind, string Models)> sample, int percent)
    {
        var counts = sample
            .GroupBy(unit => (Kind: unit.Kind with { MemoryMib = 0 }, unit.Models))
            .Select(group => (group.Key.Kind, group.Key.Models, Count: (double)group.Count()))
            .OrderByDescending(item => item.Count)
            .ThenByDescending(item => item.Kind.CpuMilli)
            .ThenByDescending(item => item.Kind.NeedsAccelerator ? item.Kind.DeviceMilli : 0)
            .ThenByDescending(item => item.Kind.Devices)
            .ThenByDescending(item => item.Models, StringComparer.Ordinal)
            .ToList();
        var total = counts.Sum(item => item.Count);
        var typical = new List<(PackingKind Kind, double Share)>();
        double reached = 0;
        foreach (var (kind, _, count) in counts)
        {
            if (reached >= percent * total / 100) break;
            reached += count;
            typical.Add((kind, count / total));
        }

        return new WorkloadMix(typical.ConvertAll(item => (item.Kind, item.Share / (reached / total))));
    }
}
