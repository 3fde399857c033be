using ControlPlane.Inventory;
using ControlPlane.Policies;
using ControlPlane.Regions;
using ControlPlane.Workloads;

namespace ControlPlane.Failover;

/// <summary>
/// Says of what runs unlawfully, or will within days, what of it has to leave, where it may go to stay there, and what
/// keeps it although the law does not.
/// </summary>
internal sealed class Remedy(World world, Law law, PlanQuestion question)
{
    private readonly LawAhead ahead = question.Ahead ?? LawAhead.Of(law, question.AsOf, TimeSpan.Zero);

    /// <summary>
    /// What is denied and can be moved at all, what is denied today first: by the day on which it has to be gone it is
    /// the more urgent, and it may go to where it cannot stay for long.
    /// </summary>
    public IEnumerable<Placement> InTurn(IEnumerable<DecisionId> denied) => denied
        .Select(world.Find).OfType<Placement>()
        .Where(placement => placement.Move is null && SitesOf(placement).All(IsQuiet) && IsDenied(placement))
        .OrderByDescending(IsDeniedToday)
        .ThenByDescending(placement => placement.Request.Priority)
        .ThenBy(placement => placement.Id);

    private bool IsDenied(Placement placement) => IsDeniedToday(placement) || !ahead.Allows(placement);

    /// <summary>Units at places that are denied, or all of a gang.</summary>
    public Seq<UnitBinding> Leaving(Placement placement)
    {
        if (!IsDenied(placement)) return [];
        var lasting = Lasting(placement);
        var denied = placement.Units
            .Where(unit => IsAmong(lasting, unit) == false)
            .ToSeq();
        // What is denied for how it runs stays as a whole, and says so.
        return denied.Count == 0 || placement.Request.Kind == WorkloadKind.Gang ? placement.Units : denied;
    }

    public StayPut? WhyStays(Placement placement)
    {
        if (SitesOf(placement).FirstOrDefault(site => world.Sites.Find(site) is null) is { Value: not null } alone)
        {
            return new(placement.Id, StayReason.NoAgent,
                $"no agent is at {alone} that could stop it: whoever runs it there has to move it");
        }

        var lasting = Lasting(placement);
        if (!IsDenied(placement) || placement.Units.Any(unit => IsAmong(lasting, unit) == false)) return null;
        return new(placement.Id, StayReason.HowItRuns,
            "the law is about how it runs, which is the same elsewhere: it has to be asked for anew");
    }

    public bool IsDeniedToday(Placement placement) => !law.IsLawful(placement, question.AsOf);

    /// <summary>Pools at which a placement may stay for as far ahead as is looked.</summary>
    public PoolSet Lasting(Placement placement) =>
        ahead.Lasting(LawSubject.Of(placement.Request), Today(placement));

    /// <summary>Pools at which a placement may be today.</summary>
    public PoolSet Today(Placement placement) =>
        law.LawfulPools(LawSubject.Of(placement.Request), question.AsOf);

    /// <summary>Whether somebody is at a site who starts what is sent there.</summary>
    public bool HasAgent(FleetPool pool) => world.Sites.Find(pool.Site.Id) is not null;

    /// <returns>Null for a pool that is not declared: it is no place to judge.</returns>
    private bool? IsAmong(PoolSet pools, UnitBinding unit) =>
        world.Fleet.FindPool(unit.Node.Pool) is { } pool ? pools.Contains(pool.Index) : null;

    private IEnumerable<SiteId> SitesOf(Placement placement) => placement.Units
        .Select(unit => world.Fleet.FindPool(unit.Node.Pool)).OfType<FleetPool>()
        .Select(pool => pool.Site.Id).Distinct();

    // What is at a site in trouble is left to those who see to that.
    private bool IsQuiet(SiteId site) =>
        world.Sites.Find(site) is null or { Health: SiteHealth.Healthy, Draining: false };
}
