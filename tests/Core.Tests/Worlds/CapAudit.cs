using ControlPlane.Policies;
using ControlPlane.Regions;
using ControlPlane.Workloads;

namespace ControlPlane.Core.Tests.Worlds;

/// <summary>Judges reserves and quotas over whole placements, rule by rule, without the placer's nested caps.</summary>
internal static class CapAudit
{
    /// <summary>Rules that would be broken when the request is placed beside what is there.</summary>
    /// <param name="question">World, law and day before the request is placed.</param>
    /// <param name="request">The request.</param>
    /// <param name="unitsByPool">Where its units would go.</param>
    public static IEnumerable<string> Broken(
        RandomWorld question, PlacementRequest request, IReadOnlyList<(FleetPool Pool, int Units)> unitsByPool)
    {
        var sku = request.Unit.NeedsAccelerator ? unitsByPool[0].Pool.Sku : null;
        foreach (var policy in question.Law.Policies.Policies.Where(
            policy => policy.Enforcement == Enforcement.Mandatory && Applies(policy, question, request)))
        {
            foreach (var rule in policy.Rules)
            {
                var broken = rule switch
                {
                    CapacityReserveRule reserve when sku is not null => ReserveBroken(
                        question, request, unitsByPool, reserve),
                    QuotaRule quota => QuotaBroken(question, request, unitsByPool, quota),
                    _ => null,
                };
                if (broken is not null) yield return $"{policy.Id}/{rule.Rule}: {broken}";
            }
        }
    }

    private static bool Applies(Policy policy, RandomWorld question, PlacementRequest request)
    {
        var day = DateOnly.FromDateTime(question.AsOf.UtcDateTime);
        return policy.ValidFrom <= day
            && (policy.ValidTo is null || policy.ValidTo >= day)
            && policy.Match.Matches(LawSubject.Of(request));
    }

    private static string? ReserveBroken(
        RandomWorld question,
        PlacementRequest request,
        IReadOnlyList<(FleetPool Pool, int Units)> units,
        CapacityReserveRule rule)
    {
        var sku = units[0].Pool.Sku!;
        if (rule.Skus.Count > 0 && !rule.Skus.Contains(sku.Id)) return null;
        if (request.Priority >= (rule.OpenFromPriority ?? int.MaxValue)) return null;
        foreach (var scope in units.Where(item => item.Units > 0)
                     .Select(item => rule.Over == CapScope.Site ? (object)item.Pool.Site : item.Pool.Region).Distinct())
        {
            bool InScope(FleetPool pool) => ReferenceEquals(
                rule.Over == CapScope.Site ? pool.Site : pool.Region, scope);
            var pools = question.World.Fleet.Pools.Where(pool => pool.Sku == sku && InScope(pool)).ToList();
            var installed = pools
                .Where(pool => pool.Site.Spec.Status == SiteStatus.Active)
                .Sum(pool => (long)pool.Nodes * pool.Spec.AcceleratorsPerNode * 1000);
            var used = RandomLaw.Tenants.Sum(tenant =>
                Audit.Used(question.World, tenant, InScope, units[0].Pool.SkuIndex).AcceleratorMilli);
            var more = units
                .Where(item => InScope(item.Pool))
                .Sum(item => (long)item.Units * request.Unit.AcceleratorMilli);
            if (used + more > Math.Floor(installed * (100m - rule.Percent) / 100m))
                return $"{used} and {more} of {installed} at {scope}";
        }

        return null;
    }

    private static string? QuotaBroken(
        RandomWorld question,
        PlacementRequest request,
        IReadOnlyList<(FleetPool Pool, int Units)> units,
        QuotaRule rule)
    {
        var sku = request.Unit.NeedsAccelerator ? units[0].Pool.Sku : null;
        if (rule.Skus.Count > 0 && (sku is null || !rule.Skus.Contains(sku.Id))) return null;
        var fleet = question.World.Fleet;
        Seq<FleetRegion?> scopes = rule.Over == QuotaScope.All
            ? [null]
            : units.Where(item => item.Units > 0).Select(item => (FleetRegion?)item.Pool.Region).Distinct().ToSeq();
        foreach (var scope in scopes.Where(
            scope => scope is null || rule.Regions.Count == 0 || rule.Regions.Contains(scope.Id)))
        {
            bool InScope(FleetPool pool) => scope is null || pool.Region == scope;
            var counted = Enumerable.Range(-1, fleet.Skus.Count + 1)
                .Where(index => rule.Skus.Count == 0 || (index >= 0 && rule.Skus.Contains(fleet.Skus[index].Id)))
                .Select(index => Audit.Used(question.World, request.Tenant, InScope, index)).ToList();
            var more = units.Where(item => InScope(item.Pool)).Sum(item => (long)item.Units);
            if (Over(
                rule.Accelerators * 1000L,
                counted.Sum(used => used.AcceleratorMilli),
                more * request.Unit.AcceleratorMilli)
                || Over(rule.CpuMilli, counted.Sum(used => used.CpuMilli), more * request.Unit.CpuMilli)
                || Over(rule.MemoryMib, counted.Sum(used => used.MemoryMib), more * request.Unit.MemoryMib))
            {
                return $"{more} units over {scope}";
            }
        }

        return null;
    }

    /// <summary>
    /// A request that needs none of a resource cannot break a limit on it, even one that is broken already.
    /// </summary>
    private static bool Over(long? limit, long used, long more) => more > 0 && used + more > limit;
}
