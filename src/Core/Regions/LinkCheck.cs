using ControlPlane.Files;

namespace ControlPlane.Regions;

/// <summary>Finds links of a region to itself and pairs of regions that are linked more than once.</summary>
internal static class LinkCheck
{
    public static IEnumerable<Problem> Find(FleetDraft draft)
    {
        var first = new Dictionary<(string, string), FilePart<LinkSpec>>();
        foreach (var region in draft.Roots.Where(region => region.Holds("region")))
        {
            var from = region.Item.Region.Value;
            foreach (var link in region.File.All<LinkSpec>().Where(link => link.Holds("to")))
            {
                var to = link.Item.To.Value;
                // A link holds in both directions, so the pair counts whichever side declares it.
                var pair = string.CompareOrdinal(from, to) < 0 ? (from, to) : (to, from);
                if (from == to)
                    yield return link.Problem("link-to-self", "to", $"is the region {to} itself");
                else if (!first.TryAdd(pair, link))
                    yield return link.Problem("duplicate-link", "to", $"is linked already by {Place(first[pair])}");
            }
        }
    }

    private static string Place(FilePart<LinkSpec> link) => link.File.Place(link.At("to"));
}
