using ControlPlane.Policies;
using ControlPlane.Regions;
using ControlPlane.Workloads;

namespace ControlPlane.Placements;

/// <summary>A pool that is lawful, active and capable, with its room for units of one request.</summary>
internal sealed class Candidate(FleetPool pool, long unitMilliwatts)
{
    public FleetPool Pool => pool;

    public long UnitMilliwatts => unitMilliwatts;

    /// <summary>Units the nodes have room for, at most the units of the request.</summary>
    public int Room { get; set; }

    public long Cost { get; set; }

    /// <summary>Units given to the pool so far.</summary>
    public int Units { get; set; }
}

/// <summary>The candidates at one site, and what the site as a whole lets in.</summary>
internal sealed class SiteRoom
{
    // The least power-hungry first, which wastes no watt.
    private readonly List<Candidate> frugal;
    private readonly long powerLimit;

    public SiteRoom(FleetSite site, long powerLimit, List<Candidate> pools)
    {
        (Site, Pools, this.powerLimit) = (site, pools, powerLimit);
        frugal = pools.Count == 1 ? pools : [.. pools];
    }

    public FleetSite Site { get; }

    public long PowerLeft { get; private set; }

    public long Cap { get; private set; }

    /// <summary>Cheapest first, then by id.</summary>
    public List<Candidate> Pools { get; }

    /// <summary>Most units that fit at once; exact.</summary>
    public int MostUnits { get; private set; }

    /// <summary>Units and power that are left while units are given one by one, and how many were.</summary>
    public long UnitsOpen { get; private set; }

    public long PowerOpen { get; private set; }

    public int Given { get; private set; }

    /// <summary>Begins to give units one by one.</summary>
    public void Open()
    {
        (UnitsOpen, PowerOpen, Given) = (Cap, PowerLeft, 0);
        foreach (var pool in Pools) pool.Units = 0;
    }

    /// <summary>Gives units to a pool that has room for them.</summary>
    public void Give(Candidate pool, int units)
    {
        pool.Units += units;
        (UnitsOpen, PowerOpen, Given) = (UnitsOpen - units, PowerOpen - (units * pool.UnitMilliwatts), Given + units);
    }

    /// <summary>Weighs anew what its pools have room for and cost, and what is let in.</summary>
    public SiteRoom Weigh(World world, long cap)
    {
        (PowerLeft, Cap) = (Math.Max(0, powerLimit - world.SiteMilliwatts(Site.Index)), cap);
        if (Pools.Count > 1)
        {
            Pools.Sort(static (one, other) =>
                (one.Cost, one.Pool.Index).CompareTo((other.Cost, other.Pool.Index)));
            frugal.Sort(static (one, other) => (one.UnitMilliwatts, one.Cost, one.Pool.Index)
                .CompareTo((other.UnitMilliwatts, other.Cost, other.Pool.Index)));
        }

        MostUnits = Fill(frugal, cap, apply: false);
        return this;
    }

    /// <summary>
    /// Gives units to pools, the cheapest first unless only the most frugal order has room for all of them.
    /// </summary>
    public void Give(int units)
    {
        foreach (var pool in Pools) pool.Units = 0;
        var order = Fill(Pools, Math.Min(Cap, units), apply: false) >= units ? Pools : frugal;
        Fill(order, units, apply: true);
    }

    private int Fill(List<Candidate> order, long cap, bool apply)
    {
        var (given, power) = (0, PowerLeft);
        foreach (var pool in order)
        {
            var units = (int)Math.Min(pool.Room, cap - given);
            if (pool.UnitMilliwatts > 0) units = (int)Math.Min(units, power / pool.UnitMilliwatts);
            if (units <= 0) continue;
            power -= units * pool.UnitMilliwatts;
            given += units;
            if (apply) pool.Units = units;
        }

        return given;
    }
}

/// <summary>The sites of one region, and what the region as a whole lets in.</summary>
internal sealed class RegionRoom(FleetRegion region, List<SiteRoom> sites)
{
    public FleetRegion Region => region;

