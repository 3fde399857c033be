using ControlPlane.Files;

namespace ControlPlane.Regions;

/// <summary>
/// Finds pools whose nodes the provider does not sell in that shape, pools that could be several machine types, and
/// capacity that a provider cannot keep. Only providers whose machine types are listed are judged.
/// </summary>
internal static class InstanceTypeCheck
{
    private const string Slug = "instance-type-unknown";

    /// <summary>Provider that sells capacity in blocks.</summary>
    private const string BlockProvider = "aws";

    public static IEnumerable<Problem> Find(FleetDraft draft)
    {
        var types = draft.All<InstanceType>()
            .Where(type => type.Holds("provider", "type"))
            .ToLookup(type => type.Item.Provider, StringComparer.Ordinal);
        foreach (var region in draft.Regions)
        {
            foreach (var cluster in region.All<ClusterSpec>())
            {
                if (!cluster.Holds("provider", "providerRegion")) continue;
                var known = types[cluster.Item.Provider].Select(type => type.Item).ToList();
                foreach (var pool in region.All<NodePoolSpec>().Where(pool => IsBelow(pool, cluster)))
                {
                    foreach (var problem in Pool(pool, cluster.Item, known)) yield return problem;
                }
            }
        }
    }

    private static IEnumerable<Problem> Pool(
        FilePart<NodePoolSpec> pool, ClusterSpec cluster, List<InstanceType> known)
    {
        if (known.Count == 0)
        {
            var provider = cluster.Provider;
            if (pool.Holds("instanceType"))
                yield return pool.Problem(Slug, "instanceType", $"is given; no machine type of {provider} is listed");
            if (pool.Gives("capacity"))
                yield return pool.Problem("capacity-unknown", "capacity", $"is given, but {provider} keeps none");
            yield break;
        }

        var complaint = Shape(pool, cluster, known);
        if (complaint is not null) yield return complaint;
        foreach (var problem in Capacity(pool, cluster)) yield return problem;
    }

    private static Problem? Shape(FilePart<NodePoolSpec> pool, ClusterSpec cluster, List<InstanceType> known)
    {
        if (!pool.Holds("acceleratorsPerNode", "cpuMilliPerNode", "memoryMibPerNode")) return null;
        if (pool.Gives("sku") && !pool.Holds("sku")) return null;
        var fitting = known.Where(type => type.Fits(pool.Item))
            .Select(type => type.Type)
            .Order(StringComparer.Ordinal)
            .ToList();
        if (pool.Item.InstanceType is not { } named)
        {
            return fitting.Count switch
            {
                1 => null,
                0 => pool.Problem(
                    Slug, "pool", $"is \"{pool.Item.Pool}\", but {cluster.Provider} lists no type of its shape"),
                _ => pool.Problem(Slug, "pool", $"could be {string.Join(" or ", fitting)}; name one in instanceType"),
            };
        }

        if (fitting.Contains(named)) return null;
        var names = known.Select(type => type.Type).ToList();
        return names.Contains(named)
            ? pool.Problem(Slug, "instanceType", $"is {named}, whose accelerators, CPU or memory are not the pool's")
            : pool.Problem(
                Slug, "instanceType", $"is \"{named}\", which is not listed{NearestName.Hint(named, names)}");
    }

    private static IEnumerable<Problem> Capacity(FilePart<NodePoolSpec> pool, ClusterSpec cluster)
    {
        if (pool.Item.Capacity is not { } capacity || !pool.Holds("capacity.kind")) yield break;
        const string slug = "capacity-unknown";
        var isBlock = capacity.Kind == CapacityKind.Block;
        if (isBlock && cluster.Provider != BlockProvider)
            yield return pool.Problem(slug, "capacity.kind", $"is block, which {cluster.Provider} does not sell");
        if (isBlock && !pool.Gives("capacity.durationHours"))
            yield return pool.Problem("field-required", "capacity.durationHours", "is missing; hours are bought");
        if (!isBlock && pool.Gives("capacity.durationHours"))
            yield return pool.Problem("field-conflict", "capacity.durationHours", "is given; a reservation has no end");
        var (zone, region) = (capacity.Zone, cluster.ProviderRegion);
        var isNamedByRegion = cluster.Provider == BlockProvider && pool.Holds("capacity.zone");
        if (isNamedByRegion && !zone.StartsWith(region, StringComparison.Ordinal))
            yield return pool.Problem(slug, "capacity.zone", $"is {zone}, which does not lie in {region}");
    }

    private static bool IsBelow(FilePart<NodePoolSpec> pool, FilePart<ClusterSpec> cluster) =>
        pool.Path.StartsWith(cluster.Path + ".", StringComparison.Ordinal);
}
