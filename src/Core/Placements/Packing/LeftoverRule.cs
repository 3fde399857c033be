using System.Numerics;
using ControlPlane.Inventory;

namespace ControlPlane.Placements.Packing;

/// <summary>
/// Our own rule: takes the node whose leftovers lose the least use for the expected work, in coarse steps, and within a
/// step the node with the fewest accelerators, so that large nodes stay whole for work that needs them. The coarse
/// steps matter: they let the order of nodes decide between nearly equal ones, which keeps the load together. Beside
/// what nothing fits on, it counts what will be left of a shared accelerator when shares as expected have filled it.
/// All in whole numbers, so that every machine adds up alike.
/// </summary>
internal sealed class LeftoverRule : PackingRule
{
    /// <summary>The expected work that leftovers are judged by: the most frequent kinds up to this share.</summary>
    public const int MixPercent = 95;

    /// <summary>Thousandths of an accelerator that make a step.</summary>
    private const int StepMilli = 120;

    /// <summary>More than a node has accelerators.</summary>
    private const int TieRange = 1 << 11;

    /// <summary>The most that a term of a score can be.</summary>
    public const int MostTerm = 1_000;

    /// <summary>What a step is of a term of a score; more than all that tells nodes of one step apart.</summary>
    private const int StepTerm = 10;

    private readonly ExpectedKind[] expected;
    private readonly int[] rests;
    private readonly int[] limits;
    private readonly int noUseParts;
    private readonly int[] before;
    private readonly int[] beforeChanges;

    public LeftoverRule(PackingNodes nodes, WorkloadMix mix)
        : this(nodes, new LeftoverTerms(mix))
    {
    }

    public LeftoverRule(PackingNodes nodes, LeftoverTerms terms)
    {
        (expected, rests, limits, noUseParts) = (terms.Expected, terms.Rests, terms.Limits, terms.NoUseParts);
        before = new int[nodes.Count];
        beforeChanges = new int[nodes.Count];
        Array.Fill(beforeChanges, -1);
    }

    public override string Name => "ours";

    public override int Cost(PackingNodes nodes, int node, in PackingKind kind)
    {
        var devices = nodes.Devices(node);
        Span<short> after = stackalloc short[devices.Length];
        devices.CopyTo(after);
        var cpu = nodes.CpuMilli(node) - kind.CpuMilli;
        var lost = kind.ShareMilli > 0
            ? BestShare(after, cpu, nodes.Model(node), kind.ShareMilli).Fragments
            : AfterWhole(after, cpu, nodes.Model(node), kind.Accelerators);
        var steps = CeilingDivide(lost - Before(nodes, node), StepMilli * LeftoverTerms.Parts);
        return (steps * TieRange) + devices.Length;
    }

    /// <summary>A cost as a term of a score, from 0 to 1,000; half of that where nothing is lost or won.</summary>
    public static int TermOf(int cost)
    {
        var (steps, accelerators) = (cost >> BitOperations.Log2(TieRange), cost & (TieRange - 1));
        return Math.Clamp(
            (MostTerm / 2) + (steps * StepTerm) + BitOperations.Log2((uint)accelerators), 0, MostTerm);
    }

    public override ulong Choose(PackingNodes nodes, int node, in PackingKind kind)
    {
        if (kind.ShareMilli == 0) return base.Choose(nodes, node, kind);
        Span<short> after = stackalloc short[nodes.Devices(node).Length];
        nodes.Devices(node).CopyTo(after);
        return 1UL << BestShare(after, nodes.CpuMilli(node) - kind.CpuMilli, nodes.Model(node), kind.ShareMilli).Device;
    }

    private static int CeilingDivide(int value, int by) => value <= 0 ? value / by : (value + by - 1) / by;

    /// <summary>
    /// Idle thousandths that the expected work could not use, on average over it, and the rests, in parts.
    /// </summary>
    private int Fragments(ReadOnlySpan<short> devices, int cpuMilli, int model)
    {
        Span<int> below = stackalloc int[limits.Length];
        Span<int> fitting = stackalloc int[limits.Length];
        int idle = 0, rest = 0;
        foreach (var free in devices)
        {
            if (free == 0) continue;
            idle += free;
            rest += rests[free];
            for (var limit = 0; limit < limits.Length; limit++)
            {
                if (free < limits[limit]) below[limit] += free;
                else fitting[limit]++;
            }
        }

        var sum = (noUseParts * idle) + rest;
        foreach (ref readonly var kind in expected.AsSpan())
        {
            var runs = cpuMilli >= kind.CpuMilli && (kind.Models >> model & 1) != 0
                && fitting[kind.Limit] >= kind.Devices;
            sum += kind.Parts * (runs ? below[kind.Limit] : idle);
        }

        return sum;
    }

    private int Before(PackingNodes nodes, int node)
    {
        if (beforeChanges[node] != nodes.Changes(node))
        {
            before[node] = Fragments(nodes.Devices(node), nodes.CpuMilli(node), nodes.Model(node));
            beforeChanges[node] = nodes.Changes(node);
        }

        return before[node];
    }

    private int AfterWhole(Span<short> devices, int cpu, int model, int accelerators)
    {
        for (var device = 0; device < devices.Length && accelerators > 0; device++)
        {
            if (devices[device] != NodeColumns.WholeMilli) continue;
            devices[device] = 0;
            accelerators--;
        }

        return Fragments(devices, cpu, model);
    }

    private (int Fragments, int Device) BestShare(Span<short> devices, int cpu, int model, int milli)
    {
        var (least, best) = (int.MaxValue, -1);
        for (var device = 0; device < devices.Length; device++)
        {
            if (devices[device] < milli || devices[..device].Contains(devices[device])) continue;
            devices[device] -= (short)milli;
            var fragments = Fragments(devices, cpu, model);
            devices[device] += (short)milli;
            // Of equals the fullest, so that large holes stay large.
            if (fragments < least || (fragments == least && devices[device] < devices[best]))
                (least, best) = (fragments, device);
        }

        return (least, best);
    }
}
