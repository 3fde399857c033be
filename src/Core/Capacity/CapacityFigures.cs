using ControlPlane.Regions;

namespace ControlPlane.Capacity;

/// <summary>
/// What is there, what is taken and what is left of accelerators, in thousandths of one, or in thousandths of a TFLOP/s
/// or of a watt where a report counts those. Free is usable plus stranded,
/// and everything adds up over pools.
/// </summary>
public sealed record CapacityFigures
{
    public static CapacityFigures None { get; } = new();

    /// <summary>Accelerators in the racks, also where no workload may run yet.</summary>
    public long InstalledMilli { get; init; }

    /// <summary>Accelerators that workloads may use: allocatable nodes of active sites.</summary>
    public long AllocatableMilli { get; init; }

    /// <summary>Accelerators of bound placements.</summary>
    public long SoldMilli { get; init; }

    /// <summary>Accelerators of holds that are not confirmed.</summary>
    public long HeldMilli { get; init; }

    /// <summary>Free accelerators that a reserve keeps from ordinary requests.</summary>
    public long ReservedMilli { get; init; }

    /// <summary>Allocatable, neither sold nor held.</summary>
    public long FreeMilli { get; init; }

    /// <summary>
    /// Free and of use to at least one workload that runs or waits, under today's law, hardware and power.
    /// </summary>
    public long UsableMilli { get; init; }

    /// <summary>Free, but no workload that runs or waits may lawfully come there.</summary>
    public long StrandedByLawMilli { get; init; }

    /// <summary>Free, and lawful only until a claim ran out.</summary>
    public long StrandedByClaimMilli { get; init; }

    /// <summary>Free as far as is known, but nobody at the site has looked for too long.</summary>
    public long StrandedByAgentMilli { get; init; }

    /// <summary>Free, but the site's power contract has no watt left for it.</summary>
    public long StrandedByPowerMilli { get; init; }

    /// <summary>Free, but in pieces that no workload fits on, or beside too little CPU or memory.</summary>
    public long StrandedByFragmentsMilli { get; init; }

    /// <summary>Whole free accelerators of the best fabric domain; of several pools the largest.</summary>
    public long LargestHoleMilli { get; init; }

    /// <summary>
    /// Dense bf16 TFLOP/s of what is allocatable; models without a published figure count as nothing.
    /// </summary>
    public decimal AllocatableTeraflopsBf16 { get; init; }

    /// <summary>Dense bf16 TFLOP/s of what is free.</summary>
    public decimal FreeTeraflopsBf16 { get; init; }

    public long StrandedMilli =>
        StrandedByLawMilli + StrandedByClaimMilli + StrandedByAgentMilli + StrandedByPowerMilli
        + StrandedByFragmentsMilli;

    /// <summary>The same in another unit; what is compute already stays.</summary>
    internal CapacityFigures Times(decimal factor) => factor == 1 ? this : this with
    {
        InstalledMilli = (long)(InstalledMilli * factor),
        AllocatableMilli = (long)(AllocatableMilli * factor),
        SoldMilli = (long)(SoldMilli * factor),
        HeldMilli = (long)(HeldMilli * factor),
        ReservedMilli = (long)(ReservedMilli * factor),
        FreeMilli = (long)(FreeMilli * factor),
        UsableMilli = (long)(UsableMilli * factor),
        StrandedByLawMilli = (long)(StrandedByLawMilli * factor),
        StrandedByClaimMilli = (long)(StrandedByClaimMilli * factor),
        StrandedByAgentMilli = (long)(StrandedByAgentMilli * factor),
        StrandedByPowerMilli = (long)(StrandedByPowerMilli * factor),
        StrandedByFragmentsMilli = (long)(StrandedByFragmentsMilli * factor),
        LargestHoleMilli = (long)(LargestHoleMilli * factor),
    };

    public static CapacityFigures operator +(CapacityFigures left, CapacityFigures right) => new()
    {
        InstalledMilli = left.InstalledMilli + right.InstalledMilli,
        AllocatableMilli = left.AllocatableMilli + right.AllocatableMilli,
        SoldMilli = left.SoldMilli + right.SoldMilli,
        HeldMilli = left.HeldMilli + right.HeldMilli,
        ReservedMilli = left.ReservedMilli + right.ReservedMilli,
        FreeMilli = left.FreeMilli + right.FreeMilli,
        UsableMilli = left.UsableMilli + right.UsableMilli,
        StrandedByLawMilli = left.StrandedByLawMilli + right.StrandedByLawMilli,
        StrandedByClaimMilli = left.StrandedByClaimMilli + right.StrandedByClaimMilli,
        StrandedByAgentMilli = left.StrandedByAgentMilli + right.StrandedByAgentMilli,
        StrandedByPowerMilli = left.StrandedByPowerMilli + right.StrandedByPowerMilli,
        StrandedByFragmentsMilli = left.StrandedByFragmentsMilli + right.StrandedByFragmentsMilli,
        LargestHoleMilli = Math.Max(left.LargestHoleMilli, right.LargestHoleMilli),
        AllocatableTeraflopsBf16 = left.AllocatableTeraflopsBf16 + right.AllocatableTeraflopsBf16,
        FreeTeraflopsBf16 = left.FreeTeraflopsBf16 + right.FreeTeraflopsBf16,
    };
}

/// <summary>Facility power of sites in milliwatts: what the contract gives today and what placements draw.</summary>
public readonly record struct PowerFigures(long ContractMilliwatts, long DrawnMilliwatts)
{
    /// <summary>Power of a site at an instant, whether it takes workloads or not.</summary>
    public static PowerFigures Of(World world, FleetSite site, DateTimeOffset asOf) =>
        new(site.FacilityMilliwattsAt(asOf), world.SiteMilliwatts(site.Index));

    public long FreeMilliwatts => Math.Max(0, ContractMilliwatts - DrawnMilliwatts);

    public static PowerFigures operator +(PowerFigures left, PowerFigures right) =>
        new(left.ContractMilliwatts + right.ContractMilliwatts, left.DrawnMilliwatts + right.DrawnMilliwatts);
}
