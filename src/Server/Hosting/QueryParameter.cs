using System.Globalization;
using ControlPlane.Files;

namespace ControlPlane.Server.Hosting;

/// <summary>Describes a query parameter: what it is for and what it may hold, for the edge and the document.</summary>
internal sealed record QueryParameter(string Name, string Description)
{
    /// <summary>The values it may have; empty when they are not few.</summary>
    public Seq<string> Choices { get; init; } = [];

    /// <summary>Bounds when it is a whole number.</summary>
    public (long Least, long Most)? Whole { get; init; }

    /// <summary>Whether it is a name of lower-case letters, digits and hyphens.</summary>
    public bool IsName { get; init; }

    /// <summary>Whether it is a day, such as 2027-01-31.</summary>
    public bool IsDay { get; init; }

    /// <summary>What is meant when it is left out, in words of JSON; null when there is no such value.</summary>
    public long? Default { get; init; }

    public static QueryParameter PageSize { get; } = new("page_size", "Rows on a page.")
    {
        Whole = (1, PageRequest.MostSize),
        Default = PageRequest.DefaultSize,
    };

    public static QueryParameter PageToken { get; } = new(
        "page_token", "nextPageToken of the page before, with the same filters; left out: the first page.");

    public static QueryParameter Explain { get; } = new(
        "explain", "Whether the answer carries every verdict on every candidate.")
    {
        Choices = ["true", "false"],
    };

    /// <summary>Noon of a day, so that no offset moves it to another; null when it is none.</summary>
    public static DateTimeOffset? DayOf(string? value) =>
        DateOnly.TryParseExact(value, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day)
            ? new DateTimeOffset(day.ToDateTime(new TimeOnly(12, 0)), TimeSpan.Zero)
            : null;

    /// <summary>What is wrong with a value; null when nothing is.</summary>
    public Problem? Check(string value)
    {
        var pointer = $"?{Name}";
        if (Choices.Count > 0 && !Choices.Contains(value))
            return ProblemCatalog.ValueUnknown.At(pointer,
                $"must be one of {string.Join(", ", Choices)}, is '{Shown.Text(value)}'"
                    + NearestName.Hint(Shown.Text(value), Choices));
        if (Whole is { } range && (!long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var whole)
            || whole < range.Least || whole > range.Most))
            return ProblemCatalog.OutOfRange.At(
                pointer, $"must be {range.Least} to {range.Most}, is '{Shown.Text(value)}'");
        if (IsDay && DayOf(value) is null)
            return ProblemCatalog.TimeFormat.At(pointer, $"must be a day such as 2027-01-31, is '{Shown.Text(value)}'");
        if (IsName && !FieldReader.IsName(value))
            return ProblemCatalog.NameFormat.At(pointer,
                $"must be {NameFormatAttribute.DefaultExplanation}, is '{Shown.Text(value)}'");
        return null;
    }
}
