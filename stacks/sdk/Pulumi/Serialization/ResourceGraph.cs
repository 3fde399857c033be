namespace Pulumi.Serialization;

/// <summary>Finds the resources that the engine has to be told about where a program names others.</summary>
internal static class ResourceGraph
{
    /// <summary>
    /// The custom and remote resources behind some: a local component stands for what it groups, however deep;
    /// nothing is looked for below a custom resource.
    /// </summary>
    public static IReadOnlyCollection<Resource> Leaves(IEnumerable<Resource> resources)
    {
        var seen = new HashSet<Resource>();
        var open = new Stack<Resource>(resources);
        while (open.TryPop(out var resource))
        {
            if (!seen.Add(resource) || resource is not ComponentResource { IsRemote: false })
            {
                continue;
            }
            lock (resource.Children)
            {
                foreach (var child in resource.Children)
                {
                    open.Push(child);
                }
            }
        }
        return [.. seen.Where(resource => resource is CustomResource or ComponentResource { IsRemote: true })];
    }

    public static async Task<SortedSet<string>> UrnsAsync(IEnumerable<Resource> resources)
    {
        var urns = await Task.WhenAll(Leaves(resources).Select(leaf => leaf.Urn.GetValueAsync("")))
            .ConfigureAwait(false);
        return new(urns.Where(urn => !string.IsNullOrEmpty(urn)), StringComparer.Ordinal);
    }
}
