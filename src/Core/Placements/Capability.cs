using System.Globalization;
using ControlPlane.Policies;
using ControlPlane.Regions;
using ControlPlane.Workloads;

namespace ControlPlane.Placements;

/// <summary>Tells whether the hardware of a pool can do what a unit needs, however much of it is free.</summary>
internal static class Capability
{
    /// <summary>Whether there are no <see cref="Denials"/>, told without their sentences.</summary>
    public static bool Suffices(FleetPool pool, UnitNeed need)
    {
        var spec = pool.Spec;
        var accelerators = need.AcceleratorShareMilli > 0 ? 1 : need.Accelerators;
        return need.CpuMilli <= spec.CpuMilliPerNode
            && need.MemoryMib <= spec.MemoryMibPerNode
            && (accelerators == 0 || accelerators <= spec.AcceleratorsPerNode)
            && (!need.NeedsAccelerator || Suffices(pool.Sku, need))
            && (need.Fabric is not { } fabric || spec.Fabric == fabric)
            && (!need.Confidential || spec.Confidential);
    }

    private static bool Suffices(Sku? sku, UnitNeed need) =>
        sku is not null
        && (need.Skus.Count == 0 || need.Skus.Contains(sku.Id))
        && Has(need.MinMemoryGib, sku.MemoryGib ?? sku.MemoryGigabytes)
        && Has(need.MinBandwidthGigabytesPerSecond, sku.BandwidthGigabytesPerSecond)
        && Has(need.MinTeraflopsBf16, sku.Teraflops.Bf16)
        && Has(need.MinTeraflopsFp8, sku.Teraflops.Fp8)
        && Has(need.MinTeraflopsFp4, sku.Teraflops.Fp4);

    private static bool Has(decimal? wanted, decimal? has) => wanted is null || has >= wanted;

    /// <summary>Every way in which the pool falls short; none when it suffices.</summary>
    public static List<Verdict> Denials(FleetPool pool, UnitNeed need)
    {
        var denials = new List<Verdict>();
        if (need.NeedsAccelerator) JudgeSku(pool.Sku, need, denials);
        if (need.Fabric is { } fabric && pool.Spec.Fabric != fabric)
        {
            denials.Add(Deny(
                ReasonCode.Fabric,
                $"nodes are joined by {Name(pool.Spec.Fabric)}, {Name(fabric)} is asked for",
                new Relaxation("fabric", Name(fabric), Name(pool.Spec.Fabric), 500)));
        }

        if (need.Confidential && !pool.Spec.Confidential)
            denials.Add(Deny(ReasonCode.Confidential, "nodes do not protect memory from their operator", null));
        JudgeNodeSize(pool, need, denials);
        return denials;
    }

    private static void JudgeSku(Sku? sku, UnitNeed need, List<Verdict> denials)
    {
        if (sku is null)
        {
            denials.Add(Deny(ReasonCode.Sku, "nodes have no accelerators", null));
            return;
        }

        if (need.Skus.Count > 0 && !need.Skus.Contains(sku.Id))
        {
            denials.Add(Deny(ReasonCode.Sku, $"has {sku.Id}, accepted are {string.Join(", ", need.Skus)}",
                new Relaxation(
                    "accelerators.skus",
                    string.Join(", ", need.Skus),
                    $"{string.Join(", ", need.Skus)}, {sku.Id}",
                    250)));
        }

        AtLeast(denials, ReasonCode.AcceleratorMemory, ("accelerators.minMemoryGib", "GiB"),
            (need.MinMemoryGib, sku.MemoryGib ?? sku.MemoryGigabytes));
        AtLeast(denials, ReasonCode.AcceleratorBandwidth, ("accelerators.minBandwidthGigabytesPerSecond", "GB/s"),
            (need.MinBandwidthGigabytesPerSecond, sku.BandwidthGigabytesPerSecond));
        AtLeast(denials, ReasonCode.AcceleratorTeraflops, ("accelerators.minTeraflops.bf16", "TFLOP/s bf16"),
            (need.MinTeraflopsBf16, sku.Teraflops.Bf16));
        AtLeast(denials, ReasonCode.AcceleratorTeraflops, ("accelerators.minTeraflops.fp8", "TFLOP/s fp8"),
            (need.MinTeraflopsFp8, sku.Teraflops.Fp8));
        AtLeast(denials, ReasonCode.AcceleratorTeraflops, ("accelerators.minTeraflops.fp4", "TFLOP/s fp4"),
            (need.MinTeraflopsFp4, sku.Teraflops.Fp4));
    }

    private static void AtLeast(
        List<Verdict> denials, string reason, (string Field, string Unit) of, (decimal? Wanted, decimal? Has) amount)
    {
        if (amount.Wanted is not { } least || amount.Has >= least) return;
        if (amount.Has is not { } figure)
        {
            denials.Add(Deny(reason, $"the model's {of.Unit} is not known, {Text(least)} is asked for", null));
            return;
        }

        denials.Add(Deny(reason, $"has {Text(figure)} {of.Unit}, {Text(least)} is asked for",
            new Relaxation(of.Field, Text(least), Text(figure), (long)((least - figure) * 1000 / least))));
    }

    private static void JudgeNodeSize(FleetPool pool, UnitNeed need, List<Verdict> denials)
    {
        var spec = pool.Spec;
        var accelerators = need.AcceleratorShareMilli > 0 ? 1 : need.Accelerators;
        // A pool without accelerators has said so already.
        if (pool.Sku is not null || accelerators == 0)
            Fits(denials, ("accelerators.count", "accelerator(s)"), accelerators, spec.AcceleratorsPerNode);
        Fits(denials, ("cpuMilli", "thousandths of a core"), need.CpuMilli, spec.CpuMilliPerNode);
        Fits(denials, ("memoryMib", "MiB of memory"), need.MemoryMib, spec.MemoryMibPerNode);
    }

    private static void Fits(List<Verdict> denials, (string Field, string Unit) of, long wanted, long has)
    {
        if (wanted <= has) return;
        var relaxation = has == 0
            ? null
            : new Relaxation(of.Field, Text(wanted), Text(has), (wanted - has) * 1000 / wanted);
        denials.Add(
            Deny(ReasonCode.NodeSize, $"a node has {Text(has)} {of.Unit}, one unit needs {Text(wanted)}", relaxation));
    }

    private static Verdict Deny(string reason, string because, Relaxation? relaxation) =>
        new(VerdictKind.Capacity, reason, "capability", VerdictResult.Denied, because) { Relaxation = relaxation };

    /// <summary>The fabric as requests and files write it.</summary>
    private static string Name(FabricKind fabric) =>
        char.ToLowerInvariant(fabric.ToString()[0]) + fabric.ToString()[1..];

    // Every digit, since what is offered as a change must not be more than there is.
    private static string Text(decimal value) =>
        value.ToString("0.############################", CultureInfo.InvariantCulture);
}
