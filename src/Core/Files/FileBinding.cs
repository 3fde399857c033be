using System.Collections;
using System.Reflection;

namespace ControlPlane.Files;

/// <summary>Binds the nodes of one file to records, noting every problem, every position and every record.</summary>
internal sealed class FileBinding(string file, List<Problem> problems)
{
    private static readonly MethodInfo ToSeq = typeof(Seq).GetMethod(nameof(Seq.ToSeq))!;

    public FilePositions Positions { get; } = new();

    public List<(string Path, object Record)> Records { get; } = [];

    /// <summary>Binds a node; null when it has the wrong form, except that records come back with blanks.</summary>
    public object? Bind(YamlNode node, FileShape shape, string path, FileField? field)
    {
        Positions.Place(path, node);
        return shape.Form switch
        {
            FileForm.Record => BindRecord(node, shape, path, discriminator: null),
            FileForm.Cases => BindCase(node, shape, path),
            FileForm.List => BindList(node, shape, path, field),
            _ => BindScalar(node, shape, path, field),
        };
    }

    public void Report(string slug, string path, string message, YamlNode at) =>
        problems.Add(new Problem(slug, path, message) { File = file, Line = at.Line, Column = at.Column });

    public static string Under(string path, string name) => path.Length == 0 ? name : $"{path}.{name}";

    private object BindRecord(YamlNode node, FileShape shape, string path, string? discriminator)
    {
        var record = Activator.CreateInstance(shape.Type)!;
        Records.Add((path, record));
        var given = new HashSet<string>(StringComparer.Ordinal);
        if (node is YamlMap map)
        {
            Positions.Bind(path);
            foreach (var entry in map.Entries)
            {
                if (entry.Key.Text == discriminator) continue;
                if (shape.Find(entry.Key.Text) is not { } field)
                {
                    ReportUnknown(entry.Key, shape, path, discriminator);
                    continue;
                }

                given.Add(field.Name);
                if (Bind(entry.Value, field.Shape, Under(path, field.Name), field) is { } value)
                    field.Property.SetValue(record, value);
            }

            foreach (var field in shape.Fields.Where(field => field.Required && !given.Contains(field.Name)))
                Report(shape.Slugs.Missing, Under(path, field.Name), "is missing; no default is assumed", node);
        }
        else
        {
            ReportForm(node, "must hold fields", path);
        }

        FillBlanks(record, shape);
        return record;
    }

    private object? BindCase(YamlNode node, FileShape shape, string path)
    {
        if (node is not YamlMap map)
        {
            ReportForm(node, "must hold fields", path);
            return null;
        }

        var kindPath = Under(path, shape.Discriminator);
        var kind = map.Entries.FirstOrDefault(entry => entry.Key.Text == shape.Discriminator)?.Value;
        var names = shape.Cases.Select(item => item.Name).ToList();
        switch (kind)
        {
            case null:
                Report("field-required", kindPath, $"is missing; must be one of {string.Join(", ", names)}", node);
                return null;
            case YamlScalar scalar when names.Contains(scalar.Text):
                Positions.Place(kindPath, kind);
                Positions.Bind(kindPath);
                var chosen = shape.Cases.First(item => item.Name == scalar.Text).Shape;
                return BindRecord(node, chosen, path, shape.Discriminator);
            case YamlScalar scalar:
                var known = string.Join(", ", names) + NearestName.Hint(scalar.Text, names);
                Report("value-unknown", kindPath, $"is {scalar.Text}; must be one of {known}", kind);
                return null;
            default:
                ReportForm(kind, "must be text", kindPath);
                return null;
        }
    }

    private object? BindList(YamlNode node, FileShape shape, string path, FileField? field)
    {
        if (node is not YamlList list)
        {
            if (node is YamlScalar scalar) BindScalar(scalar, shape, path, field);
            else ReportForm(node, "must be a list", path);
            return null;
        }

        var most = field?.MostItems ?? int.MaxValue;
        var fewest = field?.FewestItems ?? 0;
        var count = list.Items.Count;
        if (count > most) Report("too-many", path, $"has {count} items; the limit is {most}", node);
        else if (count < fewest) Report("too-few", path, $"has {count} items; needs at least {fewest}", node);
        else Positions.Bind(path);

        // Items that could not be bound keep their place, so that indices still mean what the file says.
        var items = Array.CreateInstance(shape.Item!.Type, Math.Min(count, most));
        for (var index = 0; index < items.Length; index++)
        {
            var value = Bind(list.Items[index], shape.Item, $"{path}[{index}]", field);
            if (value is not null) items.SetValue(value, index);
        }

        return ToSeq.MakeGenericMethod(shape.Item.Type).Invoke(null, [(IEnumerable)items]);
    }

    private object? BindScalar(YamlNode node, FileShape shape, string path, FileField? field)
    {
        if (node is not YamlScalar scalar)
        {
            ReportForm(node, "must be a single value", path);
            return null;
        }

        var outcome = ScalarReader.Read(scalar, shape, field);
        if (outcome.Value is { } value)
        {
            Positions.Bind(path);
            return value;
        }

        Report(outcome.Slug, path, outcome.Message, node);
        return null;
    }

    private void ReportForm(YamlNode node, string demand, string path)
    {
        switch (node)
        {
            case YamlBroken:
                break;
            case YamlScalar { Quoted: false, Text: "" or "~" or "null" or "Null" or "NULL" }:
                Report("field-null", path, "must not be null or empty; leave the field out or give a value", node);
                break;
            default:
                var actual = node switch { YamlMap => "fields", YamlList => "a list", _ => "a single value" };
                Report("field-type", path, $"{demand}, is {actual}", node);
                break;
        }
    }

    private void ReportUnknown(YamlScalar key, FileShape shape, string path, string? discriminator)
    {
        var names = shape.Fields.Select(field => field.Name).ToList();
        if (discriminator is not null) names.Add(discriminator);
        var hint = NearestName.Hint(key.Text, names);
        var known = hint.Length == 0 ? $"; known are {string.Join(", ", names)}" : hint;
        Report(shape.Slugs.Unknown, Under(path, key.Text), $"is not a known field{known}", key);
    }

    // Records are never null afterwards, so that checks need not ask at every step.
    private static void FillBlanks(object record, FileShape shape)
    {
        foreach (var field in shape.Fields.Where(field => field.Required && field.Shape.Form == FileForm.Record))
        {
            if (field.Property.GetValue(record) is not null) continue;
            var blank = Activator.CreateInstance(field.Shape.Type)!;
            FillBlanks(blank, field.Shape);
            field.Property.SetValue(record, blank);
        }
    }
}
