namespace ControlPlane.Files;

/// <summary>A piece of a YAML document with the place it was read from.</summary>
internal abstract record YamlNode(int Line, int Column);

/// <summary>A single value. Quoted text is always text; plain text may be read as something else.</summary>
internal sealed record YamlScalar(int Line, int Column, string Text, bool Quoted) : YamlNode(Line, Column);

/// <summary>A list of values.</summary>
internal sealed record YamlList(int Line, int Column, IReadOnlyList<YamlNode> Items) : YamlNode(Line, Column);

/// <summary>Fields with their values; every field name occurs once.</summary>
internal sealed record YamlMap(int Line, int Column, IReadOnlyList<YamlEntry> Entries) : YamlNode(Line, Column);

/// <summary>Something that has been reported and is not looked at again, such as an alias.</summary>
internal sealed record YamlBroken(int Line, int Column) : YamlNode(Line, Column);

/// <summary>One field of a map.</summary>
internal sealed record YamlEntry(YamlScalar Key, YamlNode Value);
