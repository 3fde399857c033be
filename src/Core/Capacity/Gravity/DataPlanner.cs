using ControlPlane.Placements;
using ControlPlane.Policies;
using ControlPlane.Regions;
using ControlPlane.Workloads;

namespace ControlPlane.Capacity.Gravity;

/// <summary>
/// Prices moving work against moving its data, within the law on both, and finds the cheapest copies by which promised
/// recovery times hold. Nothing changes.
/// </summary>
public static class DataPlanner
{
    /// <summary>Workloads that are looked at, of the highest priority; a plan for people needs no more.</summary>
    public const int MostWorkloads = 1_000;

    /// <summary>Places that are kept for a workload.</summary>
    public const int MostOptions = 20;

    private const decimal MibPerGib = 1_024m;

    public static DataPlan Plan(
        World world, Law law, Seq<PlacementRequest> waiting, (DataTerms Terms, DateTimeOffset AsOf) at)
    {
        var reach = new DataReach(law, lost: null, at.Terms, at.AsOf);
        var running = world.Placements.Where(placement => placement.Request.Datasets.Count > 0)
            .OrderByDescending(placement => placement.Request.Priority).ThenBy(placement => placement.Id)
            .Take(MostWorkloads)
            .ToList();
        var workloads = running
            .Select(placement => GravityOf((world, law), reach, placement.Request, placement))
            .Concat(waiting.Where(request => request.Datasets.Count > 0).Take(MostWorkloads)
                .Select(request => GravityOf((world, law), reach, request, placement: null)));
        return new DataPlan
        {
            AsOf = at.AsOf,
            Position = world.Position,
            Terms = at.Terms,
            Datasets = world.Fleet.Datasets.Select(dataset => PlacesOf(law, reach, dataset)).ToSeq(),
            Workloads = workloads
                .OrderBy(item => item.Id is null)
                .ThenBy(item => item.Request.Tenant).ThenBy(item => item.Request.Workload, StringComparer.Ordinal)
                .ThenBy(item => item.Id?.Value)
                .ToSeq(),
            Standby = new StandbyPlanner(world, law, reach).Plan(running),
        };
    }

    /// <summary>Whether nodes and power of a pool would hold a request as a whole.</summary>
    internal static bool HasRoom(World world, FleetPool pool, PlacementRequest request, DateTimeOffset asOf)
    {
        var need = request.Unit;
        var milliwatts = request.Units * pool.UnitMilliwatts(need.AcceleratorMilli, need.CpuMilli);
        if (milliwatts > PowerFigures.Of(world, pool.Site, asOf).FreeMilliwatts) return false;
        return request.Kind == WorkloadKind.Gang
            ? NodeChoice.GangDomain(world, pool, request) is not null
            : NodeChoice.Room(world, pool, (0, pool.Nodes), request) >= request.Units;
    }

    private static DatasetPlaces PlacesOf(Law law, DataReach reach, DatasetSpec dataset) => new(
        dataset,
        dataset.Places.Select(id => law.Fleet.FindSite(id)).OfType<FleetSite>()
            .Select(site => new CopyPlace(site.Id, site.Id == dataset.Site, WhyUnlawful(law, site, (dataset, reach))))
            .ToSeq(),
        reach.Open(dataset).Count(open => open));

    private static string? WhyUnlawful(Law law, FleetSite site, (DatasetSpec Dataset, DataReach Reach) of)
    {
        if (of.Reach.Open(of.Dataset)[site.Index]) return null;
        var pools = law.Fleet.Pools.Where(pool => pool.Site == site).ToList();
        if (pools.Count == 0) return "the site has no pool by which law could judge it";
        return law.Datasets.WhyNot(pools[0], of.Dataset, of.Reach.AsOf) is { } verdict
            ? $"{verdict.Rule}: {verdict.Because}"
            : "the site is not active";
    }

