using System.Text;
using ControlPlane.Files;

namespace ControlPlane.Server.Hosting;

/// <summary>
/// Reads the members of one object by name. What is asked for is what is known: <see cref="Finish"/> complains about
/// every other member. Every method that finds something wrong says so and answers null, so that reading goes on.
/// </summary>
internal sealed class FieldReader(BodyObject node, Complaints problems)
{
    private const int LongestName = 63;

    // Room for every member of a request at once.
    private readonly List<string> known = new(32);

    /// <summary>Reads a whole body, which must be an object; or what keeps it from being read at all.</summary>
    public static Checked<FieldReader> OfBody(byte[] body)
    {
        var parsed = StrictJson.Parse(body);
        if (!parsed.IsValid) return Checked<FieldReader>.Invalid(parsed.Problems);
        var problems = new Complaints();
        return Of(parsed.Value, problems) is { } fields
            ? Checked<FieldReader>.Valid(fields)
            : problems.Invalid<FieldReader>();
    }

    /// <summary>Reads a value that must be an object; null, and a complaint, when it is none.</summary>
    public static FieldReader? Of(BodyNode value, Complaints problems)
    {
        if (value is BodyObject found) return new FieldReader(found, problems);
        problems.Add(ProblemCatalog.FieldType.At(value.Pointer, $"must be an object, is {value.Form}"));
        return null;
    }

    /// <summary>What is wrong so far, here and wherever else the same complaints are gathered.</summary>
    public Complaints Wrong => problems;

    /// <summary>Names asked for so far, in order.</summary>
    public IReadOnlyList<string> Known => known;

    /// <summary>Complains about members that nobody asked for.</summary>
    public void Finish()
    {
        foreach (var (name, value) in node.Members)
        {
            if (known.Contains(name, StringComparer.Ordinal)) continue;
            problems.Add(ProblemCatalog.UnknownField.At(
                value.Pointer, $"is not known{NearestName.Hint(Shown.Text(name), known)}"));
        }
    }

    /// <summary>Whether the member was sent, whatever it holds.</summary>
    public bool Has(string name) => node.Find(name) is not null;

    public void Complain(ProblemKind kind, string name, string message) =>
        problems.Add(kind.At(node.PointerTo(name), message));

    /// <summary>A required name of lower-case letters, digits and inner hyphens.</summary>
    public string? Name(string name) => Text(name, required: true) is { } text && CheckName(text) ? text.Text : null;

    /// <summary>The same, when it may be left out.</summary>
    public string? OptionalName(string name) =>
        Text(name, required: false) is { } text && CheckName(text) ? text.Text : null;

    public BodyText? Text(string name, bool required) => Find<BodyText>(name, required, "a text");

    public BodyObject? Object(string name) => Find<BodyObject>(name, required: false, "an object");

    public BodyList? List(string name, bool required) => Find<BodyList>(name, required, "a list");

    public bool Flag(string name) => Find<BodyFlag>(name, required: false, "true or false") is { Value: true };

    /// <summary>One of a few values.</summary>
    public T? Choice<T>(string name, bool required, IReadOnlyList<KeyValuePair<string, T>> choices) where T : struct
    {
        if (Text(name, required) is not { } text) return null;
        foreach (var (value, choice) in choices)
        {
            if (string.Equals(value, text.Text, StringComparison.Ordinal)) return choice;
        }

        var names = choices.Select(choice => choice.Key).ToList();
        problems.Add(ProblemCatalog.ValueUnknown.At(text.Pointer,
            $"must be one of {string.Join(", ", names)}, is "
                + $"'{Shown.Text(text.Text)}'{NearestName.Hint(text.Text, names)}"));
        return null;
    }

    /// <summary>A whole number within bounds; null when it is absent or wrong.</summary>
    public long? Whole(string name, bool required, long least, long most)
    {
        if (Find<BodyNumber>(name, required, "a whole number") is not { } number) return null;
        switch (WrittenNumber.Whole(number.Written))
        {
            case { } whole when whole >= least && whole <= most:
                return whole;
            case null when !WrittenNumber.IsTooLarge(number.Written):
                Wrong(
                    ProblemCatalog.FieldType,
                    $"must be a whole number written with digits only, is {Shown.Text(number.Written)}");
                return null;
            default:
                Wrong(ProblemCatalog.OutOfRange, $"must be {least} to {most}, is {Shown.Text(number.Written)}");
                return null;
        }

        void Wrong(ProblemKind kind, string message) => problems.Add(kind.At(number.Pointer, message));
    }

    /// <summary>A number of at most three decimals, more than 0.</summary>
    public decimal? Amount(string name, long most)
    {
        if (Find<BodyNumber>(name, required: false, "a number") is not { } number) return null;
        if (WrittenNumber.Decimal(number.Written) is { } value
            && value > 0 && value <= most && decimal.Round(value, 3) == value) return value;
        problems.Add(ProblemCatalog.OutOfRange.At(number.Pointer,
            $"must be 0.001 to {most} with at most three decimals, is {Shown.Text(number.Written)}"));
        return null;
    }

    /// <summary>
    /// The texts of a list, in order, each with its pointer; entries that are no texts are complained about.
    /// </summary>
    public List<BodyText> Texts(string name, int most)
    {
        if (List(name, required: false) is not { } list) return [];
        if (list.Items.Count > most)
        {
            problems.Add(
                ProblemCatalog.TooMany.At(list.Pointer, $"has {list.Items.Count} entries; the limit is {most}"));
            return [];
        }

        foreach (var item in list.Items.Where(item => item is not BodyText)) Mistyped(item, "a text");
        return [.. list.Items.OfType<BodyText>()];
    }

    public bool IsEmptyList(string name) => node.Find(name) is BodyList { Items.Count: 0 };

    /// <summary>The first character that people would not see as it is, or null.</summary>
    public static Rune? Hidden(string text)
    {
        foreach (var rune in text.EnumerateRunes())
        {
            if (Shown.IsHidden(rune)) return rune;
        }

        return null;
    }

    /// <summary>Whether a text is 1 to 63 lower-case letters, digits and inner hyphens.</summary>
    public static bool IsName(string text) =>
        text.Length is > 0 and <= LongestName
        && text.All(letter => char.IsAsciiLetterLower(letter) || char.IsAsciiDigit(letter) || letter == '-')
        && text[0] != '-' && text[^1] != '-';

    private bool CheckName(BodyText text)
    {
        if (IsName(text.Text)) return true;
        problems.Add(text.Text.Length > LongestName
            ? ProblemCatalog.TooLong.At(text.Pointer, $"has {text.Text.Length} letters; the limit is {LongestName}")
            : ProblemCatalog.NameFormat.At(text.Pointer,
                $"must be {NameFormatAttribute.DefaultExplanation}, is '{Shown.Text(text.Text)}'"));
        return false;
    }

    private T? Find<T>(string name, bool required, string wanted) where T : BodyNode
    {
        known.Add(name);
        switch (node.Find(name))
        {
            case T found:
                return found;
            case null when required:
                problems.Add(ProblemCatalog.FieldRequired.At(node.PointerTo(name), "is required"));
                return null;
            case null:
                return null;
            case var other:
                Mistyped(other, wanted);
                return null;
        }
    }

    private void Mistyped(BodyNode value, string wanted) => problems.Add(value is BodyNull
        ? ProblemCatalog.FieldNull.At(value.Pointer, "must not be null")
        : ProblemCatalog.FieldType.At(value.Pointer, $"must be {wanted}, is {value.Form}"));
}
