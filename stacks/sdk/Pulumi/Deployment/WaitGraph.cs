namespace Pulumi;

/// <summary>Knows which resource waits for which before it can be registered, and refuses to close a circle.</summary>
internal sealed class WaitGraph
{
    private readonly Lock gate = new();
    private readonly Dictionary<Resource, HashSet<Resource>> waits = new(ReferenceEqualityComparer.Instance);

    /// <summary>The resources that are not sent yet.</summary>
    public IReadOnlyList<string> Waiting
    {
        get
        {
            lock (gate)
            {
                return [.. waits.Keys.Select(Describe).Order(StringComparer.Ordinal)];
            }
        }
    }

    public void Enter(Resource resource)
    {
        lock (gate)
        {
            waits.TryAdd(resource, new(ReferenceEqualityComparer.Instance));
        }
    }

    public void Leave(Resource resource)
    {
        lock (gate)
        {
            waits.Remove(resource);
        }
    }

    /// <summary>Notes that a resource waits for others; throws when one of them waits for it.</summary>
    public void Wait(Resource resource, IEnumerable<Resource> others)
    {
        lock (gate)
        {
            foreach (var other in others)
            {
                if (PathTo(other, resource, []) is { } path)
                {
                    var circle = string.Join(" -> ", path.Prepend(resource).Select(Describe));
                    throw new ResourceException(
                        $"cyclic dependency: {circle}", resource, hideStack: true);
                }
                if (waits.TryGetValue(resource, out var edges))
                {
                    edges.Add(other);
                }
            }
        }
    }

    private static string Describe(Resource resource) => $"{resource.GetResourceName()} ({resource.GetResourceType()})";

    private ImmutableList<Resource>? PathTo(Resource from, Resource to, HashSet<Resource> seen)
    {
        if (ReferenceEquals(from, to))
        {
            return [from];
        }
        if (!seen.Add(from) || !waits.TryGetValue(from, out var edges))
        {
            return null;
        }
        return edges.Select(next => PathTo(next, to, seen)).FirstOrDefault(path => path is not null)?.Insert(0, from);
    }
}
