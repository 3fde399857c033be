using System.Globalization;
using System.Text.RegularExpressions;

namespace ControlPlane.Files;

/// <summary>What became of a scalar: its value, or what is wrong with it.</summary>
internal readonly record struct ScalarOutcome(object? Value, string Slug, string Message)
{
    public static ScalarOutcome Of(object value) => new(value, "", "");

    public static ScalarOutcome Wrong(string slug, string message) => new(null, slug, message);
}

/// <summary>A number by its digits, as JSON writes it.</summary>
internal sealed record PlainNumber(string Digits);

/// <summary>
/// Turns the text of a scalar into a value. Plain text that YAML versions read differently (<c>NO</c>, <c>1_000</c>,
/// <c>0x10</c>, <c>12:30</c>) is refused rather than guessed at.
/// </summary>
internal static partial class ScalarReader
{
    public static ScalarOutcome Read(YamlScalar scalar, FileShape shape, FileField? field)
    {
        if (!scalar.Quoted && NullText().IsMatch(scalar.Text))
            return ScalarOutcome.Wrong("field-null", "must not be null or empty; leave the field out or give a value");
        return shape.Form switch
        {
            FileForm.Text => ReadText(scalar, field),
            FileForm.Id => ReadId(scalar, shape, field),
            FileForm.Whole => ReadWhole(scalar, shape, field),
            FileForm.Number => ReadNumber(scalar, shape, field),
            FileForm.Flag => ReadFlag(scalar),
            FileForm.Date => ReadDate(scalar),
            FileForm.Time => ReadTime(scalar),
            FileForm.Choice => ReadChoice(scalar, shape),
            FileForm.List => ScalarOutcome.Wrong("field-type", $"must be a list, is {Show(scalar)}"),
            _ => ScalarOutcome.Wrong("field-type", $"must hold fields, is {Show(scalar)}"),
        };
    }

    /// <summary>
    /// Reads a scalar where no declared field says what it should be: <c>true</c> and <c>false</c>, a
    /// <see cref="PlainNumber"/>, or text. What YAML versions read differently is refused here too.
    /// </summary>
    public static ScalarOutcome ReadUntyped(YamlScalar scalar)
    {
        if (scalar.Quoted) return ScalarOutcome.Of(scalar.Text);
        if (NullText().IsMatch(scalar.Text))
            return ScalarOutcome.Wrong("field-null", "must not be null or empty; leave the field out or give a value");
        if (scalar.Text is "true" or "false") return ScalarOutcome.Of(scalar.Text == "true");
        if (NumberText().IsMatch(scalar.Text)) return ScalarOutcome.Of(new PlainNumber(scalar.Text));
        return TimeText().IsMatch(scalar.Text)
            ? ScalarOutcome.Of(scalar.Text)
            : Misread(scalar) ?? ScalarOutcome.Of(scalar.Text);
    }

    private static ScalarOutcome ReadText(YamlScalar scalar, FileField? field)
    {
        if (Misread(scalar) is { } misread) return misread;
        var text = scalar.Text;
        if (string.IsNullOrWhiteSpace(text)) return ScalarOutcome.Wrong("field-blank", "must not be blank");
        if (field is not null && text.Length > field.MostLetters)
            return ScalarOutcome.Wrong("too-long", $"has {text.Length} letters; the limit is {field.MostLetters}");
        var hidden = text.FirstOrDefault(letter => TextCheck.IsForbidden(letter) || letter is '\n' or '\r' or '\t');
        if (hidden != default || text.Contains('\0'))
            return ScalarOutcome.Wrong("control-character", TextCheck.Naming(hidden));
        return field?.NameFormat is { } format && !Regex.IsMatch(text, format.Pattern, RegexOptions.NonBacktracking)
            ? ScalarOutcome.Wrong("name-format", $"is {Show(scalar)}; needs {format.Explanation}")
            : ScalarOutcome.Of(text);
    }

    private static ScalarOutcome ReadId(YamlScalar scalar, FileShape shape, FileField? field)
    {
        if (Misread(scalar) is { } misread) return misread;
        var format = field?.NameFormat ?? shape.NameFormat!;
        return Regex.IsMatch(scalar.Text, format.Pattern, RegexOptions.NonBacktracking) && !scalar.Text.EndsWith('\n')
            ? ScalarOutcome.Of(Activator.CreateInstance(shape.Type, scalar.Text)!)
            : ScalarOutcome.Wrong("name-format", $"is {Show(scalar)}; needs {format.Explanation}");
    }

