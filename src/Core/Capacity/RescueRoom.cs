using ControlPlane.Capacity.Gravity;
using ControlPlane.Placements;
using ControlPlane.Policies;
using ControlPlane.Regions;
using ControlPlane.Workloads;

namespace ControlPlane.Capacity;

/// <summary>
/// What is left when something is lost, on a world of its own: where a unit may go by law, by what policies say about
/// moving, by hardware and by what operators hold against sites; and how many of it fit there, by nodes, power, quotas
/// and reservations.
/// </summary>
internal sealed class RescueRoom(World after, Law law, Scenario scenario, DateTimeOffset asOf)
{
    /// <summary>Cost of a second that data takes to a place, and the most that it counts for.</summary>
    private const long CostOfSecond = 1_000;

    private const long MostSeconds = 1_000_000;

    private readonly DataReach reach = new(law, scenario, DataTerms.Usual, asOf);
    private readonly Dictionary<DemandClass, List<FleetPool>> openTo = [];

    /// <summary>Whether anything but nodes and contracts limits what fits, so that looking is worth it.</summary>
    private readonly bool hasCaps = after.Reservations.All.Count > 0 || law.Policies.Policies
        .SelectMany(policy => policy.Rules)
        .Any(rule => rule is PowerCapRule or QuotaRule or CohortQuotaRule);

    private readonly bool hasMobility = law.Policies.Policies
        .SelectMany(policy => policy.Rules)
        .Any(rule => rule is MobilityRule);

    public World After => after;

    public Law Law => law;

    public DateTimeOffset AsOf => asOf;

    /// <summary>Whether a pool is left, and takes work.</summary>
    public bool Stands(FleetPool pool) => !scenario.Loses(pool) && after.Sites.IsOpen(pool.Site);

    /// <summary>Pools that law and hardware open to a request in what is left of the fleet, cheapest first.</summary>
    public List<FleetPool> OpenTo(PlacementRequest request)
    {
        var demand = DemandClass.Of(request);
        if (openTo.TryGetValue(demand, out var known)) return known;
        var open = Lawful(request).FindAll(pool => Capability.Suffices(pool, request.Unit))
            .OrderBy(pool => CostAt(pool, request)).ThenBy(pool => pool.Index).ToList();
        openTo.Add(demand, open);
        return open;
    }

    /// <summary>Weighted cost of one unit in a pool; where its data is near goes before everything else.</summary>
    public long CostAt(FleetPool pool, PlacementRequest request) =>
        Score.Of(after, pool, request, law.Policies.Preferences).Cost + CostOfData(pool, request);

    /// <summary>Whether policies let a request move to a pool when its own place is lost.</summary>
    public bool MayGo(FleetPool pool, PlacementRequest request) => !hasMobility || Mobility.MayMove(law, new(
        new Placement
        {
            Id = default, Request = request, State = PlacementState.Bound, Epoch = 1, Units = [], DecidedAt = asOf,
        },
        pool.Id, MoveKind.Failover, [], asOf)).All(verdict => verdict.Result != VerdictResult.Denied);

    /// <summary>Whether the data of a request is left, and gets to where it goes.</summary>
    public bool HasData(PlacementRequest request, Seq<SurvivalTarget> to) => request.Datasets.Count == 0
        || (reach.IsLeft(request) && to.All(target => TimeTo(target, request) is not null));

    /// <summary>Until its data is at the last of the targets, as far as it gets there.</summary>
    public TimeSpan DataTime(PlacementRequest request, Seq<SurvivalTarget> to) => request.Datasets.Count == 0
        ? TimeSpan.Zero
        : to.Select(target => TimeTo(target, request) ?? TimeSpan.Zero).DefaultIfEmpty(TimeSpan.Zero).Max();

    /// <summary>Facility power that contract and policies leave a request at a site, and what limits it.</summary>
    public PowerRoom PowerLeft(FleetSite site, PlacementRequest request) => hasCaps
        ? CapsOn(request, sku: null).PowerLeft(site)
        : new(PowerFigures.Of(after, site, asOf).FreeMilliwatts, CappedBy: null);

