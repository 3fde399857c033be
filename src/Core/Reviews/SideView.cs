using ControlPlane.Inventory;
using ControlPlane.Placements;
using ControlPlane.Policies;
using ControlPlane.Regions;
using ControlPlane.Workloads;

namespace ControlPlane.Reviews;

/// <summary>
/// Everything that runs, seen from one side of a change. What depends on a kind of workload alone is worked out once
/// for all workloads of the kind.
/// </summary>
internal sealed class SideView
{
    private readonly Fleet placedOn;
    private readonly DateTimeOffset asOf;
    private readonly Dictionary<DecisionId, string> displaced = [];
    private readonly Dictionary<(LawSubject Subject, UnitNeed Need), Reach> reaches = [];

    public SideView(ReviewSide side, ReviewQuestion question)
    {
        Side = side;
        (placedOn, asOf) = (question.PlacedOn, question.AsOf);
        Law = new Law(side.Fleet, side.Policies);
        World = new World();
        var problems = World.Declare(side.Fleet, asOf);
        if (problems.Count > 0) throw new InvalidOperationException($"an empty world takes no fleet: {problems[0]}");
        foreach (var placement in question.Running)
        {
            if (WhyDisplaced(placement) is { } why) displaced.Add(placement.Id, why);
            else World.Add(placement);
        }

        World.Settle();
    }

    public ReviewSide Side { get; }

    public Law Law { get; }

    /// <summary>What runs and still has its nodes.</summary>
    public World World { get; }

    public bool IsDisplaced(DecisionId id) => displaced.ContainsKey(id);

    /// <summary>Whether it may stay where it is; without the reasons, which take longer.</summary>
    public bool MayStay(Placement placement) => !displaced.ContainsKey(placement.Id) && Law.IsLawful(placement, asOf);

    /// <summary>How it stands, with every rule that keeps it out.</summary>
    public Standing StandingOf(Placement placement)
    {
        if (displaced.TryGetValue(placement.Id, out var why)) return new(StandingKind.Displaced, [], why);
        if (MayStay(placement)) return Standing.Lawful;
        var denials = Law.JudgeRunning(placement, asOf)
            .Where(verdict => verdict.Result == VerdictResult.Denied)
            .DistinctBy(verdict => verdict.Rule)
            .OrderBy(verdict => verdict.Rule, StringComparer.Ordinal)
            .ToSeq();
        return new(StandingKind.Unlawful, denials, "");
    }

    /// <summary>Where work of this kind may run and is able to, whatever room there is.</summary>
    public Reach ReachOf(Placement placement)
    {
        var key = (LawSubject.Of(placement.Request), placement.Request.Unit);
        if (reaches.TryGetValue(key, out var known)) return known;
        var lawful = Law.LawfulPools(key.Item1, asOf);
        var pools = Side.Fleet.Pools
            .Where(pool => lawful.Contains(pool.Index) && Placer.IsActive(pool.Site)
                && Capability.Suffices(pool, key.Unit))
            .ToSeq();
        var reach = new Reach(pools, pools.Select(pool => pool.Site.Id).Distinct().Order().ToSeq());
        reaches.Add(key, reach);
        return reach;
    }

    /// <summary>Sites that draw more than their contract gives.</summary>
    public IEnumerable<OverdrawnSite> Overdrawn() => Side.Fleet.Sites
        .Select(site => new OverdrawnSite(site.Id, World.SiteMilliwatts(site.Index), site.FacilityMilliwattsAt(asOf)))
        .Where(site => site.DrawnMilliwatts > site.ContractMilliwatts);

    private string? WhyDisplaced(Placement placement)
    {
        var need = placement.Request.Unit;
        foreach (var unit in placement.Units)
        {
            var pool = Side.Fleet.FindPool(unit.Node.Pool);
            if (pool is null) return $"node pool {unit.Node.Pool} is not there";
            if (!FleetChange.Stays(placedOn, pool, unit, need)) return $"{unit.Node} is not what it was";
        }

        if (placement.Request.Kind == WorkloadKind.Gang && FleetChange.IsTorn(Side.Fleet, placement.Units))
            return "its members would not share a fabric domain";
        // Nodes that became smaller hold whoever comes first by id; the others have no room.
        var taken = new List<(int Pool, UnitBinding Unit)>();
        string? tight = null;
        foreach (var unit in placement.Units)
        {
            var pool = Side.Fleet.FindPool(unit.Node.Pool)!.Index;
            World.Nodes.Take(pool, unit, need);
            taken.Add((pool, unit));
            if (!World.Nodes.IsSound(pool, unit.Node.Ordinal)) tight ??= $"{unit.Node} has no room for it";
        }

        foreach (var (pool, unit) in taken) World.Nodes.Give(pool, unit, need);
        return tight;
    }
}

/// <summary>Pools and their sites that are lawful, active and capable for one kind of work.</summary>
internal sealed class Reach(Seq<FleetPool> pools, Seq<SiteId> sites)
{
    public Seq<FleetPool> Pools => pools;

    public Seq<SiteId> Sites => sites;
}

/// <summary>What a change is held against.</summary>
/// <param name="PlacedOn">Fleet on which everything was placed.</param>
/// <param name="Running">What runs, ordered by id.</param>
/// <param name="AsOf">Instant that both sides are judged at.</param>
public sealed record ReviewQuestion(Fleet PlacedOn, Seq<Placement> Running, DateTimeOffset AsOf)
{
    /// <summary>Everything that runs in a world.</summary>
    public static ReviewQuestion Of(World world, DateTimeOffset asOf) =>
        new(world.Fleet, world.Placements.OrderBy(placement => placement.Id).ToSeq(), asOf);
}
