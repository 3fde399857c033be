using System.Globalization;

namespace ControlPlane.Server.Hosting;

/// <summary>A value of a JSON body that knows where it stands, so that complaints can point at it.</summary>
internal abstract class BodyNode(BodyNode? parent, string key)
{
    /// <summary>JSON pointer (RFC 6901) from the body to here; empty for the body itself.</summary>
    public string Pointer => parent is null ? "" : parent.PointerTo(key);

    /// <summary>What the value is, for messages.</summary>
    public abstract string Form { get; }

    /// <summary>JSON pointer to a member or entry, whether or not it is there.</summary>
    public string PointerTo(string child) =>
        $"{Pointer}/{child.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal)}";

    public static string KeyOf(int index) => index.ToString(CultureInfo.InvariantCulture);
}

/// <summary>Holds members in the order in which they were sent; names are unique.</summary>
internal sealed class BodyObject(BodyNode? parent, string key) : BodyNode(parent, key)
{
    // Small objects are searched from the front; large ones, such as many labels, are indexed.
    private const int IndexedFrom = 16;

    private readonly List<KeyValuePair<string, BodyNode>> members = [];
    private Dictionary<string, BodyNode>? index;

    public override string Form => "an object";

    public IReadOnlyList<KeyValuePair<string, BodyNode>> Members => members;

    public BodyNode? Find(string name)
    {
        if (index is not null) return index.GetValueOrDefault(name);
        foreach (var member in members)
        {
            if (string.Equals(member.Key, name, StringComparison.Ordinal)) return member.Value;
        }

        return null;
    }

    public void Add(string name, BodyNode value)
    {
        members.Add(new(name, value));
        if (members.Count == IndexedFrom) index = new(members, StringComparer.Ordinal);
        else index?.Add(name, value);
    }
}

/// <summary>Holds the entries of a list.</summary>
internal sealed class BodyList(BodyNode? parent, string key) : BodyNode(parent, key)
{
    public List<BodyNode> Items { get; } = [];

    public override string Form => "a list";
}

/// <summary>Holds a text.</summary>
internal sealed class BodyText(BodyNode? parent, string key, string text) : BodyNode(parent, key)
{
    public string Text => text;

    public override string Form => "a text";
}

/// <summary>Holds a number as it was written.</summary>
internal sealed class BodyNumber(BodyNode? parent, string key, string written) : BodyNode(parent, key)
{
    public string Written => written;

    public override string Form => "a number";
}

/// <summary>Holds true or false.</summary>
internal sealed class BodyFlag(BodyNode? parent, string key, bool value) : BodyNode(parent, key)
{
    public bool Value => value;

    public override string Form => value ? "true" : "false";
}

/// <summary>Holds null.</summary>
internal sealed class BodyNull(BodyNode? parent, string key) : BodyNode(parent, key)
{
    public override string Form => "null";
}
