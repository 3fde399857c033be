using ControlPlane.Files;

namespace ControlPlane.Regions;

/// <summary>
/// Finds chains of owners and of jurisdictions that never end, and members of things that are no group.
/// </summary>
internal static class GroupCheck
{
    public static IEnumerable<Problem> Find(FleetDraft draft) =>
        Parents(draft).Concat(Members(draft)).Concat(Shapes(draft));

    private static IEnumerable<Problem> Parents(FleetDraft draft)
    {
        var entities = ById(draft.All<LegalEntity>(), item => item.Id.Value);
        return Cycles(entities, "parent", item => item.Parent is { } parent ? [parent.Value] : []);
    }

    private static IEnumerable<Problem> Members(FleetDraft draft)
    {
        var jurisdictions = ById(draft.All<Jurisdiction>(), item => item.Id.Value);
        return Cycles(jurisdictions, "memberOf", item => item.MemberOf.Select(group => group.Value ?? ""));
    }

    private static IEnumerable<Problem> Shapes(FleetDraft draft)
    {
        var jurisdictions = ById(draft.All<Jurisdiction>(), item => item.Id.Value);
        foreach (var part in jurisdictions.Values)
        {
            var id = part.Item.Id;
            if (part is { Item.Group: false, Item.Id.Value.Length: not 2 })
                yield return part.Problem("name-format", "id", $"is {id}; no code of two letters and no group");
            for (var index = 0; index < part.Item.MemberOf.Count; index++)
            {
                var field = $"memberOf[{index}]";
                var name = part.Item.MemberOf[index].Value;
                if (!part.Holds(field) || !jurisdictions.TryGetValue(name, out var group) || group.Item.Group) continue;
                yield return part.Problem("no-group", field, $"is {name}, which is a country and has no members");
            }
        }
    }

    // Every thing on a cycle is named once, at the member with the lowest id.
    private static IEnumerable<Problem> Cycles<T>(
        SortedDictionary<string, FilePart<T>> parts, string field, Func<T, IEnumerable<string>> next)
    {
        var told = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (id, part) in parts)
        {
            if (told.Contains(id) || CycleFrom(id, parts, next) is not { } cycle) continue;
            told.UnionWith(cycle);
            yield return part.Problem("cycle", field, $"comes back to itself: {string.Join(" -> ", cycle)} -> {id}");
        }
    }

    private static List<string>? CycleFrom<T>(
        string start, SortedDictionary<string, FilePart<T>> parts, Func<T, IEnumerable<string>> next)
    {
        var cameFrom = new Dictionary<string, string>(StringComparer.Ordinal);
        var open = new Queue<string>([start]);
        while (open.TryDequeue(out var current))
        {
            if (!parts.TryGetValue(current, out var part)) continue;
            foreach (var target in next(part.Item))
            {
                if (target == start) return Trail(start, current, cameFrom);
                if (cameFrom.TryAdd(target, current)) open.Enqueue(target);
            }
        }

        return null;
    }

    private static List<string> Trail(string start, string last, Dictionary<string, string> cameFrom)
    {
        var trail = new List<string> { last };
        while (trail[^1] != start) trail.Add(cameFrom[trail[^1]]);
        trail.Reverse();
        return trail;
    }

    private static SortedDictionary<string, FilePart<T>> ById<T>(IEnumerable<FilePart<T>> parts, Func<T, string> id)
        where T : class
    {
        var found = new SortedDictionary<string, FilePart<T>>(StringComparer.Ordinal);
        foreach (var part in parts.Where(part => part.Holds("id"))) found.TryAdd(id(part.Item), part);
        return found;
    }
}
