using ControlPlane.Capacity;
using ControlPlane.Core.Tests.Worlds;
using ControlPlane.Policies;
using ControlPlane.Regions;
using ControlPlane.Workloads;

namespace ControlPlane.Core.Tests.Capacity;

/// <summary>
/// Tells how many units of one accelerator each survive a scenario, by trying every way in which they could go: law
/// judged rule by rule, contracts of power, power caps, quotas and cohorts added up from what stays and what comes.
/// Holds for policies of caps that match everything.
/// </summary>
internal sealed class SurvivalByTrying
{
    private const int MostSteps = 400_000;

    private readonly Fleet fleet;
    private readonly DateTimeOffset asOf;
    private readonly List<PolicyRule> caps;
    private readonly List<(PlacementRequest Request, List<FleetPool> Open)> pieces = [];
    private readonly List<int> priorities;
    private readonly long[] free;
    private readonly long[] drawn;
    private readonly Dictionary<(TenantId, int Region), long> used = [];
    private readonly int[] chosen;
    private long[] best;
    private int steps;

    public SurvivalByTrying(RandomWorld world, Scenario scenario)
    {
        (fleet, asOf) = (scenario.Change(world.World.Fleet), world.AsOf);
        var law = new Law(fleet, world.Law.Policies);
        var day = DateOnly.FromDateTime(asOf.UtcDateTime);
        caps =
        [
            .. world.Law.Policies.Policies
                .Where(policy => policy.Enforcement == Enforcement.Mandatory && policy.HoldsOn(day))
                .SelectMany(policy => policy.Rules.Where(rule => rule is CapacityRule)),
        ];
        free = [.. fleet.Pools.Select(pool => (long)pool.Nodes * pool.Spec.AcceleratorsPerNode)];
        drawn = new long[fleet.Sites.Count];
        foreach (var placement in world.World.Placements.OrderByDescending(item => item.Request.Priority)
            .ThenBy(item => item.Id.Value))
        {
            foreach (var unit in placement.Units)
            {
                var pool = fleet.FindPool(unit.Node.Pool)!;
                var stays = !scenario.Loses(pool) && IsLawful(law, pool, placement.Request)
                    && drawn[pool.Site.Index] + DrawOf(pool) <= pool.Site.FacilityMilliwattsAt(asOf);
                if (stays) Take(placement.Request.Tenant, pool, 1);
                else pieces.Add((placement.Request, []));
            }
        }

        foreach (var (request, open) in pieces)
        {
            open.AddRange(fleet.Pools.Where(pool => !scenario.Loses(pool) && pool.Site.Spec.Status == SiteStatus.Active
                && IsLawful(law, pool, request) && SurvivalOracle.CanDo(pool, request.Unit)));
        }

        priorities = [.. pieces.Select(piece => piece.Request.Priority).Distinct().OrderDescending()];
        chosen = new int[pieces.Count];
        best = new long[priorities.Count];
    }

    public int Count => pieces.Count;

    /// <summary>Units by priority, the highest first; null when there are too many ways.</summary>
    public long[]? Recovered()
    {
        Try(0, new long[priorities.Count]);
        return steps > MostSteps ? null : best;
    }

    /// <summary>What of these is recovered by priority, the highest first.</summary>
    public long[] Of(SurvivalReport report) =>
    [
        .. priorities.Select(priority => (long)report.Workloads
            .Where(workload => workload.Placement.Request.Priority == priority)
            .Sum(workload => workload.Recovered)),
    ];

    private void Try(int index, long[] served)
    {
        if (++steps > MostSteps || !MayBeat(index, served)) return;
        if (index == pieces.Count)
        {
            best = [.. served];
            return;
        }

        var (request, open) = pieces[index];
        var rank = priorities.IndexOf(request.Priority);
        var first = index > 0 && pieces[index - 1].Request.Tenant == request.Tenant
            && pieces[index - 1].Request.Priority == request.Priority && pieces[index - 1].Open.SequenceEqual(open)
            ? chosen[index - 1]
            : 0;
        for (var at = first; at < open.Count; at++)
        {
            if (!Fits(request, open[at])) continue;
            Take(request.Tenant, open[at], 1);
            (chosen[index], served[rank]) = (at, served[rank] + 1);
            Try(index + 1, served);
            served[rank]--;
            Take(request.Tenant, open[at], -1);
        }

        chosen[index] = open.Count;
        Try(index + 1, served);
    }

    private bool MayBeat(int index, long[] served)
    {
        if (index == pieces.Count && best.Sum() == 0 && served.Sum() > 0) return true;
        for (var rank = 0; rank < served.Length; rank++)
        {
            var hoped = served[rank] + pieces.Skip(index).Count(piece =>
                piece.Request.Priority == priorities[rank] && piece.Open.Count > 0);
            if (hoped != best[rank]) return hoped > best[rank];
        }

        return false;
    }

    private bool Fits(PlacementRequest request, FleetPool pool) => free[pool.Index] > 0
        && drawn[pool.Site.Index] + DrawOf(pool) <= pool.Site.FacilityMilliwattsAt(asOf)
        && caps.TrueForAll(rule => rule switch
        {
            PowerCapRule cap => !cap.Covers(pool.Site.Id, request.Priority) || drawn[pool.Site.Index] + DrawOf(pool)
                <= cap.LimitMilliwatts(pool.Site.FacilityMilliwattsAt(asOf)),
            QuotaRule quota => UsedBy(request.Tenant, quota.Over, pool) + 1 <= quota.Accelerators,
            CohortQuotaRule cohort => FitsCohort(cohort, request.Tenant, pool),
            _ => throw new InvalidOperationException($"{rule} is not known here"),
        });

    /// <summary>
    /// Nobody has more than its own and what it may borrow, nor more than the others lend of what they do not use.
    /// </summary>
    private bool FitsCohort(CohortQuotaRule cohort, TenantId tenant, FleetPool pool)
    {
        var mine = cohort.Members.FirstOrDefault(member => member.Tenant == tenant);
        if (mine is null) return false;
        long Of(TenantId one) => UsedBy(one, cohort.Over, pool);
        var others = cohort.Members.Where(member => member.Tenant != tenant).ToList();
        var lent = others.Sum(other => Math.Min(
            other.LendAtMost ?? other.Accelerators, Math.Max(0, other.Accelerators - Of(other.Tenant))));
        var borrowed = others.Sum(other => Math.Max(0, Of(other.Tenant) - other.Accelerators));
        var most = lent >= borrowed
            ? mine.Accelerators + Math.Min(mine.BorrowAtMost, lent - borrowed)
            : mine.Accelerators + lent - borrowed;
        return Of(tenant) + 1 <= most;
    }

    private long UsedBy(TenantId tenant, QuotaScope over, FleetPool pool) => used
        .Where(item => item.Key.Item1 == tenant
            && (over == QuotaScope.All || item.Key.Region == pool.Region.Index))
        .Sum(item => item.Value);

    private void Take(TenantId tenant, FleetPool pool, int sign)
    {
        free[pool.Index] -= sign;
        drawn[pool.Site.Index] += sign * DrawOf(pool);
        var key = (tenant, pool.Region.Index);
        used[key] = used.GetValueOrDefault(key) + sign;
    }

    private static long DrawOf(FleetPool pool) => pool.UnitMilliwatts(1_000, 0);

    private bool IsLawful(Law law, FleetPool pool, PlacementRequest request) =>
        law.Judge(pool, LawSubject.Of(request), asOf).All(verdict => verdict.Result != VerdictResult.Denied);
}
