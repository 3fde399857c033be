using ControlPlane.Capacity;
using ControlPlane.Regions;
using ControlPlane.Server.Ledger;

namespace ControlPlane.Server.Capacity;

/// <summary>
/// Writes capacity reports as clients read them: accelerators instead of thousandths, megawatts instead of milliwatts.
/// </summary>
internal static class CapacityWriter
{
    private const decimal MilliwattsPerMegawatt = 1_000_000_000m;

    public static CapacityAnswer Of(CapacityReport report) => new()
    {
        By = Names.Of(report.View),
        Unit = Names.Of(report.Unit),
        AsOf = report.AsOf,
        Position = report.Position,
        DemandClasses = report.Classes,
        Rows = [.. report.Rows.Select(row => new CapacityRowAnswer(
            row.Name, row.Sku.Value, Of(report.Unit, row.Accelerators)))],
        Total = Of(report.Unit, report.Total),
        Power = [.. report.Power.Select(row => new PowerRowAnswer(
            row.Name, Megawatts(row.Power.ContractMilliwatts), Megawatts(row.Power.DrawnMilliwatts),
            Megawatts(row.Power.FreeMilliwatts)))],
    };

    public static ScenarioAnswer Of(Fleet fleet, SurvivalReport report) => new()
    {
        Scenario = report.Scenario,
        AsOf = report.AsOf,
        Position = report.Position,
        Survives = report.Survives,
        GapToBound = Math.Round(report.GapToBound, 6),
        Workloads = [.. report.Workloads.Select(workload => Of(fleet, workload))],
        Shortages = [.. report.Shortages.Select(item => new ShortageAnswer(
            item.Sku?.Value, item.Units, item.AcceleratorMilli / 1000m, Megawatts(item.FacilityMilliwatts)))],
        Purchases = [.. report.Purchases.Select(item => new PurchaseAnswer(
            item.Pool.Value, item.Site.Value, item.Nodes, Megawatts(item.FacilityMilliwatts),
            Megawatts(item.MissingMilliwatts)))],
    };

    public static WorkloadSurvivalAnswer Of(Fleet fleet, WorkloadSurvival workload) => new()
    {
        Id = workload.Placement.Id.Value,
        Tenant = workload.Placement.Request.Tenant.Value,
        Workload = workload.Placement.Request.Workload,
        Priority = workload.Placement.Request.Priority,
        Outcome = Names.Of(workload.Outcome),
        IsUnlawful = workload.IsUnlawful,
        HasLawfulData = workload.HasData,
        DataSeconds = (long)workload.DataTime.TotalSeconds,
        GoesAlong = workload.GoesAlong,
        Because = workload.Because,
        Displaced = workload.Displaced,
        Recovered = workload.Recovered,
        From = [.. workload.From.Select(pool => pool.Value)],
        Targets = [.. workload.Targets.Select(target => Of(fleet.FindPool(target.Pool)!, target.Units))],
    };

    private static SurvivalTargetAnswer Of(FleetPool pool, int units) =>
        new(pool.Region.Id.Value, pool.Site.Id.Value, pool.Id.Value, units);

    private static AcceleratorFiguresAnswer Of(CapacityUnit unit, CapacityFigures figures) => new()
    {
        Installed = Amount(unit, figures.InstalledMilli),
        Allocatable = Amount(unit, figures.AllocatableMilli),
        Sold = Amount(unit, figures.SoldMilli),
        Held = Amount(unit, figures.HeldMilli),
        Reserved = Amount(unit, figures.ReservedMilli),
        Free = Amount(unit, figures.FreeMilli),
        Usable = Amount(unit, figures.UsableMilli),
        StrandedByLaw = Amount(unit, figures.StrandedByLawMilli),
        StrandedByClaim = Amount(unit, figures.StrandedByClaimMilli),
        StrandedByAgent = Amount(unit, figures.StrandedByAgentMilli),
        StrandedByPower = Amount(unit, figures.StrandedByPowerMilli),
        StrandedByFragments = Amount(unit, figures.StrandedByFragmentsMilli),
        LargestHole = Amount(unit, figures.LargestHoleMilli),
        AllocatableTeraflopsBf16 = Math.Round(figures.AllocatableTeraflopsBf16, 1),
        FreeTeraflopsBf16 = Math.Round(figures.FreeTeraflopsBf16, 1),
    };

    private static decimal Amount(CapacityUnit unit, long milli) => unit switch
    {
        CapacityUnit.Accelerators => milli / 1000m,
        CapacityUnit.Megawatts => Megawatts(milli),
        _ => Math.Round(milli / 1000m, 1),
    };

    private static decimal Megawatts(long milliwatts) => Math.Round(milliwatts / MilliwattsPerMegawatt, 6);
}
