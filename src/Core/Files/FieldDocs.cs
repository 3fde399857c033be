using System.ComponentModel;
using System.Reflection;

namespace ControlPlane.Files;

/// <summary>Describes one field of a declared file as its schema does.</summary>
/// <param name="Path">Field and the fields around it, such as <c>policy.match.dataClasses</c>.</param>
/// <param name="Type">What it holds, in words.</param>
/// <param name="Required">Whether it must be there.</param>
/// <param name="Description">What it means; null when the name says it.</param>
public sealed record FieldDoc(string Path, string Type, bool Required, string? Description);

/// <summary>
/// Lists the fields of a kind of file with what they mean, from the same metadata that files are read by.
/// </summary>
public static class FieldDocs
{
    /// <param name="root">Word that the paths begin with, such as <c>policy</c>.</param>
    public static IReadOnlyList<FieldDoc> Of<T>(string root) where T : class
    {
        var found = new List<FieldDoc>();
        Add(FileShapes.Of<T>(), root, [], found);
        return found;
    }

    private static void Add(FileShape shape, string path, HashSet<Type> above, List<FieldDoc> found)
    {
        // Records may contain themselves; once around says it all.
        if (!above.Add(shape.Type)) return;
        foreach (var field in shape.Fields)
        {
            var deeper = $"{path}.{field.Name}";
            found.Add(new FieldDoc(deeper, TypeOf(field.Shape, field), field.Required, field.Description));
            Under(field.Shape, deeper, above, found);
        }

        above.Remove(shape.Type);
    }

    private static void Under(FileShape shape, string path, HashSet<Type> above, List<FieldDoc> found)
    {
        var held = shape.Form == FileForm.List ? shape.Item! : shape;
        if (held.Form == FileForm.Record) Add(held, path, above, found);
        if (held.Form != FileForm.Cases) return;
        foreach (var (name, item) in held.Cases)
        {
            found.Add(new FieldDoc($"{path}.{name}", $"{held.Discriminator}: {name}", false, Summary(item.Type)));
            Add(item, $"{path}.{name}", above, found);
        }
    }

    private static string? Summary(Type type) => type.GetCustomAttribute<DescriptionAttribute>()?.Description;

    private static string TypeOf(FileShape shape, FileField? field) => shape.Form switch
    {
        FileForm.Text => "text",
        FileForm.Id => $"name ({(field?.NameFormat ?? shape.NameFormat!).Explanation})",
        FileForm.Whole => $"whole number{Range(field)}",
        FileForm.Number => $"number{Range(field)}",
        FileForm.Flag => "true or false",
        FileForm.Date => "date, such as 2026-01-31",
        FileForm.Time => "time, such as 2026-01-31T12:00:00Z",
        FileForm.Choice => $"one of {string.Join(", ", shape.Choices.Select(choice => choice.Name))}",
        FileForm.List => $"list of {TypeOf(shape.Item!, field)}",
        FileForm.Cases =>
            $"fields by their {shape.Discriminator}: {string.Join(", ", shape.Cases.Select(item => item.Name))}",
        _ => "fields",
    };

    private static string Range(FileField? field)
    {
        if (field?.Range is not { } range) return "";
        var (least, most) = (FileLimits.Of(range.Minimum), FileLimits.Of(range.Maximum));
        return most < FileLimits.Unlimited
            ? $" from {FileLimits.Show(least)} to {FileLimits.Show(most)}"
            : $" of at least {FileLimits.Show(least)}";
    }
}
