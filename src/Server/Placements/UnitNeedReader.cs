using ControlPlane.Server.Hosting;
using ControlPlane.Workloads;

namespace ControlPlane.Server.Placements;

/// <summary>Reads what one unit needs: accelerators, fabric, CPU and memory.</summary>
internal static class UnitNeedReader
{
    /// <summary>The need, or null when something of it is wrong.</summary>
    public static UnitNeed? Read(FieldReader fields, RequestReferences references, Complaints problems)
    {
        var accelerators = fields.Object("accelerators") is { } node ? Accelerators(node, references, problems) : null;
        var fabric = fields.Choice("fabric", required: false, WireNames.Fabrics);
        var cpu = fields.Whole("cpuMilli", required: true, 0, RequestLimits.MostCpuMilli);
        var memory = fields.Whole("memoryMib", required: true, 0, RequestLimits.MostMemoryMib);
        var confidential = fields.Flag("confidential");
        if (cpu is null || memory is null) return null;
        return (accelerators ?? new UnitNeed { CpuMilli = 0, MemoryMib = 0 }) with
        {
            Fabric = fabric,
            Confidential = confidential,
            CpuMilli = cpu.Value,
            MemoryMib = memory.Value,
        };
    }

    /// <summary>What one unit needs of accelerators; CPU and memory stand elsewhere.</summary>
    public static UnitNeed Accelerators(BodyObject node, RequestReferences references, Complaints problems)
    {
        var fields = new FieldReader(node, problems);
        var count = fields.Whole("count", required: false, 1, RequestLimits.MostAccelerators);
        var share = fields.Whole("shareMilli", required: false, 1, RequestLimits.MostShareMilli);
        if (fields.Has("count") && fields.Has("shareMilli"))
            fields.Complain(
                ProblemCatalog.FieldConflict,
                "shareMilli",
                "must be left out when count is given: a unit has whole accelerators or a share of one");
        else if (!fields.Has("count") && !fields.Has("shareMilli"))
            fields.Complain(ProblemCatalog.FieldRequired, "count", "is required, or shareMilli in its place");
        var skus = references.Skus(fields, problems);
        var memory = fields.Amount("minMemoryGib", RequestLimits.MostMemoryGib);
        var bandwidth = fields.Amount("minBandwidthGigabytesPerSecond", RequestLimits.MostBandwidthGigabytesPerSecond);
        var teraflops = fields.Object("minTeraflops") is { } inner ? new FieldReader(inner, problems) : null;
        var need = new UnitNeed
        {
            Accelerators = (int)(count ?? 0),
            AcceleratorShareMilli = (int)(share ?? 0),
            Skus = skus,
            MinMemoryGib = memory,
            MinBandwidthGigabytesPerSecond = bandwidth,
            MinTeraflopsBf16 = teraflops?.Amount("bf16", RequestLimits.MostTeraflops),
            MinTeraflopsFp8 = teraflops?.Amount("fp8", RequestLimits.MostTeraflops),
            MinTeraflopsFp4 = teraflops?.Amount("fp4", RequestLimits.MostTeraflops),
            CpuMilli = 0,
            MemoryMib = 0,
        };
        teraflops?.Finish();
        fields.Finish();
        return need;
    }
}
