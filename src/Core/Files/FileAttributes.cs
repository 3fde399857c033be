namespace ControlPlane.Files;

/// <summary>Lists the records that a field of an abstract record may hold and the field that tells which.</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class FileCasesAttribute(string discriminator, params Type[] cases) : Attribute
{
    /// <summary>The field that names the case, such as <c>kind</c>.</summary>
    public string Discriminator { get; } = discriminator;

    public IReadOnlyList<Type> Cases { get; } = cases;
}

/// <summary>Names a record of <see cref="FileCasesAttribute"/> as files write it.</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class FileCaseAttribute(string name) : Attribute
{
    public string Name { get; } = name;
}

/// <summary>Gives the problems of a record's fields slugs of their own; it holds for derived records too.</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class FileSlugsAttribute : Attribute
{
    /// <summary>Slug of a required field that is missing.</summary>
    public string Missing { get; init; } = "field-required";

    /// <summary>Slug of a field that is not known.</summary>
    public string Unknown { get; init; } = "unknown-field";
}

/// <summary>Tells which schema versions of a file are understood; 1 to 1 when left out.</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class FileVersionsAttribute(int oldest, int newest) : Attribute
{
    public int Oldest { get; } = oldest;

    public int Newest { get; } = newest;
}

/// <summary>Gives the pattern that a kind of name keeps to, and the words that explain it.</summary>
[AttributeUsage(AttributeTargets.Struct | AttributeTargets.Property)]
public sealed class NameFormatAttribute(string pattern, string explanation) : Attribute
{
    /// <summary>Pattern of names that have no format of their own.</summary>
    public const string DefaultPattern = "^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$";

    /// <summary>Words for <see cref="DefaultPattern"/>.</summary>
    public const string DefaultExplanation =
        "1 to 63 lower-case letters, digits and inner hyphens";

    /// <summary>Format of names that have none of their own.</summary>
    public static NameFormatAttribute Default { get; } = new(DefaultPattern, DefaultExplanation);

    public string Pattern { get; } = pattern;

    public string Explanation { get; } = explanation;
}