    private static WorkloadGravity GravityOf(
        (World World, Law Law) on, DataReach reach, PlacementRequest request, Placement? placement)
    {
        var home = placement?.Units.CountBy(unit => unit.Node.Pool)
            .OrderByDescending(count => count.Value).ThenBy(count => count.Key)
            .Select(count => on.World.Fleet.FindPool(count.Key))
            .FirstOrDefault();
        var lawful = on.Law.LawfulPools(LawSubject.Of(request), reach.AsOf);
        var workWays = home is null ? null : WorkWays(reach, (home.Site, lawful));
        var options = new List<GravityOption>();
        foreach (var pool in on.World.Fleet.Pools)
        {
            if (!lawful.Contains(pool.Index) || !on.World.Sites.IsOpen(pool.Site)
                || !Capability.Suffices(pool, request.Unit))
                continue;
            if (MovesTo(reach, pool, request, workWays) is not { } moves) continue;
            var hasRoom = pool == home || HasRoom(on.World, pool, request, reach.AsOf);
            options.Add(OptionAt(pool, (request, moves), hasRoom, reach.Terms));
        }

        return new(placement?.Id, request, home?.Site.Id, options
            .OrderByDescending(option => option.HasRoom).ThenBy(option => option.TotalUsd)
            .ThenBy(option => option.Time).ThenBy(option => option.Pool)
            .Take(MostOptions).ToSeq());
    }

    /// <summary>Ways for the state of work from where it is, over sites where it may run.</summary>
    private static List<DataRoute>[] WorkWays(DataReach reach, (FleetSite Site, PoolSet Lawful) from)
    {
        var open = new bool[reach.Fleet.Sites.Count];
        foreach (var pool in reach.Fleet.Pools) open[pool.Site.Index] |= from.Lawful.Contains(pool.Index);
        open[from.Site.Index] = true;
        return reach.RoutesFrom(from.Site, open);
    }

    /// <summary>What has to move to a pool; null when something cannot.</summary>
    private static Seq<DataMove>? MovesTo(
        DataReach reach, FleetPool pool, PlacementRequest request, List<DataRoute>[]? workWays)
    {
        var moves = new List<DataMove>();
        if (workWays is not null)
        {
            var state = request.Units * request.Unit.MemoryMib / MibPerGib;
            if (MoveOver(workWays[pool.Site.Index], null, state, reach.Terms) is not { } move) return null;
            moves.Add(move);
        }

        foreach (var id in request.Datasets)
        {
            if (reach.Fleet.FindDataset(id) is not { } dataset) return null;
            var ways = reach.Routes(dataset)[pool.Site.Index];
            if (MoveOver(ways, id, dataset.SizeGib, reach.Terms) is not { } move) return null;
            moves.Add(move);
        }

        return moves.Where(move => !move.Route.IsThere).ToSeq();
    }

    private static DataMove? MoveOver(List<DataRoute> ways, DatasetId? dataset, decimal gib, DataTerms terms) =>
        DataNetwork.Choose(ways, way => way.TimeFor(gib, terms) <= terms.Within) is { } way
            ? new(dataset, way, gib, way.TimeFor(gib, terms), way.UsdFor(gib))
            : null;

    private static GravityOption OptionAt(
        FleetPool pool, (PlacementRequest Request, Seq<DataMove> Moves) what, bool hasRoom, DataTerms terms)
    {
        var (work, data) = (what.Moves.Any(move => move.Dataset is null), what.Moves.Any(move => move.Dataset != null));
        var kind = (work, data) switch
        {
            (false, false) => GravityKind.Nothing,
            (true, false) => GravityKind.Work,
            (false, true) => GravityKind.Data,
            _ => GravityKind.Both,
        };
        var need = what.Request.Unit;
        var share = need.NeedsAccelerator
            ? need.AcceleratorMilli / 1000m
            : (decimal)need.CpuMilli / pool.Spec.CpuMilliPerNode;
        var perHour = what.Request.Units * share * pool.Spec.UsdPerHour;
        return new(
            pool.Id, pool.Site.Id, kind, what.Moves,
            what.Moves.Aggregate(TimeSpan.Zero, (sum, move) => sum + move.Time), perHour,
            what.Moves.Sum(move => move.Usd) + (perHour * terms.RunHours), hasRoom);
    }
}
