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
        AsOf = report.AsOf,
        Position = report.Position,
        DemandClasses = report.Classes,
        Rows = [.. report.Rows.Select(row => new CapacityRowAnswer(row.Name, row.Sku.Value, Of(row.Accelerators)))],
        Total = Of(report.Total),
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

    private static AcceleratorFiguresAnswer Of(CapacityFigures figures) => new()
    {
        Installed = figures.InstalledMilli / 1000m,
        Allocatable = figures.AllocatableMilli / 1000m,
        Sold = figures.SoldMilli / 1000m,
        Held = figures.HeldMilli / 1000m,
        Reserved = figures.ReservedMilli / 1000m,
        Free = figures.FreeMilli / 1000m,
        Usable = figures.UsableMilli / 1000m,
        StrandedByLaw = figures.StrandedByLawMilli / 1000m,
        StrandedByClaim = figures.StrandedByClaimMilli / 1000m,
        StrandedByAgent = figures.StrandedByAgentMilli / 1000m,
        StrandedByPower = figures.StrandedByPowerMilli / 1000m,
        StrandedByFragments = figures.StrandedByFragmentsMilli / 1000m,
        LargestHole = figures.LargestHole,
        AllocatableTeraflopsBf16 = Math.Round(figures.AllocatableTeraflopsBf16, 1),
        FreeTeraflopsBf16 = Math.Round(figures.FreeTeraflopsBf16, 1),
    };

    private static decimal Megawatts(long milliwatts) => Math.Round(milliwatts / MilliwattsPerMegawatt, 6);
}
