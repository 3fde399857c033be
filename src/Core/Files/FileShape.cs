using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Reflection;
using System.Runtime.CompilerServices;

namespace ControlPlane.Files;

/// <summary>The forms a value in a file can have.</summary>
internal enum FileForm
{
    Text,
    Id,
    Whole,
    Number,
    Flag,
    Date,
    Time,
    Choice,
    List,
    Record,
    Cases,
}

/// <summary>
/// Describes how values of one type stand in files. Reading files and their JSON schema both follow it.
/// </summary>
internal sealed class FileShape(Type type, FileForm form)
{
    public Type Type => type;

    public FileForm Form => form;

    /// <summary>Shape of the items of a list.</summary>
    public FileShape? Item { get; set; }

    /// <summary>Fields of a record in the order of declaration.</summary>
    public IReadOnlyList<FileField> Fields { get; set; } = [];

    /// <summary>The field that tells the cases of an abstract record apart.</summary>
    public string Discriminator { get; set; } = "";

    /// <summary>Cases of an abstract record by their name.</summary>
    public IReadOnlyList<(string Name, FileShape Shape)> Cases { get; set; } = [];

    /// <summary>Values of an enumeration as files write them.</summary>
    public IReadOnlyList<(string Name, object Value)> Choices { get; set; } = [];

    /// <summary>Pattern of a typed id.</summary>
    public NameFormatAttribute? NameFormat { get; set; }

    /// <summary>Slugs of the problems of a record's fields.</summary>
    public FileSlugsAttribute Slugs { get; } =
        type.GetCustomAttribute<FileSlugsAttribute>() ?? new FileSlugsAttribute();

    public FileField? Find(string name) => Fields.FirstOrDefault(field => field.Name == name);
}

/// <summary>One field of a record: its name in files, whether it must be there, and its limits.</summary>
internal sealed record FileField(string Name, PropertyInfo Property, FileShape Shape)
{
    public bool Required { get; } = Property.IsDefined(typeof(RequiredMemberAttribute));

    public string? Description { get; } = Property.GetCustomAttribute<DescriptionAttribute>()?.Description;

    public RangeAttribute? Range { get; } = Property.GetCustomAttribute<RangeAttribute>();

    public NameFormatAttribute? NameFormat { get; } =
        Property.GetCustomAttribute<NameFormatAttribute>() ?? Shape.NameFormat ?? Shape.Item?.NameFormat;

    /// <summary>Fewest items of a list.</summary>
    public int FewestItems { get; } = Property.GetCustomAttribute<MinLengthAttribute>()?.Length ?? 0;

    /// <summary>Most items of a list.</summary>
    public int MostItems { get; } = Limit(Property, Shape.Form == FileForm.List) ?? 10_000;

    /// <summary>Most letters of a text, or of each text in a list.</summary>
    public int MostLetters { get; } = Limit(Property, Shape.Form != FileForm.List) ?? 1_000;

    private static int? Limit(PropertyInfo property, bool applies) =>
        applies ? property.GetCustomAttribute<MaxLengthAttribute>()?.Length : null;
}

/// <summary>Derives shapes from record types by reflection and remembers those that belong together.</summary>
internal sealed class FileShapes
{
    private readonly Dictionary<Type, FileShape> known = [];

    /// <summary>The shape of a type, derived once: reflection costs more than reading a file.</summary>
    public static FileShape Of<T>() => Once<T>.Shape;

    public FileShape Of(Type type)
    {
        var actual = Nullable.GetUnderlyingType(type) ?? type;
        if (known.TryGetValue(actual, out var shape)) return shape;
        shape = new FileShape(actual, FormOf(actual));
        // Remembered before it is complete: records may contain themselves.
        known.Add(actual, shape);
        Complete(shape);
        return shape;
    }

    public static string NameOf(string member) => char.ToLowerInvariant(member[0]) + member[1..];

    private void Complete(FileShape shape)
    {
        switch (shape.Form)
        {
            case FileForm.List:
                shape.Item = Of(shape.Type.GetGenericArguments()[0]);
                break;
            case FileForm.Id:
                shape.NameFormat = shape.Type.GetCustomAttribute<NameFormatAttribute>()
                    ?? NameFormatAttribute.Default;
                break;
            case FileForm.Choice:
                var values = Enum.GetValues(shape.Type).Cast<object>();
                shape.Choices = [.. values.Select(value => (NameOf(value.ToString()!), value))];
                break;
            case FileForm.Cases:
                var cases = shape.Type.GetCustomAttribute<FileCasesAttribute>()!;
                shape.Discriminator = cases.Discriminator;
                shape.Cases = [.. cases.Cases.Select(item => (CaseName(item), Of(item)))];
                break;
            case FileForm.Record:
                shape.Fields = [.. FieldsOf(shape.Type)];
                break;
        }
    }

    // Fields of base records come first, as they do in the source.
    private IEnumerable<FileField> FieldsOf(Type type) =>
        type.GetProperties(BindingFlags.Public | BindingFlags.Instance)
            .Where(property => property.SetMethod is { IsPublic: true } && property.GetIndexParameters().Length == 0)
            .OrderBy(property => Depth(property.DeclaringType!))
            .ThenBy(property => property.MetadataToken)
            .Select(property => new FileField(NameOf(property.Name), property, Of(property.PropertyType)));

    private static int Depth(Type type) => type.BaseType is { } parent ? 1 + Depth(parent) : 0;

    private static string CaseName(Type type) =>
        type.GetCustomAttribute<FileCaseAttribute>()?.Name
        ?? throw new InvalidOperationException($"{type.Name} is a case and has no [FileCase]");

    private static FileForm FormOf(Type type)
    {
        if (type == typeof(string)) return FileForm.Text;
        if (type == typeof(bool)) return FileForm.Flag;
        if (type == typeof(int) || type == typeof(long)) return FileForm.Whole;
        if (type == typeof(decimal) || type == typeof(double)) return FileForm.Number;
        if (type == typeof(DateOnly)) return FileForm.Date;
        if (type == typeof(DateTimeOffset)) return FileForm.Time;
        if (type.IsEnum) return FileForm.Choice;
        if (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(Seq<>)) return FileForm.List;
        if (type.IsValueType && type.GetConstructor([typeof(string)]) is not null) return FileForm.Id;
        if (type.IsDefined(typeof(FileCasesAttribute), inherit: false)) return FileForm.Cases;
        if (type is { IsClass: true, IsAbstract: false } && type.GetConstructor(Type.EmptyTypes) is not null)
            return FileForm.Record;
        throw new InvalidOperationException($"files cannot hold values of {type}");
    }

    private static class Once<T>
    {
        public static readonly FileShape Shape = new FileShapes().Of(typeof(T));
    }
}
