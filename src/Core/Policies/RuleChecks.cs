using ControlPlane.Files;
using ControlPlane.Regions;

namespace ControlPlane.Policies;

/// <summary>Checks that rules name only what the catalogue knows.</summary>
internal static class RuleChecks
{
    public static IEnumerable<Problem> Jurisdictions(Fleet fleet, Seq<JurisdictionId> named, string path) =>
        Unknown(named.Select(id => id.Value), fleet.Catalog.Jurisdictions.Select(item => item.Id.Value), path,
            ("country-unknown", "jurisdiction"));

    public static IEnumerable<Problem> AccessLaws(Fleet fleet, Seq<AccessLawId> named, string path) =>
        Unknown(
            named.Select(id => id.Value),
            fleet.Catalog.Jurisdictions.SelectMany(item => item.AccessLaws).Select(law => law.Value),
            path, ("access-law-unknown", "access law"));

    public static IEnumerable<Problem> Schemes(Fleet fleet, Seq<string> named, string path) =>
        Unknown(
            named,
            fleet.Catalog.Jurisdictions.SelectMany(item => item.AssuranceSchemes)
                .Concat(fleet.Whole.Clusters.SelectMany(cluster => cluster.Claims).Select(claim => claim.Scheme)
                    .OfType<string>()),
            path, ("scheme-unknown", "assurance scheme"));

    public static IEnumerable<Problem> Skus(Fleet fleet, Seq<SkuId> named, string path) =>
        Unknown(
            named.Select(id => id.Value),
            fleet.Skus.Select(sku => sku.Id.Value),
            path,
            ("accelerator-unknown", "accelerator"));

    public static IEnumerable<Problem> Regions(Fleet fleet, Seq<RegionId> named, string path) =>
        Unknown(
            named.Select(id => id.Value),
            fleet.Regions.Select(region => region.Id.Value),
            path,
            ("region-unknown", "region"));

    public static IEnumerable<Problem> Sites(Fleet fleet, Seq<SiteId> named, string path) =>
        Unknown(
            named.Select(id => id.Value),
            fleet.Whole.Sites.Select(site => site.Id.Value),
            path,
            ("site-unknown", "site"));

    private static IEnumerable<Problem> Unknown(
        IEnumerable<string> named, IEnumerable<string> known, string path, (string Slug, string What) fault)
    {
        var names = known.ToHashSet(StringComparer.Ordinal);
        return named.Select((name, index) => (name, index))
            // A name that could not be bound has been reported and left a gap.
            .Where(item => item.name is not null && !names.Contains(item.name))
            .Select(item => new Problem(fault.Slug, $"{path}[{item.index}]",
                $"{fault.What} '{item.name}' is not known{NearestName.Hint(item.name, names)}"));
    }
}
