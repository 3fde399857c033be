using System.Runtime.InteropServices;
using ControlPlane.Regions;
using ControlPlane.Workloads;

namespace ControlPlane.Inventory;

/// <summary>
/// Tells which tenants run on every node and at every site, which of them must be alone there, and which nodes are
/// closed to all.
/// </summary>
public sealed class Tenancy
{
    private readonly Dictionary<TenantId, int> tenants;
    private readonly int[] firstNode;

    // Of each node the first of its occupants, counted from 1; each names the next, and free ones name each other.
    private readonly int[] heads;
    private readonly List<Occupant> occupants;
    private readonly Dictionary<(int Site, int Tenant), SiteUnits> ofSites;
    private readonly SiteTenants[] sites;
    private readonly HashSet<int> closed;
    private int free;
    private long dedicatedUnits;

    public Tenancy(Fleet fleet)
    {
        firstNode = new int[fleet.Pools.Count + 1];
        for (var pool = 0; pool < fleet.Pools.Count; pool++)
            firstNode[pool + 1] = firstNode[pool] + fleet.Pools[pool].Nodes;
        heads = new int[firstNode[^1]];
        sites = new SiteTenants[fleet.Sites.Count];
        (tenants, occupants, ofSites, closed) = ([], [], [], []);
    }

    private Tenancy(Tenancy other)
    {
        (firstNode, free, dedicatedUnits) = (other.firstNode, other.free, other.dedicatedUnits);
        (heads, sites, occupants) = ([.. other.heads], [.. other.sites], [.. other.occupants]);
        (tenants, ofSites, closed) = (new(other.tenants), new(other.ofSites), new(other.closed));
    }

    public Tenancy Copy() => new(this);

    /// <summary>Whether anything runs that keeps other tenants away.</summary>
    internal bool HasDedicated => dedicatedUnits > 0;

    /// <summary>Whether work of a tenant with an isolation may run at a site beside what runs there.</summary>
    public bool SiteAdmits(int site, TenantId tenant, IsolationLevel isolation)
    {
        var alone = isolation == IsolationLevel.DedicatedSite;
        if (!alone && dedicatedUnits == 0) return true;
        var mine = tenants.TryGetValue(tenant, out var number) ? ofSites.GetValueOrDefault((site, number)) : default;
        var there = sites[site];
        return there.Dedicated - (mine.Dedicated > 0 ? 1 : 0) == 0
            && (!alone || there.Tenants - (mine.Units > 0 ? 1 : 0) == 0);
    }

    /// <summary>Whether nobody's work may come to a node.</summary>
    public bool IsClosed(int pool, int ordinal) => closed.Count > 0 && closed.Contains(firstNode[pool] + ordinal);

    /// <summary>Whether work of a tenant with an isolation may run on a node beside what runs there.</summary>
    public bool NodeAdmits(int pool, int ordinal, TenantId tenant, IsolationLevel isolation)
    {
        if (IsClosed(pool, ordinal)) return false;
        var alone = isolation >= IsolationLevel.DedicatedNode;
        if (!alone && dedicatedUnits == 0) return true;
        var number = tenants.GetValueOrDefault(tenant, -1);
        for (var at = heads[firstNode[pool] + ordinal]; at != 0; at = occupants[at - 1].Next)
        {
            var occupant = occupants[at - 1];
            if (occupant.Tenant != number && (alone || occupant.Dedicated > 0)) return false;
        }

        return true;
    }

    internal void Close(int pool, int ordinal, bool isClosed)
    {
        if (isClosed) closed.Add(firstNode[pool] + ordinal);
        else closed.Remove(firstNode[pool] + ordinal);
    }

    internal void Add(FleetPool pool, int ordinal, (TenantId Tenant, IsolationLevel Isolation) of, int sign)
    {
        ref var number = ref CollectionsMarshal.GetValueRefOrAddDefault(tenants, of.Tenant, out var known);
        if (!known) number = tenants.Count - 1;
        if (of.Isolation != IsolationLevel.Shared) dedicatedUnits += sign;
        ChangeNode(
            firstNode[pool.Index] + ordinal, number, (sign, of.Isolation >= IsolationLevel.DedicatedNode ? sign : 0));
        ChangeSite(pool.Site.Index, number, (sign, of.Isolation == IsolationLevel.DedicatedSite ? sign : 0));
    }

    private void ChangeNode(int node, int tenant, (int Units, int Dedicated) by)
    {
        var all = CollectionsMarshal.AsSpan(occupants);
        ref var link = ref heads[node];
        while (link != 0 && all[link - 1].Tenant != tenant) link = ref all[link - 1].Next;
        if (link == 0)
        {
            // The node's list begins with the newest; the end of the list cannot be written to while it grows.
            heads[node] = Take(new Occupant { Tenant = tenant, Next = heads[node] });
            ChangeNode(node, tenant, by);
            return;
        }

        ref var mine = ref all[link - 1];
        mine.Units += by.Units;
        mine.Dedicated += by.Dedicated;
        if (mine.Units > 0) return;
        var gone = link;
        link = mine.Next;
        (mine.Next, free) = (free, gone);
    }

    private int Take(Occupant occupant)
    {
        if (free == 0)
        {
            occupants.Add(occupant);
            return occupants.Count;
        }

        var taken = free;
        free = occupants[taken - 1].Next;
        occupants[taken - 1] = occupant;
        return taken;
    }

    private void ChangeSite(int site, int tenant, (int Units, int Dedicated) by)
    {
        ref var mine = ref CollectionsMarshal.GetValueRefOrAddDefault(ofSites, (site, tenant), out _);
        var before = mine;
        mine = new SiteUnits(before.Units + by.Units, before.Dedicated + by.Dedicated);
        sites[site].Tenants += (mine.Units > 0 ? 1 : 0) - (before.Units > 0 ? 1 : 0);
        sites[site].Dedicated += (mine.Dedicated > 0 ? 1 : 0) - (before.Dedicated > 0 ? 1 : 0);
        if (mine.Units == 0) ofSites.Remove((site, tenant));
    }

    private struct Occupant
    {
        public int Tenant;
        public int Units;
        public int Dedicated;
        public int Next;
    }

    private readonly record struct SiteUnits(int Units, int Dedicated);

    private struct SiteTenants
    {
        public int Tenants;
        public int Dedicated;
    }
}
