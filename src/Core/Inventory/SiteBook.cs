using ControlPlane.Regions;
using ControlPlane.Workloads;

namespace ControlPlane.Inventory;

/// <summary>
/// Keeps the condition of sites, and which placements are at a site and at what position that last changed. The second
/// is made when it is first asked for, and kept up from then on.
/// </summary>
public sealed class SiteBook
{
    private readonly SortedDictionary<SiteId, SiteCondition> conditions;
    private readonly Dictionary<SiteId, long> revisions = [];
    private Dictionary<SiteId, HashSet<DecisionId>>? work;
    private long floor;

    internal SiteBook() => conditions = [];

    private SiteBook(SiteBook other) => conditions = new(other.conditions);

    /// <summary>Conditions that anything was ever said about, ordered by site.</summary>
    public IReadOnlyCollection<SiteCondition> Conditions => conditions.Values;

    public SiteCondition? Find(SiteId site) => conditions.GetValueOrDefault(site);

    /// <summary>Whether new work may go to a site: it is declared active, and nothing is held against it.</summary>
    public bool IsOpen(FleetSite site) => site.Spec.Status == SiteStatus.Active && IsOpen(site.Id);

    /// <summary>Grows with everything that may change a revision.</summary>
    public long Changes { get; private set; }

    /// <summary>
    /// A copy of the revisions of all sites that have one, for other threads; null while nobody keeps count.
    /// </summary>
    public IReadOnlyDictionary<SiteId, long>? Revisions() => work is null
        ? null
        : revisions.ToDictionary(item => item.Key, item => Math.Max(floor, item.Value));

    internal long RevisionOf(SiteId site) => Math.Max(floor, revisions.GetValueOrDefault(site));

    internal SiteBook Copy() => new(this);

    internal bool IsOpen(SiteId site) => Find(site)?.IsOpen ?? true;

    internal void Set(SiteId site, SiteCondition? condition)
    {
        if (condition is null) conditions.Remove(site);
        else conditions[site] = condition;
    }

    /// <summary>Placements with units at a site, or with room kept there.</summary>
    internal IReadOnlyCollection<DecisionId> WorkAt(
        SiteId site, IEnumerable<Placement> all, (Fleet Fleet, long Position) at)
    {
        if (work is null)
        {
            (work, floor) = ([], at.Position);
            Changes++;
            foreach (var placement in all) Count(placement, 1, at);
        }

        return work.TryGetValue(site, out var found) ? found : [];
    }

    internal void Count(Placement placement, int sign, (Fleet Fleet, long Position) at)
    {
        if (work is null) return;
        SiteId? last = null;
        foreach (var unit in placement.Occupied)
        {
            // Units are ordered by node, so that most are where the one before was.
            var site = at.Fleet.FindPool(unit.Node.Pool)!.Site.Id;
            if (site == last) continue;
            last = site;
            Touch(site, at.Position);
            if (!work.TryGetValue(site, out var placements)) work.Add(site, placements = []);
            if (sign > 0) placements.Add(placement.Id);
            else placements.Remove(placement.Id);
        }
    }

    internal void Touch(SiteId site, long position)
    {
        revisions[site] = position;
        Changes++;
    }

    /// <summary>Forgets what is where, because the declared fleet is another now.</summary>
    internal void ForgetWork()
    {
        work = null;
        Changes++;
    }

    /// <summary>
    /// Forgets positions that were taken back; what changed then counts as changed at the one before.
    /// </summary>
    internal void UndoTo(long position)
    {
        // Counting may have begun on what is taken back; what was seen from there on is older than that now.
        floor = Math.Min(floor, position);
        foreach (var site in revisions.Keys.ToList())
        {
            if (revisions[site] > position) revisions[site] = position;
        }
    }
}
