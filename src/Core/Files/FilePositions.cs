namespace ControlPlane.Files;

/// <summary>A place in a file, line and column counted from 1.</summary>
public readonly record struct FilePosition(int Line, int Column);

/// <summary>Tells where in a file the value of a path such as <c>sites[0].country</c> stands.</summary>
public sealed class FilePositions
{
    private readonly Dictionary<string, FilePosition> positions = new(StringComparer.Ordinal);
    private readonly HashSet<string> bound = new(StringComparer.Ordinal);

    /// <summary>Where the value stands; of a path that is not in the file, the place of its nearest parent.</summary>
    public FilePosition Of(string path)
    {
        for (var current = path; ; current = Parent(current))
        {
            if (positions.TryGetValue(current, out var position)) return position;
            if (current.Length == 0) return new FilePosition(1, 1);
        }
    }

    /// <summary>Whether the path is in the file and its value had the right form.</summary>
    public bool IsBound(string path) => bound.Contains(path);

    /// <summary>Whether the path is in the file, good or not.</summary>
    public bool IsGiven(string path) => positions.ContainsKey(path);

    internal void Place(string path, YamlNode node) => positions[path] = new FilePosition(node.Line, node.Column);

    internal void Bind(string path) => bound.Add(path);

    private static string Parent(string path)
    {
        var cut = path.AsSpan().LastIndexOfAny('.', '[');
        return cut < 0 ? "" : path[..cut];
    }
}
