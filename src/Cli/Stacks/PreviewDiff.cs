namespace ControlPlane.Cli.Stacks;

/// <summary>How a resource differs from what was there before.</summary>
internal enum ResourceChange
{
    Added,
    Removed,
    Changed,
}

/// <summary>A property with its value before and after; nothing where it was not there.</summary>
internal sealed record PropertyChange(string Path, string? Before, string? After);

/// <summary>A resource that differs from what was there before.</summary>
internal sealed record ChangedResource(
    ResourceChange Change, PreviewedResource Resource, Seq<PropertyChange> Properties);

/// <summary>What differs between two sets of resources, ordered by URN.</summary>
internal static class PreviewDiff
{
    public static Seq<ChangedResource> Between(Seq<PreviewedResource> before, Seq<PreviewedResource> after)
    {
        var earlier = before.ToDictionary(item => item.Urn, StringComparer.Ordinal);
        var now = after.ToDictionary(item => item.Urn, StringComparer.Ordinal);
        var changes = new List<ChangedResource>();
        foreach (var urn in earlier.Keys.Union(now.Keys, StringComparer.Ordinal).Order(StringComparer.Ordinal))
        {
            if (!now.TryGetValue(urn, out var current))
            {
                changes.Add(new ChangedResource(ResourceChange.Removed, earlier[urn], []));
            }
            else if (!earlier.TryGetValue(urn, out var old))
            {
                changes.Add(new ChangedResource(ResourceChange.Added, current, []));
            }
            else
            {
                var properties = Properties(old, current);
                if (properties.Count > 0) changes.Add(new ChangedResource(ResourceChange.Changed, current, properties));
            }
        }

        return changes.ToSeq();
    }

    private static Seq<PropertyChange> Properties(PreviewedResource before, PreviewedResource after)
    {
        var (old, now) = (PropertyText.Lines(before.Inputs), PropertyText.Lines(after.Inputs));
        var changes = new List<PropertyChange>();
        foreach (var path in old.Keys.Union(now.Keys, StringComparer.Ordinal).Order(StringComparer.Ordinal))
        {
            var (was, will) = (old.GetValueOrDefault(path), now.GetValueOrDefault(path));
            // A preview does not know what an update will learn, so that is no difference from a state which knows it.
            if (was != will && !(was is not null && IsUnknown(now, path)))
                changes.Add(new PropertyChange(path, was, will));
        }

        return changes.ToSeq();
    }

    private static bool IsUnknown(SortedDictionary<string, string> lines, string path)
    {
        for (var current = path; current.Length > 0; current = Parent(current))
        {
            if (lines.TryGetValue(current, out var value)) return value == PropertyText.Unknown;
        }

        return false;
    }

    private static string Parent(string path)
    {
        var cut = path.AsSpan().LastIndexOfAny('.', '[');
        return cut < 0 ? "" : path[..cut];
    }
}
