namespace ControlPlane.Placements.Packing;

/// <summary>
/// Takes the node whose leftovers lose the least use for the expected work: fragmentation gradient descent as
/// published, down to the order of its floating-point sums, so that it places every unit where the original does.
/// </summary>
internal sealed class FragmentationRule : PackingRule
{
    private readonly Expected[] expected;
    private readonly int[] limits;
    private double[] before = [];
    private int[] beforeChanges = [];

    public FragmentationRule(WorkloadMix mix)
    {
        var needy = mix.Typical.Where(item => item.Kind.NeedsAccelerator);
        limits = [.. needy.Select(item => item.Kind.DeviceMilli).Distinct().Order()];
        expected =
        [
            .. mix.Typical.Select(item => new Expected(
                item.Kind.CpuMilli, item.Kind.Devices,
                item.Kind.NeedsAccelerator ? Array.IndexOf(limits, item.Kind.DeviceMilli) : -1,
                item.Kind.Models, item.Share)),
        ];
    }

    public override string Name => "fgd";

    public override int Cost(PackingNodes nodes, int node, in PackingKind kind)
    {
        var was = Before(nodes, node);
        Span<short> devices = stackalloc short[nodes.Devices(node).Length];
        nodes.Devices(node).CopyTo(devices);
        var cpu = nodes.CpuMilli(node) - kind.CpuMilli;
        return kind.ShareMilli > 0
            ? BestShare(devices, cpu, nodes.Model(node), (kind.ShareMilli, was)).Cost
            : CostOf(was, AfterWhole(devices, cpu, nodes.Model(node), kind.Accelerators));
    }

    public override ulong Choose(PackingNodes nodes, int node, in PackingKind kind)
    {
        if (kind.ShareMilli == 0) return base.Choose(nodes, node, kind);
        Span<short> devices = stackalloc short[nodes.Devices(node).Length];
        nodes.Devices(node).CopyTo(devices);
        var share = (kind.ShareMilli, Before(nodes, node));
        return 1UL << BestShare(devices, nodes.CpuMilli(node) - kind.CpuMilli, nodes.Model(node), share).Device;
    }

    /// <summary>Idle thousandths of a node that the expected work could not use, on average over it.</summary>
    public double Fragments(ReadOnlySpan<short> devices, int cpuMilli, int model)
    {
        Span<int> below = stackalloc int[limits.Length];
        Span<int> fitting = stackalloc int[limits.Length];
        var idle = 0;
        foreach (var free in devices)
        {
            idle += free;
            for (var limit = 0; limit < limits.Length; limit++)
            {
                if (free < limits[limit]) below[limit] += free;
                else fitting[limit]++;
            }
        }

        // The published sums: one for each way of falling short, added up in this order at the end.
        double lacksBoth = 0, lacksAccelerator = 0, lacksCpu = 0, noneWanted = 0, noneWantedNoCpu = 0, otherModel = 0;
        foreach (var kind in expected)
        {
            var hasCpu = cpuMilli >= kind.CpuMilli;
            if (kind.Limit < 0)
            {
                if (hasCpu) noneWanted += kind.Share * idle;
                else noneWantedNoCpu += kind.Share * idle;
            }
            else if ((kind.Models >> model & 1) == 0) otherModel += kind.Share * idle;
            else if (fitting[kind.Limit] >= kind.Devices)
            {
                if (hasCpu) lacksAccelerator += kind.Share * below[kind.Limit];
                else lacksCpu += kind.Share * idle;
            }
            else if (hasCpu) lacksAccelerator += kind.Share * idle;
            else lacksBoth += kind.Share * idle;
        }

        return lacksBoth + lacksAccelerator + lacksCpu + noneWanted + noneWantedNoCpu + otherModel;
    }

    private double Before(PackingNodes nodes, int node)
    {
        if (before.Length != nodes.Count)
        {
            before = new double[nodes.Count];
            beforeChanges = new int[nodes.Count];
            Array.Fill(beforeChanges, -1);
        }

        if (beforeChanges[node] != nodes.Changes(node))
        {
            before[node] = Fragments(nodes.Devices(node), nodes.CpuMilli(node), nodes.Model(node));
            beforeChanges[node] = nodes.Changes(node);
        }

        return before[node];
    }

    private double AfterWhole(Span<short> devices, int cpu, int model, int accelerators)
    {
        for (var device = 0; device < devices.Length && accelerators > 0; device++)
        {
            if (devices[device] != Inventory.NodeColumns.WholeMilli) continue;
            devices[device] = 0;
            accelerators--;
        }

        return Fragments(devices, cpu, model);
    }

    private (int Cost, int Device) BestShare(Span<short> devices, int cpu, int model, (int Milli, double Was) share)
    {
        var (least, best) = (NoRoom, -1);
        for (var device = 0; device < devices.Length; device++)
        {
            if (devices[device] < share.Milli) continue;
            // An accelerator that is as full as one tried already gives the same.
            if (devices[..device].Contains(devices[device])) continue;
            devices[device] -= (short)share.Milli;
            var cost = CostOf(share.Was, Fragments(devices, cpu, model));
            devices[device] += (short)share.Milli;
            if (cost < least) (least, best) = (cost, device);
        }

        return (least, best);
    }

    private static int CostOf(double was, double becomes) =>
        100 - (int)(1 / (1 + Math.Exp(-((was - becomes) / 1000))) * 100);

    private readonly record struct Expected(int CpuMilli, int Devices, int Limit, ulong Models, double Share);
}