    /// <summary>
    /// The contract under which a site could draw so much more for a request; null when a policy caps it below that
    /// whatever the contract.
    /// </summary>
    public long? ContractFor(FleetSite site, PlacementRequest request, long moreMilliwatts)
    {
        var milliwatts = after.SiteMilliwatts(site.Index) + moreMilliwatts;
        return hasCaps ? CapsOn(request, sku: null).ContractFor(site, milliwatts) : milliwatts;
    }

    /// <summary>Units that quotas and reservations leave a request in the region of a pool.</summary>
    public long UnitsLeft(FleetPool pool, PlacementRequest request)
    {
        if (!hasCaps) return long.MaxValue;
        var caps = CapsOn(request, request.Unit.NeedsAccelerator ? pool.Sku : null);
        return Math.Min(caps.Total().Units, caps.Of(pool.Region).Units);
    }

    /// <summary>Why a request finds no place at all.</summary>
    public SurvivalOutcome WhyNowhere(PlacementRequest request) =>
        OpenTo(request).Count > 0 ? SurvivalOutcome.NoRoom
            : Lawful(request).Count > 0 ? SurvivalOutcome.NoCapableHardware
            : SurvivalOutcome.NoLawfulPlace;

    /// <summary>
    /// Binds as many units as nodes, power and quotas have room for, of a gang all or none; returns how many.
    /// </summary>
    public int Bind(Displaced item, FleetPool pool, int units)
    {
        var need = item.Request.Unit;
        var request = item.Request with { Units = units };
        var room = item.IsOne
            ? NodeChoice.GangDomain(after, pool, request) is null ? 0 : units
            : NodeChoice.Room(after, pool, (0, pool.Nodes), request);
        if (room == 0) return 0;
        var milliwatts = pool.UnitMilliwatts(need.AcceleratorMilli, need.CpuMilli);
        var let = Math.Min(units, UnitsLeft(pool, request));
        if (milliwatts > 0) let = Math.Min(let, PowerLeft(pool.Site, request).Milliwatts / milliwatts);
        var here = (int)Math.Min(room, let);
        if (here == 0 || (item.IsOne && here < units)) return 0;
        var bindings = new List<UnitBinding>(here);
        NodeChoice.Bind(new Question(after, law, request with { Units = here }, asOf), pool, here, bindings);
        Grow(item.Placement, bindings);
        return here;
    }

    private TimeSpan? TimeTo(SurvivalTarget target, PlacementRequest request) =>
        reach.TimeTo(after.Fleet.FindPool(target.Pool)!.Site, request); // a target is a pool of the fleet

    private long CostOfData(FleetPool pool, PlacementRequest request)
    {
        if (request.Datasets.Count == 0) return 0;
        var seconds = reach.TimeTo(pool.Site, request) is { } time
            ? Math.Min(MostSeconds, (long)time.TotalSeconds)
            : 2 * MostSeconds;
        return seconds * CostOfSecond;
    }

    // Reserves that policies keep are kept for this; what is reserved for windows of time is somebody's.
    private Caps CapsOn(PlacementRequest request, Sku? sku) =>
        new(new Question(after, law, request, asOf) { IsFailover = true }, sku);

    private List<FleetPool> Lawful(PlacementRequest request)
    {
        if (law.Shape(request, asOf).IsDenied) return [];
        var lawful = law.LawfulPools(LawSubject.Of(request), asOf);
        return after.Fleet.Pools
            .Where(pool => lawful.Contains(pool.Index) && Stands(pool) && MayGo(pool, request))
            .ToList();
    }

    private void Grow(Placement placement, List<UnitBinding> more)
    {
        var units = more;
        if (after.Find(placement.Id) is { } known)
        {
            after.Remove(placement.Id);
            units = [.. known.Units, .. more];
        }

        after.Add(placement with
        {
            Units = units.OrderBy(unit => unit.Node).ThenBy(unit => unit.Devices).ToSeq(), Move = null,
        });
    }
}
