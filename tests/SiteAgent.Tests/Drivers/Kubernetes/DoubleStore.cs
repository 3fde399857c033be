using System.Text.Json.Nodes;

namespace ControlPlane.SiteAgent.Tests.Drivers.Kubernetes;

/// <summary>
/// Keeps the objects of the double with versions, owners of fields and history, by the rules that a real API server
/// was seen to follow. The path of an object is its key.
/// </summary>
internal sealed class DoubleStore
{
    private readonly SortedDictionary<string, JsonObject> objects = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Dictionary<string, string>> owners = [];
    private readonly List<(long Version, string Collection, JsonObject Event)> history = [];
    private long version = 1000;
    private long oldest = 1000;

    public Lock Gate { get; } = new();

    public long Version => version;

    /// <summary>Forgets the history: watches from before are too old.</summary>
    public void Compact()
    {
        lock (Gate)
        {
            version++;
            oldest = version;
            history.Clear();
        }
    }

    public JsonObject? Find(string path) => objects.GetValueOrDefault(path);

    /// <summary>Objects of a collection in all namespaces, or in the one that the collection names.</summary>
    public IEnumerable<(string Path, JsonObject Item)> In(DoublePath collection) => objects
        .Where(entry => collection.Holds(DoublePath.Parse(entry.Key)!))
        .Select(entry => (entry.Key, entry.Value));

    public JsonObject Add(string path, JsonObject body)
    {
        var metadata = body["metadata"]!.AsObject();
        metadata["uid"] = Guid.NewGuid().ToString();
        metadata["creationTimestamp"] = DateTimeOffset.UtcNow.ToString("yyyy-MM-ddTHH:mm:ssZ");
        return Put(path, body, "ADDED");
    }

    public JsonObject Change(string path, Action<JsonObject> change)
    {
        var next = objects[path].DeepClone().AsObject();
        change(next);
        return JsonNode.DeepEquals(next, objects[path]) ? next : Put(path, next, "MODIFIED");
    }

    public void Remove(string path)
    {
        if (!objects.Remove(path, out var gone)) return;
        owners.Remove(path);
        gone = gone.DeepClone().AsObject();
        gone["metadata"]!["resourceVersion"] = $"{++version}";
        Record("DELETED", path, gone);
    }

    /// <summary>
    /// Applies in the name of a manager: what it names becomes its own. Gives the fields that others own with another
    /// value when it does not force them.
    /// </summary>
    public IReadOnlyList<string> Apply(string path, JsonObject body, string manager, bool force)
    {
        var fields = Leaves(body, "").Where(field => !IsIdentity(field.Path)).ToList();
        var owned = owners.GetValueOrDefault(path) ?? [];
        var current = objects.GetValueOrDefault(path);
        var conflicts = fields
            .Where(field => owned.TryGetValue(field.Path, out var owner) && owner != manager
                && At(current!, field.Path)?.ToJsonString() != field.Json)
            .Select(field => field.Path)
            .ToList();
        if (conflicts.Count > 0 && !force) return conflicts;
        foreach (var field in fields) owned[field.Path] = manager;
        if (current is null) Add(path, body.DeepClone().AsObject());
        else Change(path, next => Merge(next, body));
        owners[path] = owned;
        return [];
    }

    /// <summary>What happened to a collection after a version; null when that is too long ago.</summary>
    public IReadOnlyList<JsonObject>? Since(DoublePath collection, long after)
    {
        if (after < oldest) return null;
        return [.. history.Where(entry => entry.Version > after && collection.HoldsCollection(entry.Collection))
            .Select(entry => entry.Event)];
    }

    private JsonObject Put(string path, JsonObject body, string type)
    {
        body["metadata"]!["resourceVersion"] = $"{++version}";
        objects[path] = body;
        Record(type, path, body);
        return body;
    }

    private void Record(string type, string path, JsonObject body) => history.Add((
        version, path[..path.LastIndexOf('/')], new() { ["type"] = type, ["object"] = body.DeepClone() }));

    private static bool IsIdentity(string path) =>
        path is "/apiVersion" or "/kind" or "/metadata/name" or "/metadata/namespace";

    // Lists count as one field: none that is applied here is merged by key.
    private static IEnumerable<(string Path, string Json)> Leaves(JsonObject node, string path)
    {
        foreach (var (name, value) in node)
        {
            if (value is JsonObject inner)
            {
                foreach (var leaf in Leaves(inner, $"{path}/{name}")) yield return leaf;
            }
            else
            {
                yield return ($"{path}/{name}", value?.ToJsonString() ?? "null");
            }
        }
    }

    private static JsonNode? At(JsonObject root, string path) =>
        path[1..].Split('/').Aggregate((JsonNode?)root, (node, name) => (node as JsonObject)?[name]);

    private static void Merge(JsonObject into, JsonObject from)
    {
        foreach (var (name, value) in from)
        {
            if (value is JsonObject inner && into[name] is JsonObject existing) Merge(existing, inner);
            else into[name] = value?.DeepClone();
        }
    }
}
