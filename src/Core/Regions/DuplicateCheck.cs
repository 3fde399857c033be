using ControlPlane.Files;

namespace ControlPlane.Regions;

/// <summary>Finds ids that are declared more than once, in one file or in several.</summary>
internal static class DuplicateCheck
{
    public static IEnumerable<Problem> Find(FleetDraft draft) =>
        new[]
        {
            Repeated(draft.Roots, "region", spec => spec.Region.Value),
            Repeated(draft.All<SiteSpec>(), "site", site => site.Site.Value),
            Repeated(draft.All<ClusterSpec>(), "cluster", cluster => cluster.Cluster.Value),
            Repeated(draft.All<NodePoolSpec>(), "pool", pool => pool.Pool.Value),
            Repeated(draft.All<DatasetSpec>(), "dataset", dataset => dataset.Dataset.Value),
            Repeated(draft.All<Sku>(), "id", sku => sku.Id.Value),
            Repeated(draft.All<Jurisdiction>(), "id", jurisdiction => jurisdiction.Id.Value),
            Repeated(draft.All<LegalEntity>(), "id", entity => entity.Id.Value),
            Repeated(draft.All<Source>(), "id", source => source.Id),
            Repeated(
                draft.All<ProviderRegion>().Where(part => part.Holds("provider")),
                "code",
                region => $"{region.Provider} {region.Code}"),
            Repeated(
                draft.All<InstanceType>().Where(part => part.Holds("provider")),
                "type",
                type => $"{type.Provider} {type.Type}"),
        }.SelectMany(problems => problems);

    private static IEnumerable<Problem> Repeated<T>(IEnumerable<FilePart<T>> parts, string field, Func<T, string> id)
    {
        var first = new Dictionary<string, FilePart<T>>(StringComparer.Ordinal);
        foreach (var part in parts.Where(part => part.Holds(field)))
        {
            var name = id(part.Item);
            if (first.TryAdd(name, part)) continue;
            var earlier = first[name];
            yield return part.Problem(
                "duplicate-id", field, $"\"{name}\" is declared already at {earlier.File.Place(earlier.At(field))}");
        }
    }
}
