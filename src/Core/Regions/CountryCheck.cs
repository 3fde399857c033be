using ControlPlane.Files;

namespace ControlPlane.Regions;

/// <summary>
/// Finds places that contradict themselves: a site outside its region's country, a cluster in a provider region that
/// lies in another country than the site.
/// </summary>
internal static class CountryCheck
{
    private const string Slug = "region-contradiction";

    public static IEnumerable<Problem> Find(FleetDraft draft) =>
        Groups(draft).Concat(Sites(draft)).Concat(Clusters(draft)).Concat(Keys(draft));

    private static IEnumerable<Problem> Groups(FleetDraft draft)
    {
        var groups = GroupsOf(draft);
        foreach (var region in draft.Roots.Where(region => region.Holds("jurisdiction")))
        {
            var lies = region.Item.Jurisdiction;
            if (groups.Contains(lies))
                yield return region.Problem(Slug, "jurisdiction", $"is the group {lies}; one country governs a region");
        }

        foreach (var site in draft.All<SiteSpec>().Where(site => site.Holds("country")))
        {
            var stands = site.Item.Country;
            if (groups.Contains(stands))
                yield return site.Problem(Slug, "country", $"is the group {stands}; a building stands in one country");
        }
    }

    private static IEnumerable<Problem> Sites(FleetDraft draft)
    {
        foreach (var region in draft.Roots.Where(region => region.Holds("jurisdiction")))
        {
            foreach (var site in region.File.All<SiteSpec>().Where(site => site.Holds("country")))
            {
                var (stands, lies) = (site.Item.Country, region.Item.Jurisdiction);
                if (stands == lies) continue;
                var place = region.File.Place("jurisdiction");
                yield return site.Problem(Slug, "country", $"is {stands}, but the region lies in {lies} ({place})");
            }
        }
    }

    private static IEnumerable<Problem> Clusters(FleetDraft draft)
    {
        var provided = new Dictionary<(string, string), FilePart<ProviderRegion>>();
        foreach (var item in draft.All<ProviderRegion>().Where(item => item.Holds("provider", "code", "country")))
            provided.TryAdd((item.Item.Provider, item.Item.Code), item);
        foreach (var site in draft.All<SiteSpec>().Where(site => site.Holds("country")))
        {
            for (var index = 0; index < site.Item.Clusters.Count; index++)
            {
                var path = site.At($"clusters[{index}]");
                var cluster = new FilePart<ClusterSpec>(site.File, path, site.Item.Clusters[index]);
                if (!cluster.Holds("provider", "providerRegion")) continue;
                var key = (cluster.Item.Provider, cluster.Item.ProviderRegion);
                if (provided.TryGetValue(key, out var region) && region.Item.Country != site.Item.Country)
                    yield return Contradiction(cluster, region, site);
            }
        }
    }

    // arn:PARTITION:kms:REGION:ACCOUNT:key/ID; a key elsewhere would bring what it protects under another law.
    private static IEnumerable<Problem> Keys(FleetDraft draft)
    {
        foreach (var cluster in draft.All<ClusterSpec>())
        {
            if (cluster.Item.KeyId is not { } key || !key.StartsWith("arn:", StringComparison.Ordinal)) continue;
            var place = key.Split(':') is [_, _, _, var region, ..] ? region : "";
            if (place != cluster.Item.ProviderRegion)
                yield return cluster.Problem(
                    Slug, "keyId", $"is a key in {place}, but the cluster stands in {cluster.Item.ProviderRegion}");
        }
    }

    private static Problem Contradiction(
        FilePart<ClusterSpec> cluster, FilePart<ProviderRegion> region, FilePart<SiteSpec> site)
    {
        var (lies, stands) = (region.Item.Country, site.Item.Country);
        return cluster.Problem(
            Slug,
            "providerRegion",
            $"is {region.Item.Code} of {region.Item.Provider} in {lies} ({region.File.Place(region.At("country"))}), "
            + $"but the site stands in {stands} ({site.File.Place(site.At("country"))})");
    }

    private static HashSet<JurisdictionId> GroupsOf(FleetDraft draft) =>
        [.. draft.All<Jurisdiction>().Where(item => item.Holds("id") && item.Item.Group).Select(item => item.Item.Id)];
}
