using System.Text;

namespace ControlPlane.Files;

/// <summary>Refuses text that is too large or holds characters that hide what a reader sees.</summary>
internal static class TextCheck
{
    /// <summary>Most bytes of one file, counted as UTF-8.</summary>
    public const int LargestFileBytes = 1 << 20;

    private const int MostReported = 20;

    public static IEnumerable<Problem> Find(SourceFile file)
    {
        // A character is at most three bytes, so counting is needed only near the limit.
        if (file.Text.Length > LargestFileBytes || Encoding.UTF8.GetByteCount(file.Text) > LargestFileBytes)
            return [TooLarge(file.Path)];
        return Forbidden(file).Take(MostReported);
    }

    public static Problem TooLarge(string path) =>
        Wrong("file-too-large", $"is larger than the limit of {LargestFileBytes} bytes", path, (1, 1));

    /// <summary>Control characters, and marks that reorder or hide text.</summary>
    public static bool IsForbidden(char letter) => letter switch
    {
        '\t' or '\n' or '\r' => false,
        '\u2028' or '\u2029' or '\uFEFF' or '\uFFFE' or '\uFFFF' => true,
        >= '\u202A' and <= '\u202E' => true,
        >= '\u2066' and <= '\u2069' => true,
        _ => char.IsControl(letter),
    };

    private static IEnumerable<Problem> Forbidden(SourceFile file)
    {
        var (line, column, indenting) = (1, 1, true);
        for (var index = file.Text.StartsWith('\uFEFF') ? 1 : 0; index < file.Text.Length; index++)
        {
            var letter = file.Text[index];
            if (letter == '\n')
            {
                (line, column, indenting) = (line + 1, 1, true);
                continue;
            }

            var paired = char.IsHighSurrogate(letter) && index + 1 < file.Text.Length
                && char.IsLowSurrogate(file.Text[index + 1]);
            if (paired) index++;
            else if (indenting && letter == '\t')
                yield return Wrong("yaml-syntax", "is indented with a tab; use spaces", file.Path, (line, column));
            else if (IsForbidden(letter) || char.IsSurrogate(letter))
                yield return Wrong("control-character", Naming(letter), file.Path, (line, column));
            indenting = indenting && letter == ' ';
            column++;
        }
    }

    /// <summary>Says which character is refused.</summary>
    public static string Naming(char letter) => $"holds U+{(int)letter:X4}, which is not allowed";

    private static Problem Wrong(string slug, string message, string file, (int Line, int Column) at) =>
        new(slug, "", message) { File = file, Line = at.Line, Column = at.Column };
}
