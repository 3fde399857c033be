using ControlPlane.Regions;
using ControlPlane.Workloads;

namespace ControlPlane.Inventory;

/// <summary>Tells which tenants run on every node and at every site, and which of them must be alone there.</summary>
public sealed class Tenancy
{
    private readonly Dictionary<(int Pool, int Ordinal), Occupant[]> nodes;
    private readonly Dictionary<int, Occupant[]> sites;
    private long dedicatedUnits;

    public Tenancy()
    {
        nodes = [];
        sites = [];
    }

    private Tenancy(Tenancy other)
    {
        // Occupants are never changed in place, so the copies may share them.
        nodes = new(other.nodes);
        sites = new(other.sites);
        dedicatedUnits = other.dedicatedUnits;
    }

    public Tenancy Copy() => new(this);

    /// <summary>Whether work of a tenant with an isolation may run at a site beside what runs there.</summary>
    public bool SiteAdmits(int site, TenantId tenant, IsolationLevel isolation) =>
        Admits(sites, site, tenant, isolation == IsolationLevel.DedicatedSite);

    /// <summary>Whether work of a tenant with an isolation may run on a node beside what runs there.</summary>
    public bool NodeAdmits(int pool, int ordinal, TenantId tenant, IsolationLevel isolation) =>
        Admits(nodes, (pool, ordinal), tenant, isolation >= IsolationLevel.DedicatedNode);

    internal void Add(FleetPool pool, int ordinal, Placement placement, int sign)
    {
        var (tenant, isolation) = (placement.Request.Tenant, placement.Isolation);
        if (isolation != IsolationLevel.Shared) dedicatedUnits += sign;
        Change(nodes, (pool.Index, ordinal), tenant, (sign, isolation >= IsolationLevel.DedicatedNode));
        Change(sites, pool.Site.Index, tenant, (sign, isolation == IsolationLevel.DedicatedSite));
    }

    private bool Admits<T>(Dictionary<T, Occupant[]> places, T place, TenantId tenant, bool alone) where T : notnull
    {
        if (!alone && dedicatedUnits == 0) return true;
        if (!places.TryGetValue(place, out var occupants)) return true;
        foreach (var occupant in occupants)
        {
            if (occupant.Tenant != tenant && (alone || occupant.DedicatedUnits > 0)) return false;
        }

        return true;
    }

    private static void Change<T>(
        Dictionary<T, Occupant[]> places, T place, TenantId tenant, (int Units, bool Dedicated) change) where T
            : notnull
    {
        var before = places.GetValueOrDefault(place) ?? [];
        var mine = Array.Find(before, occupant => occupant.Tenant == tenant);
        var next = new Occupant(
            tenant, mine.Units + change.Units, mine.DedicatedUnits + (change.Dedicated ? change.Units : 0));
        var after = Array.FindAll(before, occupant => occupant.Tenant != tenant);
        if (next.Units > 0) after = [.. after, next];
        if (after.Length > 0) places[place] = after;
        else places.Remove(place);
    }

    private readonly record struct Occupant(TenantId Tenant, int Units, int DedicatedUnits);
}
