using ControlPlane.Policies;
using ControlPlane.Regions;
using ControlPlane.Workloads;

namespace ControlPlane.Placements;

/// <summary>
/// Most units of a request that reserves and quotas let in, of one model: over all, in each region and at each site.
/// The caps nest (site in region in all), which is what makes filling them exact.
/// </summary>
internal sealed class Caps
{
    private readonly World world;
    private readonly PlacementRequest request;
    private readonly Sku? sku;
    private readonly List<(string Name, CapacityReserveRule Rule)> reserves = [];
    private readonly List<(string Name, QuotaRule Rule)> quotas = [];

    public Caps(World world, Law law, PlacementRequest request, DateTimeOffset asOf, Sku? sku)
    {
        this.world = world;
        this.request = request;
        this.sku = sku;
        foreach (var policy in law.Applicable(LawSubject.Of(request), asOf))
        {
            if (policy.Enforcement != Enforcement.Mandatory) continue;
            foreach (var rule in policy.Rules)
            {
                if (rule is CapacityReserveRule reserve && Need.NeedsAccelerator && reserve.Covers(sku, request.Priority))
                    reserves.Add(($"{policy.Id}/{rule.Rule}", reserve));
                if (rule is QuotaRule quota && quota.Counts(sku)) quotas.Add(($"{policy.Id}/{rule.Rule}", quota));
            }
        }
    }

    /// <summary>False leaves quotas out, to tell whether they alone are in the way.</summary>
    public bool WithQuota { get; init; } = true;

    private UnitNeed Need => request.Unit;

    /// <summary>The tightest cap over everything.</summary>
    public Cap Total() => Tightest(
        from quota in quotas
        where WithQuota && quota.Rule.Over == QuotaScope.All
        select QuotaCap(quota.Name, quota.Rule, world.Fleet.Regions));

    public Cap Of(FleetRegion region) => Tightest(
        quotas.Where(quota => WithQuota && quota.Rule.Over == QuotaScope.Region && quota.Rule.Counts(region.Id))
            .Select(quota => QuotaCap(quota.Name, quota.Rule, [region]))
            .Concat(reserves.Where(reserve => reserve.Rule.Over == CapScope.Region)
                .Select(reserve => ReserveCap(reserve.Name, reserve.Rule, pool => pool.Region == region))));

    public Cap Of(FleetSite site) => Tightest(
        reserves.Where(reserve => reserve.Rule.Over == CapScope.Site)
            .Select(reserve => ReserveCap(reserve.Name, reserve.Rule, pool => pool.Site == site)));

    /// <summary>Facility power at a site that the contract gives and nobody draws, in milliwatts.</summary>
    public static long PowerLeft(World world, FleetSite site, DateTimeOffset asOf) =>
        Math.Max(0, site.FacilityMilliwattsAt(asOf) - world.SiteMilliwatts(site.Index));

    private static Cap Tightest(IEnumerable<Cap> caps) =>
        caps.Aggregate(Cap.None, (tightest, cap) => cap.Units < tightest.Units ? cap : tightest);

    private Cap ReserveCap(string name, CapacityReserveRule rule, Func<FleetPool, bool> inScope)
    {
        long installed = 0, used = 0;
        foreach (var pool in world.Fleet.Pools.Where(pool => pool.Sku == sku && inScope(pool)))
        {
            // What stands at a site that takes no workloads cannot be anyone's reserve.
            if (Placer.IsActive(pool.Site)) installed += pool.AcceleratorMilli;
            used += pool.AcceleratorMilli - world.Nodes.FreeAcceleratorMilli(pool.Index);
        }

        var left = Math.Max(0, rule.UsableMilli(installed) - used);
        return new Cap(left / Need.AcceleratorMilli, ReasonCode.Reserve, name,
            $"{rule.Percent} % of {installed / 1000} {sku!.Id} stay in reserve; {left} thousandths may still be used");
    }

    private Cap QuotaCap(string name, QuotaRule rule, IEnumerable<FleetRegion> regions)
    {
        var used = default(Usage);
        foreach (var region in regions)
        {
            for (var index = -1; index < world.Fleet.Skus.Count; index++)
            {
                if (!rule.Counts(index < 0 ? null : world.Fleet.Skus[index])) continue;
                var part = world.UsageOf(request.Tenant, region.Index, index);
                used = new(used.AcceleratorMilli + part.AcceleratorMilli, used.CpuMilli + part.CpuMilli, used.MemoryMib + part.MemoryMib);
            }
        }

        return Tightest([
            Limit(name, rule.Accelerators * 1000L, used.AcceleratorMilli, Need.AcceleratorMilli, "thousandths of an accelerator"),
            Limit(name, rule.CpuMilli, used.CpuMilli, Need.CpuMilli, "thousandths of a core"),
            Limit(name, rule.MemoryMib, used.MemoryMib, Need.MemoryMib, "MiB"),
        ]);
    }

    private Cap Limit(string name, long? limit, long used, long perUnit, string unit) =>
        limit is not { } most || perUnit == 0
            ? Cap.None
            : new Cap(Math.Max(0, most - used) / perUnit, ReasonCode.Quota, name,
                $"tenant {request.Tenant} uses {used} of {most} {unit}; the request needs {perUnit * request.Units} more");
}

/// <summary>A limit on units, and the rule that sets it.</summary>
internal sealed record Cap(long Units, string Reason, string Rule, string Because)
{
    public static Cap None { get; } = new(long.MaxValue, "", "", "");
}
