using ControlPlane.Files;

namespace ControlPlane.Regions;

/// <summary>Finds datasets and links of sites that stand in the wrong region, or name sites wrongly or twice.</summary>
internal sealed class DatasetCheck
{
    private readonly FleetDraft draft;
    private readonly KnownNames sites;
    private readonly List<Problem> problems = [];

    private DatasetCheck(FleetDraft draft)
    {
        this.draft = draft;
        sites = new(
            draft.Regions.All(file => file.Positions.IsGiven("")),
            [.. draft.All<SiteSpec>().Where(site => site.Holds("site")).Select(site => site.Item.Site.Value)]);
    }

    public static IEnumerable<Problem> Find(FleetDraft draft)
    {
        var check = new DatasetCheck(draft);
        var linked = new Dictionary<(string, string), FilePart<SiteLinkSpec>>();
        foreach (var region in draft.Roots)
        {
            var own = region.Item.Sites.Select(site => site.Site).ToHashSet();
            foreach (var dataset in region.File.All<DatasetSpec>()) check.Places(dataset, own);
            foreach (var link in region.File.All<SiteLinkSpec>()) check.Ends(link, own, linked);
        }

        return check.problems;
    }

    private void Places(FilePart<DatasetSpec> dataset, HashSet<SiteId> own)
    {
        if (Known(dataset, "site", dataset.Item.Site)) Own(dataset, "site", (dataset.Item.Site, own));
        var seen = new HashSet<SiteId> { dataset.Item.Site };
        for (var index = 0; index < dataset.Item.Copies.Count; index++)
        {
            var (field, site) = ($"copies[{index}]", dataset.Item.Copies[index]);
            if (Known(dataset, field, site) && dataset.Holds("site") && !seen.Add(site))
                problems.Add(dataset.Problem("duplicate-id", field, $"is \"{site}\", which holds the data already"));
        }
    }

    private void Ends(
        FilePart<SiteLinkSpec> link, HashSet<SiteId> own, Dictionary<(string, string), FilePart<SiteLinkSpec>> linked)
    {
        var (from, to) = (link.Item.From.Value, link.Item.To.Value);
        var known = Known(link, "from", link.Item.From) & Known(link, "to", link.Item.To);
        if (!known) return;
        Own(link, "from", (link.Item.From, own));
        var pair = string.CompareOrdinal(from, to) < 0 ? (from, to) : (to, from);
        if (from == to) problems.Add(link.Problem("link-to-self", "to", $"is the site {to} itself"));
        else if (!linked.TryAdd(pair, link))
        {
            var first = linked[pair];
            problems.Add(link.Problem(
                "duplicate-link", "to", $"is linked already by {first.File.Place(first.At("to"))}"));
        }
    }

    private bool Known<T>(FilePart<T> part, string field, SiteId site) where T : class
    {
        if (!part.Holds(field)) return false;
        if (!sites.Misses(site.Value)) return true;
        problems.Add(part.Problem("site-unknown", field,
            $"is \"{site}\", which is not declared{NearestName.Hint(site.Value, sites.Names)}"));
        return false;
    }

    private void Own<T>(FilePart<T> part, string field, (SiteId Site, HashSet<SiteId> Sites) home) where T : class
    {
        if (draft.Regions.All(file => file.Positions.IsGiven("sites")) && !home.Sites.Contains(home.Site))
            problems.Add(part.Problem("region-contradiction", field,
                $"is {home.Site}, a site of another region; it belongs in the file of that region"));
    }
}
