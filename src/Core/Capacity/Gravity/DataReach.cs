using ControlPlane.Policies;
using ControlPlane.Regions;
using ControlPlane.Workloads;

namespace ControlPlane.Capacity.Gravity;

/// <summary>
/// Where datasets lawfully are and how they get to other sites, as the law of one day sees one fleet and some of it may
/// be lost. Data never passes or reaches a site where it may not be kept.
/// </summary>
internal sealed class DataReach
{
    private readonly Law law;
    private readonly Scenario? lost;
    private readonly DataNetwork network;
    private readonly Dictionary<DatasetId, bool[]> open = [];
    private readonly Dictionary<DatasetId, List<DataRoute>[]> routes = [];

    public DataReach(Law law, Scenario? lost, DataTerms terms, DateTimeOffset asOf)
    {
        (this.law, this.lost, Terms, AsOf) = (law, lost, terms, asOf);
        network = new DataNetwork(law.Fleet, terms);
    }

    public Fleet Fleet => law.Fleet;

    public DataTerms Terms { get; }

    public DateTimeOffset AsOf { get; }

    /// <summary>Sites that stand and where the data may be kept, beside some pool of theirs.</summary>
    public bool[] Open(DatasetSpec dataset)
    {
        if (open.TryGetValue(dataset.Dataset, out var known)) return known;
        var lawful = law.Datasets.MayHold(dataset, AsOf);
        var sites = new bool[Fleet.Sites.Count];
        foreach (var pool in Fleet.Pools)
        {
            if (lawful.Contains(pool.Index) && pool.Site.Spec.Status == SiteStatus.Active && lost?.Loses(pool) != true)
                sites[pool.Site.Index] = true;
        }

        open.Add(dataset.Dataset, sites);
        return sites;
    }

    /// <summary>Sites that hold the data, stand, and may.</summary>
    public IEnumerable<int> Copies(DatasetSpec dataset) => dataset.Places
        .Select(site => Fleet.FindSite(site)?.Index ?? -1)
        .Where(site => site >= 0 && Open(dataset)[site]);

    /// <summary>Ways to each site from the copies there are.</summary>
    public List<DataRoute>[] Routes(DatasetSpec dataset)
    {
        if (routes.TryGetValue(dataset.Dataset, out var known)) return known;
        var found = network.RoutesFrom(Copies(dataset), Open(dataset));
        routes.Add(dataset.Dataset, found);
        return found;
    }

    /// <summary>Ways from one site to each, over sites that are open to what moves.</summary>
    public List<DataRoute>[] RoutesFrom(FleetSite site, bool[] openTo) => network.RoutesFrom([site.Index], openTo);

    /// <summary>How long a dataset takes from one site to each; null where no way leads.</summary>
    public TimeSpan?[] TimesFrom(DatasetSpec dataset, int site)
    {
        var widest = network.WidestFrom(site, Open(dataset));
        return [.. widest.Select((width, to) => width == 0
            ? (TimeSpan?)null
            : new DataRoute(to == site ? [default] : [default, default], width, 0).TimeFor(dataset.SizeGib, Terms))];
    }

    /// <summary>
    /// How long all data of a request takes to a site, one dataset after the other; null when some cannot come.
    /// </summary>
    public TimeSpan? TimeTo(FleetSite site, PlacementRequest request)
    {
        var sum = TimeSpan.Zero;
        foreach (var id in request.Datasets)
        {
            if (Fleet.FindDataset(id) is not { } dataset || Routes(dataset)[site.Index] is not [var fastest, ..])
                return null;
            sum += fastest.TimeFor(dataset.SizeGib, Terms);
        }

        return sum;
    }

    /// <summary>Whether every dataset of a request is left somewhere where it may be.</summary>
    public bool IsLeft(PlacementRequest request) => request.Datasets.All(id =>
        Fleet.FindDataset(id) is { } dataset && Copies(dataset).Any());
}
