using ControlPlane.Inventory;
using ControlPlane.Policies;

namespace ControlPlane.Placements.Packing;

/// <summary>What leftovers are judged by: the expected work, worked out once for all nodes.</summary>
internal sealed class LeftoverTerms
{
    /// <summary>Shares of the expected work are counted in parts of this.</summary>
    public const int Parts = 4096;

    /// <summary>How much the rest of a shared accelerator counts, in hundredths.</summary>
    private const int RestPercent = 300;

    public LeftoverTerms(WorkloadMix mix)
    {
        var needy = mix.Typical.Where(item => item.Kind.NeedsAccelerator).ToList();
        Limits = [.. needy.Select(item => item.Kind.DeviceMilli).Distinct().Order()];
        // Work without accelerators can use none of what is idle, whatever the node: it never changes a comparison.
        Expected =
        [
            .. needy.Select(item => new ExpectedKind(
                item.Kind.CpuMilli, item.Kind.Devices, Array.IndexOf(Limits, item.Kind.DeviceMilli),
                item.Kind.Models, (int)Math.Round(item.Share * Parts))),
        ];
        NoUseParts = Parts - Expected.Sum(kind => kind.Parts);
        Rests = RestsOf(needy);
    }

    public ExpectedKind[] Expected { get; }

    /// <summary>Idle thousandths that are no use to the rest of the work, by how many are free.</summary>
    public int[] Rests { get; }

    /// <summary>Thousandths that some expected work takes of an accelerator.</summary>
    public int[] Limits { get; }

    /// <summary>The share of expected work that no accelerator is of use to.</summary>
    public int NoUseParts { get; }

    /// <summary>The same for the work that preferences expect; nodes of one pool differ in no model.</summary>
    public static LeftoverTerms Of(Seq<ExpectedWork> expected)
    {
        var weights = expected.Sum(work => work.Weight);
        return new(WorkloadMix.Of([.. expected.Select(work => (
            new PackingKind(work.CpuMilli, 0, work.Accelerators, work.ShareMilli, PackingKind.AnyModel),
            (double)work.Weight / weights))]));
    }

    /// <summary>
    /// For each number of free thousandths of a shared accelerator, how many will stay idle in the end, in parts, when
    /// shares of the expected work that still fit come as often as expected.
    /// </summary>
    private static int[] RestsOf(List<(PackingKind Kind, double Share)> needy)
    {
        var shares = needy.FindAll(item => item.Kind.ShareMilli > 0);
        var rest = new double[NodeColumns.WholeMilli + 1];
        // A whole accelerator is free for work that leaves nothing, so it has no rest.
        for (var free = 1; free < NodeColumns.WholeMilli; free++)
        {
            var fitting = shares.FindAll(item => item.Kind.ShareMilli <= free);
            var often = fitting.Sum(item => item.Share);
            rest[free] = often == 0
                ? free
                : fitting.Sum(item => item.Share * rest[free - item.Kind.ShareMilli]) / often;
        }

        return Array.ConvertAll(rest, milli => (int)(milli * Parts * RestPercent / 100));
    }
}

/// <summary>A kind of expected work, with its part of it.</summary>
internal readonly record struct ExpectedKind(int CpuMilli, int Devices, int Limit, ulong Models, int Parts);
