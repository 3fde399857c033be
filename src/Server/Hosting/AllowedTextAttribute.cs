namespace ControlPlane.Server.Hosting;

/// <summary>Marks a text, or the entries of a list, as one of a few words, which the API document lists.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class AllowedTextAttribute(params string[] values) : Attribute
{
    public IReadOnlyList<string> Values { get; } = values;
}

/// <summary>Bounds the texts of a list, or the values of a map, in the document of the API.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class EntryLengthAttribute(int longest) : Attribute
{
    public int Longest { get; } = longest;
}

/// <summary>Bounds number and form of the keys of a map in the document of the API.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class KeysAttribute(int most, string pattern) : Attribute
{
    public int Most { get; } = most;

    public string Pattern { get; } = pattern;
}
