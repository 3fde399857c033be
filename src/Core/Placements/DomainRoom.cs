using ControlPlane.Regions;
using ControlPlane.Workloads;

namespace ControlPlane.Placements;

/// <summary>A site or region that counts for a spread: what it has room for, what it costs, what it is given.</summary>
internal sealed class DomainRoom
{
    private readonly SpreadDomain over;

    public DomainRoom(SpreadDomain over, List<SiteRoom> sites)
    {
        (this.over, Sites) = (over, sites);
        Region = sites[0].Site.Region;
        Index = over == SpreadDomain.Site ? sites[0].Site.Index : Region.Index;
    }

    public int Index { get; }

    public FleetRegion Region { get; }

    public List<SiteRoom> Sites { get; }

    /// <summary>Most units that the region as a whole lets in.</summary>
    public long RegionCap { get; private set; }

    /// <summary>Most units that fit into the domain by itself.</summary>
    public int Room { get; private set; }

    /// <summary>What its cheapest pool costs, whether or not that has room.</summary>
    public long Cost { get; private set; }

    /// <summary>Units that fall to it.</summary>
    public int Units { get; set; }

    /// <summary>Units that it adds to those of the roomier domains of its region, which the region's cap limits.
    /// </summary>
    public long Adds { get; set; }

    /// <summary>Weighs anew what its sites have been found to let in and cost.</summary>
    public DomainRoom Weigh(long regionCap)
    {
        var room = 0L;
        (RegionCap, Cost) = (regionCap, long.MaxValue);
        foreach (var site in Sites)
        {
            room += site.MostUnits;
            Cost = Math.Min(Cost, site.Pools[0].Cost);
        }

        Room = (int)(over == SpreadDomain.Region ? Math.Min(regionCap, room) : room);
        return this;
    }

    /// <summary>Gives its units to its sites, to the brim in order of their cheapest pools.</summary>
    public void Give()
    {
        if (Sites.Count > 1)
        {
            Sites.Sort(static (one, other) => (one.Pools[0].Cost, one.Site.Index)
                .CompareTo((other.Pools[0].Cost, other.Site.Index)));
        }

        var units = Units;
        foreach (var site in Sites)
        {
            var here = Math.Min(units, site.MostUnits);
            site.Give(here);
            units -= here;
        }
    }
}
