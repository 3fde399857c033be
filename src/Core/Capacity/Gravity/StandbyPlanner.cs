using ControlPlane.Placements;
using ControlPlane.Policies;
using ControlPlane.Regions;
using ControlPlane.Workloads;

namespace ControlPlane.Capacity.Gravity;

/// <summary>
/// Finds the cheapest set of lawful copies by which every promised recovery time holds, after the loss of any region
/// and any provider, as far as it can hold at all.
/// </summary>
internal sealed class StandbyPlanner(World world, Law law, DataReach today)
{
    private readonly DataTerms terms = today.Terms;
    private readonly DateTimeOffset asOf = today.AsOf;
    private readonly Dictionary<DatasetId, List<StandbyCandidate>> candidates = [];

    public StandbyPlan Plan(List<Placement> running)
    {
        var needs = NeedsOf(running);
        var wanted = needs.SelectMany(need => need.Datasets).Distinct().OrderBy(item => item.Dataset).ToList();
        foreach (var dataset in wanted) candidates.Add(dataset.Dataset, CandidatesFor(dataset));
        var all = wanted.SelectMany(dataset => candidates[dataset.Dataset]).ToList();
        var late = needs.FindAll(need => !need.Holds([]));
        var search = new StandbySearch(all, late.FindAll(need => need.Holds(all)));
        var chosen = search.Cheapest();
        return new StandbyPlan(
            chosen.Select(candidate => candidate.Copy)
                .OrderBy(copy => copy.Dataset).ThenBy(copy => copy.Site).ToSeq(),
            late.Select(need => new PromiseAtRisk(
                need.Placement.Id, need.Placement.Request.Tenant, need.Placement.Request.Workload, need.Scenario.Name,
                need.Promised, need.Best([]), need.Best(chosen))).ToSeq(),
            search.IsCheapest);
    }

    /// <summary>Every promise under every loss that touches its workload.</summary>
    private List<StandbyNeed> NeedsOf(List<Placement> running)
    {
        var needs = new List<StandbyNeed>();
        var promised = running.FindAll(placement => Drill.PromiseOf(placement.Request) is not null);
        if (promised.Count == 0) return needs;
        foreach (var scenario in Scenario.Usual(world.Fleet))
        {
            // Made when the first workload is touched: most losses touch none.
            DataReach? reach = null;
            foreach (var placement in promised)
            {
                if (!placement.Units.Any(unit => scenario.Loses(world.Fleet.FindPool(unit.Node.Pool)!))) continue;
                reach ??= new DataReach(law, scenario, terms, asOf);
                var request = placement.Request;
                var slack = Drill.PromiseOf(request)!.Value - terms.Rates.Fence
                    - Drill.DurationOf(request, terms.Rates);
                needs.Add(new StandbyNeed(placement, scenario, reach, slack)
                {
                    Promised = Drill.PromiseOf(request)!.Value,
                    Targets = TargetsOf(request, scenario),
                    Datasets = request.Datasets.Select(world.Fleet.FindDataset).OfType<DatasetSpec>().ToSeq(),
                });
            }
        }

        return needs;
    }

    /// <summary>Sites that stand, where the request may run, can, and would have room by itself.</summary>
    private int[] TargetsOf(PlacementRequest request, Scenario scenario)
    {
        var lawful = law.LawfulPools(LawSubject.Of(request), asOf);
        return
        [
            .. world.Fleet.Pools
                .Where(pool => lawful.Contains(pool.Index) && !scenario.Loses(pool) && world.Sites.IsOpen(pool.Site)
                    && Capability.Suffices(pool, request.Unit) && DataPlanner.HasRoom(world, pool, request, asOf))
                .Select(pool => pool.Site.Index).Distinct(),
        ];
    }

    private List<StandbyCandidate> CandidatesFor(DatasetSpec dataset)
    {
        var (open, ways) = (today.Open(dataset), today.Routes(dataset));
        var lawful = law.Datasets.MayHold(dataset, asOf);
        var found = new List<StandbyCandidate>();
        foreach (var site in world.Fleet.Sites)
        {
            if (!open[site.Index] || dataset.Places.Contains(site.Id)) continue;
            var following = ways[site.Index].FindAll(way => way.Follows(dataset.ChangeGibPerDay, terms));
            var way = DataNetwork.Choose(following, way => way.TimeFor(dataset.SizeGib, terms) <= terms.Within);
            if (way is null) continue;
            var (first, monthly) = (way.UsdFor(dataset.SizeGib), way.UsdPerMonth(dataset.ChangeGibPerDay));
            var cluster = world.Fleet.Pools.First(pool => pool.Site == site && lawful.Contains(pool.Index)).Cluster;
            found.Add(new(dataset, site.Index, new StandbyCopy(
                dataset.Dataset, site.Id, cluster.Id, way, way.TimeFor(dataset.SizeGib, terms), first, monthly,
                first + (monthly * terms.CopyMonths))));
        }

        return found;
    }
}

/// <summary>A copy that could be made.</summary>
internal sealed record StandbyCandidate(DatasetSpec Dataset, int Site, StandbyCopy Copy);

/// <summary>One promise under one loss: how soon its work would be back with which copies.</summary>
internal sealed class StandbyNeed(Placement placement, Scenario scenario, DataReach reach, TimeSpan slack)
{
    private readonly Dictionary<(DatasetId, int Site), TimeSpan?[]> times = [];

    public Placement Placement => placement;

    public Scenario Scenario => scenario;

    public required TimeSpan Promised { get; init; }

    public required int[] Targets { get; init; }

    public required Seq<DatasetSpec> Datasets { get; init; }

    public bool Holds(IReadOnlyCollection<StandbyCandidate> with) => Waits(with) <= slack;

    /// <summary>Time to be back; null when it cannot be.</summary>
    public TimeSpan? Best(IReadOnlyCollection<StandbyCandidate> with) => Promised - slack + Waits(with);

    /// <summary>Whether a copy would still be there, and is of something that is needed.</summary>
    public bool MayUse(StandbyCandidate candidate) =>
        Datasets.Contains(candidate.Dataset) && reach.Open(candidate.Dataset)[candidate.Site];

    /// <summary>Shortest time in which all data is at one target; null when it is at none.</summary>
    private TimeSpan? Waits(IReadOnlyCollection<StandbyCandidate> with)
    {
        TimeSpan? best = null;
        var ways = Datasets.Select(dataset => reach.Copies(dataset)
            .Concat(with.Where(copy => copy.Dataset == dataset && MayUse(copy)).Select(copy => copy.Site))
            .Select(site => TimesFrom(dataset, site)).ToList()).ToList();
        foreach (var target in Targets)
        {
            TimeSpan? sum = TimeSpan.Zero;
            foreach (var sources in ways) sum += sources.Min(times => times[target]);
            if (best is null || sum < best) best = sum ?? best;
        }

        return best;
    }

    private TimeSpan?[] TimesFrom(DatasetSpec dataset, int site)
    {
        if (times.TryGetValue((dataset.Dataset, site), out var known)) return known;
        var found = reach.TimesFrom(dataset, site);
        times.Add((dataset.Dataset, site), found);
        return found;
    }
}
