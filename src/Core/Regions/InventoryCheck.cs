using System.Globalization;
using ControlPlane.Files;

namespace ControlPlane.Regions;

/// <summary>
/// Finds node pools whose figures cannot all be true, alone or together with the power of their site.
/// </summary>
internal static class InventoryCheck
{
    private const string Slug = "inventory-inconsistent";

    public static IEnumerable<Problem> Find(FleetDraft draft)
    {
        var skus = new Dictionary<string, Sku>(StringComparer.Ordinal);
        foreach (var sku in draft.All<Sku>().Where(sku => sku.Holds("id", "watts")))
            skus.TryAdd(sku.Item.Id.Value, sku.Item);
        return draft.All<NodePoolSpec>().SelectMany(Pools)
            .Concat(draft.All<SiteSpec>().SelectMany(site => SitePower(site, skus)));
    }

    private static IEnumerable<Problem> Pools(FilePart<NodePoolSpec> pool)
    {
        var spec = pool.Item;
        var (installed, allocatable, domain) = (spec.Nodes, spec.AllocatableNodes, spec.NodesPerFabricDomain);
        if (pool.Holds("nodes", "allocatableNodes") && allocatable > installed)
            yield return pool.Problem(Slug, "allocatableNodes", $"is {allocatable}, installed are {installed}");
        if (pool.Holds("nodes", "nodesPerFabricDomain") && domain > Math.Max(1, installed))
            yield return pool.Problem(Slug, "nodesPerFabricDomain", $"is {domain}, installed are {installed}");
        var each = spec.AcceleratorsPerNode;
        if (pool.Holds("sku", "acceleratorsPerNode") && each == 0)
            yield return pool.Problem(Slug, "acceleratorsPerNode", $"is 0, but the pool has the sku {spec.Sku}");
        if (pool.Holds("acceleratorsPerNode") && !pool.Gives("sku") && each > 0)
            yield return pool.Problem(Slug, "acceleratorsPerNode", $"is {each}, but the pool names no sku");
    }

    private static IEnumerable<Problem> SitePower(FilePart<SiteSpec> site, Dictionary<string, Sku> skus)
    {
        var power = site.Item.Power;
        var phases = power.Phases;
        if (!site.Holds("power.pue") || phases.Count == 0) yield break;
        var contracts = Enumerable.Range(0, phases.Count).Select(index => $"power.phases[{index}].megawatts").ToList();
        if (!contracts.All(path => site.Holds(path))) yield break;
        var itWatts = site.Item.Clusters.SelectMany(cluster => cluster.NodePools).Sum(pool => WattsOf(pool, skus));
        var facilityMegawatts = itWatts * power.Pue / 1_000_000m;
        var contractMegawatts = phases.Max(phase => phase.Megawatts);
        if (facilityMegawatts > contractMegawatts)
        {
            yield return site.Problem(
                Slug,
                contracts[^1],
                $"is {Show(contractMegawatts)} MW, but the nodes of the site draw {Show(facilityMegawatts)} MW "
                + $"at full power and PUE {Show(power.Pue)}");
        }
    }

    // What could not be bound is blank and adds nothing; it has been reported by itself.
    private static decimal WattsOf(NodePoolSpec pool, Dictionary<string, Sku> skus)
    {
        var watts = pool.Sku?.Value is { } id && skus.TryGetValue(id, out var sku) ? sku.Watts : 0m;
        return pool.Nodes * ((pool.AcceleratorsPerNode * watts) + pool.HostWatts);
    }

    private static string Show(decimal figure) => figure.ToString("0.###", CultureInfo.InvariantCulture);
}
