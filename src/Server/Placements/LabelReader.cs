using ControlPlane.Server.Hosting;
using ControlPlane.Workloads;

namespace ControlPlane.Server.Placements;

/// <summary>Reads labels: bounded in number and length, and otherwise data that nothing interprets.</summary>
internal static class LabelReader
{
    /// <summary>Form of a key, for the document of the API.</summary>
    public const string KeyPattern = "^[A-Za-z0-9]([A-Za-z0-9._/-]{0,61}[A-Za-z0-9])?$";

    private const string KeyWords =
        "letters, digits and inner dots, underscores, slashes and hyphens, starting and ending with a letter or digit";

    /// <summary>The labels ordered by key; those that are wrong are complained about and left out.</summary>
    public static Seq<Label> Read(FieldReader fields, Complaints problems)
    {
        if (fields.Object("labels") is not { } node) return [];
        if (node.Members.Count > RequestLimits.MostLabels)
        {
            problems.Add(ProblemCatalog.TooMany.At(
                node.Pointer, $"has {node.Members.Count} entries; the limit is {RequestLimits.MostLabels}"));
            return [];
        }

        return node.Members
            .Where(member => CheckKey(member.Key, member.Value, problems) & CheckValue(member.Value, problems))
            .Select(member => new Label(member.Key, ((BodyText)member.Value).Text))
            .OrderBy(label => label.Key, StringComparer.Ordinal)
            .ToSeq();
    }

    private static bool CheckKey(string key, BodyNode value, Complaints problems)
    {
        var problem = key.Length > RequestLimits.LongestLabelKey
            ? ProblemCatalog.TooLong.At(
                value.Pointer, $"has a key of {key.Length} letters; the limit is {RequestLimits.LongestLabelKey}")
            : IsKey(key)
                ? null
                : ProblemCatalog.NameFormat.At(
                    value.Pointer, $"must have a key of {KeyWords}, is '{Shown.Text(key)}'");
        if (problem is not null) problems.Add(problem);
        return problem is null;
    }

    private static bool CheckValue(BodyNode value, Complaints problems)
    {
        var problem = value switch
        {
            BodyText { Text.Length: > RequestLimits.LongestLabelValue } text => ProblemCatalog.TooLong.At(
                value.Pointer, $"has {text.Text.Length} letters; the limit is {RequestLimits.LongestLabelValue}"),
            BodyText text when FieldReader.Hidden(text.Text) is { } hidden => ProblemCatalog.ControlCharacter.At(
                value.Pointer, $"holds U+{hidden.Value:X4}, which is not allowed"),
            BodyText => null,
            BodyNull => ProblemCatalog.FieldNull.At(value.Pointer, "must not be null"),
            _ => ProblemCatalog.FieldType.At(value.Pointer, $"must be a text, is {value.Form}"),
        };
        if (problem is not null) problems.Add(problem);
        return problem is null;
    }

    private static bool IsKey(string key) =>
        key.Length > 0
        && char.IsAsciiLetterOrDigit(key[0])
        && char.IsAsciiLetterOrDigit(key[^1])
        && key.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '.' or '_' or '/' or '-');
}
