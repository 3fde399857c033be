using ControlPlane.Capacity;
using ControlPlane.Capacity.Gravity;
using ControlPlane.Core.Tests.Worlds;
using ControlPlane.Policies;
using ControlPlane.Regions;
using ControlPlane.Workloads;

namespace ControlPlane.Core.Tests.Capacity;

/// <summary>
/// Finds ways for data by trying every simple path, and the cheapest copies by trying every set of them, under the law
/// as it is judged rule by rule.
/// </summary>
internal sealed class DataOracle(RandomWorld world, DataTerms terms)
{
    private readonly Fleet fleet = world.World.Fleet;
    private readonly Dictionary<(DatasetId, string), HashSet<SiteId>> open = [];

    /// <summary>Sites where a dataset may be, of those that stand.</summary>
    public HashSet<SiteId> Open(DatasetSpec dataset, Scenario? lost)
    {
        if (open.TryGetValue((dataset.Dataset, lost?.Name ?? ""), out var known)) return known;
        var policies = world.Law.Policies;
        var law = new Law(fleet, policies with
        {
            Policies = policies.Policies.Select(policy => policy with
            {
                Rules = policy.Rules
                    .Where(rule => rule is LawRule and not (ProvenanceRule or LatencyRule or FreshnessRule)).ToSeq(),
            }).ToSeq(),
        });
        var found = fleet.Pools
            .Where(pool => pool.Site.Spec.Status == SiteStatus.Active && lost?.Loses(pool) != true)
            .Where(pool => Enum.GetValues<WorkloadKind>().All(kind => law.Judge(pool, new LawSubject
            {
                Tenant = dataset.Tenant, DataClass = dataset.DataClass, Kind = kind, DataCopies = [],
                DataOrigin = dataset.Origin,
            }, world.AsOf).All(verdict => verdict.Result != VerdictResult.Denied)))
            .Select(pool => pool.Site.Id).ToHashSet();
        open.Add((dataset.Dataset, lost?.Name ?? ""), found);
        return found;
    }

    /// <summary>Bandwidth and price of every simple path.</summary>
    public IEnumerable<(decimal Gigabits, decimal Usd)> Paths(SiteId from, SiteId to, HashSet<SiteId> within) =>
        within.Contains(from) && within.Contains(to)
            ? From((from, to), within, [from], (decimal.MaxValue, 0))
            : [];

    public TimeSpan? Shortest(DatasetSpec dataset, IEnumerable<SiteId> from, SiteId to, HashSet<SiteId> within)
    {
        var widest = from.SelectMany(site => Paths(site, to, within)).Select(path => path.Gigabits)
            .DefaultIfEmpty(0).Max();
        return widest == 0 ? null : TimeOver(widest, dataset.SizeGib);
    }

    public TimeSpan TimeOver(decimal gigabits, decimal gib) => gigabits == decimal.MaxValue
        ? TimeSpan.Zero
        : TimeSpan.FromSeconds((double)Math.Ceiling(
            gib * 8 * 1.073741824m / (gigabits * terms.LinkSharePercent / 100m)));

    /// <summary>What a copy costs; null when none can be kept there.</summary>
    public decimal? PriceOf(DatasetSpec dataset, SiteId to)
    {
        var within = Open(dataset, lost: null);
        var following = dataset.Places.SelectMany(from => Paths(from, to, within))
            .Where(path => dataset.ChangeGibPerDay * 8 * 1.073741824m / 86_400m
                < path.Gigabits * terms.LinkSharePercent / 100m)
            .ToList();
        if (following.Count == 0) return null;
        var quick = following.FindAll(path => TimeOver(path.Gigabits, dataset.SizeGib) <= terms.Within);
        var widest = following.Max(path => path.Gigabits);
        var usd = (quick.Count > 0 ? quick : following.FindAll(path => path.Gigabits == widest)).Min(path => path.Usd);
        return usd * (dataset.SizeGib + (dataset.ChangeGibPerDay * 30.4375m * terms.CopyMonths));
    }

