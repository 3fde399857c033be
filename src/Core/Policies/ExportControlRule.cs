using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using ControlPlane.Files;
using ControlPlane.Regions;

namespace ControlPlane.Policies;

/// <summary>
/// Keeps controlled accelerators out of places, and away from owners and tenants, that they must not reach. A model
/// whose arithmetic is not known counts as controlled; work that needs no accelerator is not concerned.
/// </summary>
[FileCase("exportControl")]
public sealed record ExportControlRule : LawRule
{
    [Description("Models that are controlled.")]
    public Seq<SkuId> Skus { get; init; }

    [Description(
        "Total processing performance from which a model is controlled: the most of dense TFLOP/s times bits.")]
    [Range(1, 100_000_000)]
    public int? TotalProcessingPerformance { get; init; }

    [Description("Countries or groups in which controlled accelerators may stand; anywhere when left out.")]
    public Seq<JurisdictionId> AllowSites { get; init; }

    [Description("Countries or groups in which controlled accelerators must not stand.")]
    public Seq<JurisdictionId> DenySites { get; init; }

    [Description("Countries or groups in which no controller of the place may have its seat.")]
    public Seq<JurisdictionId> DenyControllers { get; init; }

    [Description("Countries or groups from which tenants may use them; the request declares its tenantHome.")]
    public Seq<JurisdictionId> AllowTenants { get; init; }

    [Description("Countries or groups from which tenants must not use them; the request declares its tenantHome.")]
    public Seq<JurisdictionId> DenyTenants { get; init; }

    public override string Reason => ReasonCode.ExportControl;

    public override bool LooksAtSubject => true;

    public override LawFinding Judge(LawCase at)
    {
        if (!at.Subject.NeedsAccelerator) return new(true, "no accelerator is asked for");
        if (at.Pool.Sku is not { } sku) return new(true, "there are no accelerators");
        if (!Covers(sku)) return new(true, $"{sku.Id} is not controlled");
        if (!MayEnter(at.Fleet, at.Country, AllowSites, DenySites))
            return new(false, $"{sku.Id} is controlled and the site stands in {at.Country}");
        foreach (var controller in at.Cluster.Controllers)
        {
            if (DenyControllers.Any(seat => at.Fleet.LiesIn(controller.Seat, seat)))
                return new(false, $"{sku.Id} is controlled and {controller.Name} has its seat in {controller.Seat}");
        }

        if (AllowTenants.Count == 0 && DenyTenants.Count == 0) return new(true, $"{sku.Id} may stand in {at.Country}");
        if (at.Subject.TenantHome is not { } home)
            return new(false, $"{sku.Id} is controlled and the request does not declare tenantHome");
        return MayEnter(at.Fleet, home, AllowTenants, DenyTenants)
            ? new(true, $"{sku.Id} may be used from {home}")
            : new(false, $"{sku.Id} is controlled and the tenant is at home in {home}");
    }

    public override PoolSet Compile(LawIndex index, LawSubject subject)
    {
        if (!subject.NeedsAccelerator) return index.All;
        var free = index.All.Except(index.WithAccelerators(Covers));
        var tenantMay = (AllowTenants.Count == 0 && DenyTenants.Count == 0)
            || (subject.TenantHome is { } home
                && (AllowTenants.Count == 0 || index.LiesInAny(home, AllowTenants))
                    && !index.LiesInAny(home, DenyTenants));
        if (!tenantMay) return free;
        var sites = AllowSites.Count == 0 ? index.All : index.AnyOf(AllowSites, index.InJurisdiction);
        return free.Or(sites
            .Except(index.AnyOf(DenySites, index.InJurisdiction))
            .Except(index.AnyControllerIn(DenyControllers)));
    }

    public override IEnumerable<Problem> Check(Fleet fleet, string path)
    {
        if (Skus.Count == 0 && TotalProcessingPerformance is null)
            yield return new("policy-blank", path,
                "an export control rule needs skus or totalProcessingPerformance; blank never means allow");
        if (AllowSites.Count + DenySites.Count + DenyControllers.Count + AllowTenants.Count + DenyTenants.Count == 0)
        {
            yield return new("policy-blank", path,
                "an export control rule needs allowSites, denySites, denyControllers, allowTenants or denyTenants; "
                + "blank never means allow");
        }

        foreach (var problem in RuleChecks.Skus(fleet, Skus, $"{path}.skus")) yield return problem;
        foreach (var (field, named) in Jurisdictions())
        {
            foreach (var problem in RuleChecks.Jurisdictions(fleet, named, $"{path}.{field}")) yield return problem;
        }
    }

    /// <summary>Whether a model is controlled.</summary>
    public bool Covers(Sku sku) =>
        Skus.Contains(sku.Id) || (TotalProcessingPerformance is { } least && !(PerformanceOf(sku) < least));

    private IEnumerable<(string Field, Seq<JurisdictionId> Named)> Jurisdictions() =>
    [
        ("allowSites", AllowSites), ("denySites", DenySites), ("denyControllers", DenyControllers),
        ("allowTenants", AllowTenants), ("denyTenants", DenyTenants),
    ];

    /// <summary>The most of dense TFLOP/s times bits over the precisions that are known; null when none is.</summary>
    private static decimal? PerformanceOf(Sku sku)
    {
        var figures = sku.Teraflops;
        return new[] { figures.Bf16 * 16, figures.Fp8 * 8, figures.Fp4 * 4 }.Max();
    }

    private static bool MayEnter(
        Fleet fleet, JurisdictionId country, Seq<JurisdictionId> allow, Seq<JurisdictionId> deny) =>
        (allow.Count == 0 || allow.Any(group => fleet.LiesIn(country, group)))
        && !deny.Any(group => fleet.LiesIn(country, group));
}