    private static ScalarOutcome ReadWhole(YamlScalar scalar, FileShape shape, FileField? field)
    {
        var text = scalar.Text;
        if (scalar.Quoted || !NumberText().IsMatch(text))
            return ScalarOutcome.Wrong("field-type", $"must be a whole number without quotes, is {Show(scalar)}");
        var (least, most) = shape.Type == typeof(int) ? (int.MinValue, int.MaxValue) : (long.MinValue, long.MaxValue);
        if (!decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number))
            return OutOfRange(text, least, most, field);
        if (!WholeText().IsMatch(text) && decimal.Truncate(number) != number)
            return ScalarOutcome.Wrong("field-type", $"must be a whole number, is {text}");
        if (number < least || number > most || Outside(number, field)) return OutOfRange(text, least, most, field);
        if (!WholeText().IsMatch(text))
            return ScalarOutcome.Wrong("field-type", $"must be a whole number written with digits only, is {text}");
        return ScalarOutcome.Of(shape.Type == typeof(int) ? (int)number : (object)(long)number);
    }

    private static ScalarOutcome ReadNumber(YamlScalar scalar, FileShape shape, FileField? field)
    {
        var text = scalar.Text;
        if (scalar.Quoted || !NumberText().IsMatch(text))
            return ScalarOutcome.Wrong("field-type", $"must be a number without quotes, is {Show(scalar)}");
        var read = decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number);
        if (!read || Outside(number, field))
            return OutOfRange(text, decimal.MinValue, decimal.MaxValue, field);
        return ScalarOutcome.Of(shape.Type == typeof(double) ? (double)number : (object)number);
    }

    private static bool Outside(decimal number, FileField? field) =>
        field?.Range is { } range
        && (number < FileLimits.Of(range.Minimum) || number > FileLimits.Of(range.Maximum));

    private static ScalarOutcome OutOfRange(string text, decimal least, decimal most, FileField? field)
    {
        if (field?.Range is { } range) (least, most) = (FileLimits.Of(range.Minimum), FileLimits.Of(range.Maximum));
        var limit = (least, most) switch
        {
            (_, >= FileLimits.Unlimited) => $"at least {FileLimits.Show(least)}",
            _ => $"{FileLimits.Show(least)} to {FileLimits.Show(most)}",
        };
        return ScalarOutcome.Wrong("out-of-range", $"is {text}; must be {limit}");
    }

    private static ScalarOutcome ReadFlag(YamlScalar scalar) => scalar switch
    {
        { Quoted: false, Text: "true" } => ScalarOutcome.Of(true),
        { Quoted: false, Text: "false" } => ScalarOutcome.Of(false),
        _ => ScalarOutcome.Wrong("field-type", $"must be true or false, is {Show(scalar)}"),
    };

    private static ScalarOutcome ReadDate(YamlScalar scalar) =>
        DateOnly.TryParseExact(
            scalar.Text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var date)
            ? ScalarOutcome.Of(date)
            : ScalarOutcome.Wrong("field-type", $"must be a date such as 2026-01-31, is {Show(scalar)}");

    private static ScalarOutcome ReadTime(YamlScalar scalar) =>
        TimeText().IsMatch(scalar.Text)
        && DateTimeOffset.TryParse(scalar.Text, CultureInfo.InvariantCulture, DateTimeStyles.None, out var time)
            ? ScalarOutcome.Of(time)
            : ScalarOutcome.Wrong(
                "time-format", $"must be a time with offset such as 2026-01-31T12:00:00Z, is {Show(scalar)}");

    private static ScalarOutcome ReadChoice(YamlScalar scalar, FileShape shape)
    {
        foreach (var (name, value) in shape.Choices)
        {
            if (name == scalar.Text) return ScalarOutcome.Of(value);
        }

        var names = shape.Choices.Select(choice => choice.Name).ToList();
        return ScalarOutcome.Wrong(
            "value-unknown",
            $"is {Show(scalar)}; must be one of {string.Join(", ", names)}{NearestName.Hint(scalar.Text, names)}");
    }

    // Canonical whole numbers read back as the same text in every YAML version, so they may stand for text unquoted.
    private static ScalarOutcome? Misread(YamlScalar scalar)
    {
        if (scalar.Quoted) return null;
        if (FlagText().IsMatch(scalar.Text))
        {
            return ScalarOutcome.Wrong(
                "field-type",
                $"is {scalar.Text} without quotes, which YAML reads as a boolean; "
                + $"quote country codes and words like it: \"{scalar.Text}\"");
        }

        return LooksNumeric().IsMatch(scalar.Text) && !PlainWhole().IsMatch(scalar.Text)
            ? ScalarOutcome.Wrong(
                "field-type",
                $"is {scalar.Text} without quotes, which YAML can read as a number or a date; write \"{scalar.Text}\"")
            : null;
    }

    private static string Show(YamlScalar scalar)
    {
        var text = scalar.Text.Length <= 80 ? scalar.Text : scalar.Text[..80] + "...";
        var visible = string.Concat(text.Select(letter =>
            TextCheck.IsForbidden(letter) || char.IsControl(letter) ? $"\\u{(int)letter:X4}" : letter.ToString()));
        return scalar.Quoted ? $"\"{visible}\"" : visible;
    }

    [GeneratedRegex("^(~|null|Null|NULL)?$")]
    private static partial Regex NullText();

    [GeneratedRegex("^(true|false|yes|no|on|off|y|n)$", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex FlagText();

    [GeneratedRegex("^-?(0|[1-9][0-9]*)$")]
    private static partial Regex WholeText();

    [GeneratedRegex("^(0|[1-9][0-9]{0,14})$")]
    private static partial Regex PlainWhole();

    [GeneratedRegex("^-?(0|[1-9][0-9]*)(\\.[0-9]+)?([eE][+-]?[0-9]+)?$")]
    private static partial Regex NumberText();

    // Numbers in any base, with underscores or colons; infinities; dates: whatever some YAML version would convert.
    [GeneratedRegex(
        """
        ^[-+]?(
          0[xob][0-9a-fA-F_]+
        | [0-9][0-9_,:]*(\.[0-9_]*)?([eE][-+]?[0-9]+)?
        | \.[0-9][0-9_]*([eE][-+]?[0-9]+)?
        | \.(inf|Inf|INF|nan|NaN|NAN)
        | [0-9]{4}-[0-9]{1,2}-[0-9]{1,2}([Tt\x20].*)?
        )$
        """,
        RegexOptions.IgnorePatternWhitespace)]
    private static partial Regex LooksNumeric();

    [GeneratedRegex("^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\\.[0-9]{1,7})?(Z|[+-][0-9]{2}:[0-9]{2})$")]
    private static partial Regex TimeText();
}