    /// <summary>Price of the cheapest set of copies that keeps all promises that any copies can keep.</summary>
    public (decimal Usd, int Late, int Kept) Cheapest(List<Placement> running)
    {
        var options = fleet.Datasets
            .SelectMany(dataset => Open(dataset, null).Where(site => !dataset.Places.Contains(site))
                .Select(site => (dataset, site, usd: PriceOf(dataset, site))))
            .Where(option => option.usd is not null)
            .Select(option => (option.dataset, option.site, option.usd!.Value))
            .ToList();
        var needs = running.SelectMany(placement => Scenario.Usual(fleet)
                .Where(scenario => placement.Units.Any(unit => scenario.Loses(fleet.FindPool(unit.Node.Pool)!)))
                .Select(scenario => (placement, scenario)))
            .Where(need => !Holds(need, []))
            .ToList();
        var all = options.ConvertAll(option => (option.dataset, option.site));
        var possible = needs.FindAll(need => Holds(need, all));
        var best = decimal.MaxValue;
        for (var mask = 0; mask < 1 << options.Count; mask++)
        {
            var set = options.Where((_, index) => (mask >> index & 1) == 1).ToList();
            var usd = set.Sum(option => option.Value);
            if (usd < best && possible.TrueForAll(need =>
                Holds(need, set.ConvertAll(option => (option.dataset, option.site))))) best = usd;
        }

        return (best, needs.Count, possible.Count);
    }

    private bool Holds(
        (Placement Placement, Scenario Scenario) need, List<(DatasetSpec Dataset, SiteId Site)> copies)
    {
        var request = need.Placement.Request;
        var promised = int.Parse(
            request.Labels.First(label => label.Key == Drill.PromiseLabel).Value,
            System.Globalization.CultureInfo.InvariantCulture);
        var slack = TimeSpan.FromSeconds(promised) - terms.Rates.Fence - terms.Rates.Start
            - TimeSpan.FromSeconds(Math.Ceiling((double)request.Unit.MemoryMib / terms.Rates.RestoreMibPerSecond));
        return fleet.Pools
            .Where(pool => !need.Scenario.Loses(pool) && BruteForce.MayUse(world, pool, request)
                && DataPlanner.HasRoom(world.World, pool, request, world.AsOf))
            .Select(pool => pool.Site.Id).Distinct()
            .Any(target => request.Datasets.Aggregate((TimeSpan?)TimeSpan.Zero, (sum, id) =>
            {
                var dataset = fleet.FindDataset(id)!;
                var places = dataset.Places
                    .Concat(copies.Where(copy => copy.Dataset == dataset).Select(copy => copy.Site));
                return sum + Shortest(dataset, places, target, Open(dataset, need.Scenario));
            }) <= slack);
    }

    private IEnumerable<(decimal, decimal)> From(
        (SiteId At, SiteId To) ends, HashSet<SiteId> within, HashSet<SiteId> been, (decimal Gigabits, decimal Usd) so)
    {
        if (ends.At == ends.To)
        {
            yield return so;
            yield break;
        }

        foreach (var (next, gigabits, usd) in Links(ends.At)
            .Where(link => within.Contains(link.To) && !been.Contains(link.To)))
        {
            var path = (Math.Min(so.Gigabits, gigabits), so.Usd + usd);
            foreach (var found in From((next, ends.To), within, [.. been, next], path)) yield return found;
        }
    }

    private IEnumerable<(SiteId To, decimal Gigabits, decimal Usd)> Links(SiteId at)
    {
        var here = fleet.FindSite(at)!;
        var declared = fleet.Regions.SelectMany(region => region.Spec.SiteLinks).ToList();
        foreach (var other in fleet.Sites.Where(site => site != here))
        {
            var between = declared.FindAll(link =>
                (link.From == at && link.To == other.Id) || (link.To == at && link.From == other.Id));
            foreach (var link in between) yield return (other.Id, link.GigabitsPerSecond, link.UsdPerGib);
            if (other.Region == here.Region && between.Count == 0)
                yield return (other.Id, terms.SiteGigabitsPerSecond, 0);
            foreach (var link in here.Region.Spec.Links.Where(link => link.To == other.Region.Id)
                .Concat(other.Region.Spec.Links.Where(link => link.To == here.Region.Id)))
                yield return (other.Id, link.GigabitsPerSecond, link.UsdPerGib);
        }
    }
}
