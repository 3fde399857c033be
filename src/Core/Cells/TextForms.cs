using System.Buffers;
using System.Globalization;
using System.Text;

namespace ControlPlane.Cells;

/// <summary>
/// Finds words in bytes of any kind, however they are written there: as they are, in UTF-16, in hexadecimal, in base64
/// at any offset, percent-encoded, escaped as in JSON, in capitals, backwards, or in pieces.
/// </summary>
public sealed class TextForms
{
    /// <summary>Letters of a piece; a shorter one says nothing about where it comes from.</summary>
    public const int PieceLetters = 8;

    private const int StepLetters = 4;

    /// <summary>Patterns that are looked for at once; with many more the search is many times slower.</summary>
    private const int PatternsAtOnce = 48;

    private readonly Dictionary<string, TextForm> forms = new(StringComparer.Ordinal);
    private readonly List<SearchValues<string>> patterns;

    public TextForms(IEnumerable<string> words)
    {
        foreach (var word in words.Distinct(StringComparer.Ordinal)) Add(word);
        patterns = [.. forms.Keys.Order(StringComparer.Ordinal).Chunk(PatternsAtOnce)
            .Select(some => SearchValues.Create(some, StringComparison.Ordinal))];
        Longest = forms.Keys.Select(pattern => pattern.Length).DefaultIfEmpty(1).Max();
    }

    /// <summary>Bytes of the longest form; windows over a long text overlap by so many.</summary>
    public int Longest { get; }

    /// <summary>A form of a word that stands in the bytes; null when none does.</summary>
    public TextForm? Find(ReadOnlySpan<byte> bytes)
    {
        var letters = ArrayPool<char>.Shared.Rent(bytes.Length);
        try
        {
            var text = letters.AsSpan(0, Encoding.Latin1.GetChars(bytes, letters));
            foreach (var some in patterns)
            {
                if (text.IndexOfAny(some) is >= 0 and var at) return FormAt(text[at..]);
            }

            return null;
        }
        finally
        {
            ArrayPool<char>.Shared.Return(letters);
        }
    }

    /// <summary>Which of them it is matters to whoever reads of it; the longest says most.</summary>
    private TextForm FormAt(ReadOnlySpan<char> text)
    {
        var longest = "";
        foreach (var form in forms.Keys)
        {
            if (form.Length > longest.Length && text.StartsWith(form, StringComparison.Ordinal)) longest = form;
        }

        return forms[longest];
    }

    private void Add(string word)
    {
        AddForms(word, word, "");
        for (var at = 0; at + PieceLetters <= word.Length && word.Length > PieceLetters; at += StepLetters)
            AddForms(word, word.Substring(at, PieceLetters), "a piece of it, ");
    }

    private void AddForms(string word, string text, string piece)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        foreach (var (form, pattern) in Written(text, bytes))
        {
            if (pattern.Length >= Math.Min(PieceLetters, bytes.Length))
                forms.TryAdd(pattern, new TextForm(word, piece + form));
        }
    }

    private static IEnumerable<(string Form, string Pattern)> Written(string text, byte[] bytes)
    {
        var plain = Latin(bytes);
        yield return ("as it is", plain);
        yield return ("in capitals", Latin(Encoding.UTF8.GetBytes(text.ToUpperInvariant())));
        yield return ("backwards", new string([.. plain.Reverse()]));
        yield return ("in hexadecimal", Convert.ToHexStringLower(bytes));
        yield return ("in hexadecimal", Convert.ToHexString(bytes));
        yield return ("percent-encoded", Each(bytes, value => $"%{value:X2}"));
        yield return ("percent-encoded", Each(bytes, value => $"%{value:x2}"));
        yield return ("escaped as in JSON", string.Concat(text.Select(letter => Hex(letter, "X4"))));
        yield return ("escaped as in JSON", string.Concat(text.Select(letter => Hex(letter, "x4"))));
        foreach (var form in Base64Of(bytes)) yield return ("in base64", form);
        foreach (var (name, encoding) in new[] { ("little", Encoding.Unicode), ("big", Encoding.BigEndianUnicode) })
        {
            var wide = encoding.GetBytes(text);
            yield return ($"in UTF-16, {name} end first", Latin(wide));
            foreach (var form in Base64Of(wide)) yield return ($"in base64 of UTF-16, {name} end first", form);
        }
    }

    /// <summary>
    /// In base64 a text looks different at each of three offsets; letters that its neighbours share are cut.
    /// </summary>
    private static IEnumerable<string> Base64Of(byte[] bytes)
    {
        for (var before = 0; before < 3; before++)
        {
            var encoded = Convert.ToBase64String([.. new byte[before], .. bytes]);
            var first = ((before * 8) + 5) / 6;
            var last = (before + bytes.Length) * 8 / 6;
            var inside = encoded[first..last];
            yield return inside;
            yield return inside.Replace('+', '-').Replace('/', '_');
        }
    }

    private static string Latin(byte[] bytes) => Encoding.Latin1.GetString(bytes);

    private static string Hex(char letter, string format) =>
        "\\u" + ((int)letter).ToString(format, CultureInfo.InvariantCulture);

    private static string Each(byte[] bytes, Func<byte, string> write) => string.Concat(bytes.Select(write));
}

/// <summary>A word and how it was written where it was found.</summary>
public sealed record TextForm(string Word, string Form);