    public required long Cap { get; set; }

    public List<SiteRoom> Sites => sites;

    public int MostUnits => (int)Math.Min(Cap, sites.Sum(site => (long)site.MostUnits));

    /// <summary>Units that are left while units are given one by one.</summary>
    public long UnitsOpen { get; set; }

    /// <summary>Begins to give units one by one.</summary>
    public void Open()
    {
        UnitsOpen = Cap;
        foreach (var site in sites) site.Open();
    }
}

/// <summary>
/// All candidates of one accelerator model, nested as their caps nest: sites in regions in the whole.
/// </summary>
internal sealed class Candidates
{
    private Candidates(List<RegionRoom> regions, long cap)
    {
        Regions = regions;
        Cap = cap;
        MostUnits = Math.Min(cap, regions.Sum(region => (long)region.MostUnits));
    }

    public List<RegionRoom> Regions { get; }

    public long Cap { get; }

    /// <summary>Most units that fit at once.</summary>
    public long MostUnits { get; }

    public IEnumerable<SiteRoom> Sites => Regions.SelectMany(region => region.Sites);

    public IEnumerable<Candidate> Pools => Sites.SelectMany(site => site.Pools);

    /// <summary>Gathers the room in pools that have been found lawful, active and capable.</summary>
    /// <param name="question">What is asked.</param>
    /// <param name="sku">Model of the pools; null for work that needs none.</param>
    /// <param name="pools">The pools, in fleet order.</param>
    /// <param name="withQuota">False leaves quotas out, to tell whether they alone are in the way.</param>
    public static Candidates Gather(Question question, Sku? sku, IEnumerable<FleetPool> pools, bool withQuota = true)
    {
        var caps = new Caps(question, sku) { WithQuota = withQuota };
        var regions = new List<RegionRoom>();
        foreach (var ofRegion in pools.GroupBy(pool => pool.Region))
        {
            var sites = new List<SiteRoom>();
            foreach (var ofSite in ofRegion.GroupBy(pool => pool.Site))
                sites.Add(SiteOf(question, caps, ofSite));

            regions.Add(new RegionRoom(ofRegion.Key, sites) { Cap = caps.Of(ofRegion.Key).Units });
        }

        return new Candidates(regions, caps.Total().Units);
    }

    /// <summary>What was gathered in parts.</summary>
    public static Candidates Of(List<RegionRoom> regions, long cap) => new(regions, cap);

    private static SiteRoom SiteOf(Question question, Caps caps, IGrouping<FleetSite, FleetPool> pools) =>
        new SiteRoom(pools.Key, caps.PowerLimit(pools.Key), [.. pools.Select(pool => CandidateOf(question, pool))])
            .Weigh(question.World, caps.Of(pools.Key).Units);

    private static Candidate CandidateOf(Question question, FleetPool pool)
    {
        var need = question.Request.Unit;
        return new Candidate(pool, pool.UnitMilliwatts(need.AcceleratorMilli, need.CpuMilli))
        {
            Room = RoomIn(question.World, pool, question.Request),
            Cost = Score.Of(question.World, pool, question.Request, question.Law.Policies.Preferences).Cost,
        };
    }

    private static int RoomIn(World world, FleetPool pool, PlacementRequest request)
    {
        if (request.Kind == WorkloadKind.Gang)
            return NodeChoice.GangDomain(world, pool, request) is null ? 0 : request.Units;
        return NodeChoice.Room(world, pool, (0, pool.Nodes), request);
    }
}

/// <summary>What is asked of the placer: a request, on a world, under a law, at an instant.</summary>
internal sealed record Question(World World, Law Law, PlacementRequest Request, DateTimeOffset AsOf)
{
    /// <summary>Pools that may be chosen, beside what law and capability say; null when all may.</summary>
    public Func<FleetPool, bool>? Within { get; init; }

    /// <summary>Whether a place is sought for what was lost: that is what reserves are kept for.</summary>
    public bool IsFailover { get; init; }
}
