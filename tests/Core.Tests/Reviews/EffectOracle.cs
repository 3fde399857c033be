using ControlPlane.Placements;
using ControlPlane.Policies;
using ControlPlane.Regions;
using ControlPlane.Reviews;
using ControlPlane.Workloads;

namespace ControlPlane.Core.Tests.Reviews;

/// <summary>
/// Works out the effect of a change slowly and simply: rule by rule, pool by pool, placement by placement, with
/// nothing remembered between them.
/// </summary>
internal sealed class EffectOracle(ReviewQuestion question, ReviewSide before, ReviewSide after)
{
    public IEnumerable<DecisionId> NewlyUnlawful() => Where(mayBefore: true, mayAfter: false);

    public IEnumerable<DecisionId> NewlyLawful() => Where(mayBefore: false, mayAfter: true);

    public int StillUnlawful() => Where(mayBefore: false, mayAfter: false).Count();

    /// <summary>Sites it could fail over to, for what may stay on both sides and has others than before.</summary>
    public IEnumerable<(DecisionId Id, Seq<SiteId> Before, Seq<SiteId> After)> Failover()
    {
        foreach (var placement in question.Running.Where(item => MayStay(item, before) && MayStay(item, after)))
        {
            var (was, becomes) = (Targets(placement, before), Targets(placement, after));
            if (was != becomes) yield return (placement.Id, was, becomes);
        }
    }

    /// <summary>Accelerators in thousandths that are open to some workload of a class that runs.</summary>
    public Dictionary<(DataClassId, RegionId, SkuId), long> Open(ReviewSide side)
    {
        var open = new HashSet<(DataClassId Class, FleetPool Pool)>();
        foreach (var placement in question.Running)
        {
            foreach (var pool in side.Fleet.Pools
                .Where(pool => pool.Sku is not null && CanRun(placement.Request, pool, side)))
                open.Add((placement.Request.DataClass, pool));
        }

        return open.GroupBy(item => (item.Class, item.Pool.Region.Id, item.Pool.Sku!.Id))
            .ToDictionary(group => group.Key, group => group.Sum(item => item.Pool.AcceleratorMilli));
    }

    private IEnumerable<DecisionId> Where(bool mayBefore, bool mayAfter) => question.Running
        .Where(placement => MayStay(placement, before) == mayBefore && MayStay(placement, after) == mayAfter)
        .Select(placement => placement.Id);

    private bool MayStay(Placement placement, ReviewSide side) =>
        placement.Units.All(unit => side.Fleet.FindPool(unit.Node.Pool) is not null)
        && new Law(side.Fleet, side.Policies).JudgeRunning(placement, question.AsOf)
            .All(verdict => verdict.Result != VerdictResult.Denied);

    private bool IsLawful(PlacementRequest request, FleetPool pool, ReviewSide side) =>
        new Law(side.Fleet, side.Policies).Judge(pool, LawSubject.Of(request), question.AsOf)
            .All(verdict => verdict.Result != VerdictResult.Denied);

    private bool CanRun(PlacementRequest request, FleetPool pool, ReviewSide side) =>
        IsLawful(request, pool, side) && pool.Site.Spec.Status == SiteStatus.Active
            && Capability.Suffices(pool, request.Unit);

    private Seq<SiteId> Targets(Placement placement, ReviewSide side) => side.Fleet.Pools
        .Where(pool => CanRun(placement.Request, pool, side))
        .Select(pool => pool.Site.Id)
        .Distinct()
        .Where(site => placement.Units.All(unit => side.Fleet.FindPool(unit.Node.Pool)!.Site.Id != site))
        .Order()
        .ToSeq();
}
